import { createHash, createHmac } from "node:crypto";

/** A request as it came over the wire, nothing decoded. */
export interface WireRequest {
  method: string;
  /** Path and query. */
  target: string;
  /** Names in any case; a name may come several times. */
  headers: readonly (readonly [string, string])[];
  body: Buffer;
}

export interface AccessKey {
  accessKey: string;
  secretKey: string;
  /** Only for temporary keys. */
  securityToken: string | null;
}

/** Why the gateway turns a request away, in the words that it uses for it. */
export type SignatureVerdict<Key> = { key: Key } | { refusal: string };

const CLOCK_WINDOW_MS = 15 * 60_000;
const AUTHORIZATION =
  /^SDK-HMAC-SHA256 Access=([^\s,]+), ?SignedHeaders=([^\s,]+), ?Signature=([0-9a-f]{64})$/;
const SDK_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/**
 * Checks an SDK-HMAC-SHA256 signature as Huawei's API gateway does: from what is on the wire, with none of the
 * code that made it, so that a fault of the signer cannot hide behind the same fault here.
 *
 * @param now Milliseconds since the epoch.
 * @see https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html
 */
export function checkSignature<Key extends AccessKey>(
  request: WireRequest,
  keys: readonly Key[],
  now: number,
): SignatureVerdict<Key> {
  const authorization = headerOf(request, "authorization");
  if (authorization === null) return refused("Get secretKey failed, no authentication information");
  const [, accessKey, signedHeaders = "", signature] = AUTHORIZATION.exec(authorization) ?? [];
  if (accessKey === undefined) return refused("authorization format error");

  const signed = signedHeaders.split(";");
  const date = headerOf(request, "x-sdk-date");
  const signedAt = date === null ? null : readSdkDate(date);
  if (date === null || signedAt === null || !signed.includes("x-sdk-date")) {
    return refused("x-sdk-date is missing or not signed");
  }
  if (Math.abs(now - signedAt) > CLOCK_WINDOW_MS) {
    return refused(`signature expired, signature time:${date},server time:${writeSdkDate(now)}`);
  }
  if (!signed.includes("host")) return refused("host is not signed");

  const key = keys.find((candidate) => candidate.accessKey === accessKey);
  if (!key) return refused(`ak ${accessKey} not exist`);
  if (headerOf(request, "x-security-token") !== key.securityToken) {
    return refused("x-security-token is not that of the access key");
  }
  if (key.securityToken !== null && !signed.includes("x-security-token")) {
    return refused("x-security-token is not signed");
  }

  const stringToSign = `SDK-HMAC-SHA256\n${date}\n${sha256(canonicalRequest(request, signed))}`;
  const expected = createHmac("sha256", key.secretKey).update(stringToSign).digest("hex");
  return expected === signature ? { key } : refused("verify aksk signature fail, signature does not match");
}

function canonicalRequest(request: WireRequest, signed: readonly string[]): string {
  const [path = "", query = ""] = split(request.target, "?");
  const uri = path
    .split("/")
    .map((segment) => encode(decode(segment)))
    .join("/");
  return [
    request.method,
    uri.endsWith("/") ? uri : `${uri}/`,
    canonicalQuery(query),
    ...signed.map((name) => `${name}:${headerOf(request, name) ?? ""}`),
    "",
    signed.join(";"),
    sha256(request.body),
  ].join("\n");
}

function canonicalQuery(query: string): string {
  const pairs = query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => split(pair, "=").map(decode));
  // Sorted as names and then values: as whole pairs, "a-b=" would come before "a=".
  pairs.sort(([nameA = "", valueA = ""], [nameB = "", valueB = ""]) =>
    nameA === nameB ? compare(valueA, valueB) : compare(nameA, nameB),
  );
  return pairs.map(([name = "", value = ""]) => `${encode(name)}=${encode(value)}`).join("&");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The text before and after the first separator. */
function split(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign stands for itself.
    return text;
  }
}

/** By RFC 3986. */
function encode(text: string): string {
  return Array.from(Buffer.from(text, "utf8"), (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9\-._~]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

/** The header's trimmed value; `null` when it is missing or there are several. */
function headerOf({ headers }: WireRequest, wanted: string): string | null {
  const values = headers.filter(([name]) => name.toLowerCase() === wanted);
  return values.length === 1 ? (values[0]?.[1] ?? "").trim() : null;
}

function readSdkDate(text: string): number | null {
  const [, year, month, day, hour, minute, second] = SDK_DATE.exec(text) ?? [];
  const instant = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(instant) ? null : instant;
}

function writeSdkDate(instant: number): string {
  return new Date(instant).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

function refused(refusal: string): { refusal: string } {
  return { refusal };
}
