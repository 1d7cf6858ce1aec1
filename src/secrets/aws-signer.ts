import { createHash, createHmac } from "node:crypto";

/** A request to an AWS service, before it is signed. */
export interface Unsigned {
  method: string;
  path: string;
  /** Names in lower case, the host among them; all are signed. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What a signature is good for, and by whom. */
export interface Scope {
  service: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /** Milliseconds since the epoch: the moment of sending. */
  now: number;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/**
 * Signs a request for AWS (Signature Version 4); answers with all headers to send. The SDK's signer does the same with
 * fifteen times the code; `test/secrets/aws-signer.test.ts` holds this to it.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function sign(
  request: Unsigned,
  { service, region, credentials, now }: Scope,
): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const date = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = date.slice(0, 8);
  const bodyHash = sha256(request.body);
  const headers: Record<string, string> = {
    ...request.headers,
    "x-amz-date": date,
    "x-amz-content-sha256": bodyHash,
    ...(sessionToken && { "x-amz-security-token": sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const signedHeaders = names.join(";");
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join("");
  const canonical = `${request.method}\n${canonicalPath(request.path)}\n\n${lines}\n${signedHeaders}\n${bodyHash}`;
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, `${ALGORITHM}\n${date}\n${scope}\n${sha256(canonical)}`).toString("hex");
  headers["authorization"] =
    `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return headers;
}

/** Encoded once more than it is sent, as all services but S3 want it, and without empty segments. */
function canonicalPath(path: string): string {
  const encoded = path
    .replace(/\/{2,}/g, "/")
    .split("/")
    .map(encodeURIComponent)
    .join("/");
  return encoded.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
