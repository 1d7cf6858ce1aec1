import { isUtf8 } from "node:buffer";
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
} from "node:zlib";
import { CANARY } from "./canaries.ts";
import { type Chance, chanceOf } from "./random.ts";

/** What an upstream might send. */
export interface BrokenAnswer {
  status: number;
  headers: Record<string, string>;
  bytes: Buffer;
}

const KEY = "desktop_detach_infos";

/** One of countless answers, most of them broken in some way: status × body × damage × encoding. */
export function brokenAnswer(seed: number): BrokenAnswer {
  const chance = chanceOf(seed);
  const status = chance.percent(70) ? 200 : chance.pick(STATUSES);
  const body = chance.percent(30) ? whole(chance) : damaged(whole(chance), chance);
  const { bytes, encoding } = encoded(body, chance);
  const headers: Record<string, string> = { "content-type": chance.pick(CONTENT_TYPES) };
  if (encoding !== null) headers["content-encoding"] = encoding;
  if (chance.percent(10)) headers["retry-after"] = chance.pick(WAITS);
  if (chance.percent(10)) headers["date"] = chance.pick(DATES);
  if (chance.percent(10))
    headers["x-request-id"] = chance.pick(["r-1", "", "\t", "r".repeat(500), `r ${CANARY.upstreamText}`]);
  return { status, headers, bytes };
}

const STATUSES = [
  201, 202, 203, 204, 205, 206, 226, 299, 300, 301, 302, 304, 307, 308, 399, 400, 401, 403, 404, 405, 409,
  413, 418, 429, 499, 500, 501, 502, 503, 504, 599, 600, 999,
];
const CONTENT_TYPES = ["application/json", "text/html", "application/json; charset=gbk", "", "*/*"];
const WAITS = [
  "0",
  "1",
  "-1",
  "3600",
  "99999999999",
  "1.5",
  "soon",
  "Thu, 01 Jan 2026 00:00:00 GMT",
  "Mon, 99",
  "",
];
const DATES = ["Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 01 Jan 2099 00:00:00 GMT", "yesterday", ""];

const VALUES: readonly unknown[] = [
  null,
  "",
  "x",
  0,
  -1,
  1.5,
  1e21,
  2 ** 53,
  true,
  false,
  {},
  [],
  [[]],
  { a: null },
  "2026-02-10T08:15:30.000Z",
  "2020-01-08T03:16:01:599000Z",
  "2022-01-25 09:24:27",
  1_770_000_000_000,
  "9".repeat(400),
  "\ud800",
  "\u0000",
  "=1+1",
];

function row(chance: Chance): unknown {
  if (chance.percent(5)) return chance.pick(VALUES);
  const fields: Record<string, unknown> = {};
  for (const name of [
    "desktop_id",
    "desktop_name",
    "user_id",
    "user_name",
    "user_group",
    "type",
    "detach_time",
  ]) {
    if (chance.percent(90))
      fields[name] = chance.percent(80) ? `${name}-${chance.below(100)}` : chance.pick(VALUES);
  }
  return fields;
}

function rows(chance: Chance): unknown[] {
  return Array.from({ length: chance.below(5) }, () => row(chance));
}

const CODES = [
  "WKS.0915",
  "WKS.0202",
  "APIGW.0301",
  "APIGW.0308",
  "APIGW.0101",
  "IAM.0002",
  "PAP5.0001",
  "",
  "?",
  0,
  403,
  null,
  {},
];
const CODE_NAMES = ["error_code", "errorCode", "code"];
const TEXTS = [
  CANARY.upstreamText,
  "not found",
  "limit:200,time:5 minute",
  "server time:20260101T000000Z",
  "",
];

function errorBody(chance: Chance): object {
  const fields = { [chance.pick(CODE_NAMES)]: chance.pick(CODES), error_msg: chance.pick(TEXTS) };
  return chance.percent(30) ? { error: fields } : fields;
}

/** An answer before it is damaged. */
function whole(chance: Chance): string {
  switch (chance.below(10)) {
    case 0:
      return JSON.stringify({ [KEY]: [] });
    case 1:
      return JSON.stringify({ [KEY]: null });
    case 2:
      return JSON.stringify(errorBody(chance));
    case 3:
      return JSON.stringify({ [KEY]: rows(chance), ...errorBody(chance) });
    case 4:
      return `{"${KEY}":${JSON.stringify(rows(chance))},"${chance.percent(50) ? KEY : "desktop\\u005fdetach_infos"}":${JSON.stringify(rows(chance))}}`;
    case 5:
      return JSON.stringify(chance.percent(50) ? { [KEY]: chance.pick(VALUES) } : chance.pick(VALUES)) ?? "";
    default:
      return JSON.stringify({ [KEY]: rows(chance) });
  }
}

const FRAGMENTS = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "null",
  "\\",
  "\n",
  "[]",
  "{}",
  KEY,
  `"${KEY}":[],`,
  "\u0000",
  "\ufeff",
  "<html>",
];

/** One to three wounds. */
function damaged(body: string, chance: Chance): Buffer {
  let bytes: Buffer = Buffer.from(body);
  for (let wounds = 1 + chance.below(3); wounds > 0; wounds--) bytes = wounded(bytes, chance);
  return bytes;
}

function wounded(bytes: Buffer, chance: Chance): Buffer {
  const at = chance.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + chance.below(20));
  const [head, middle, tail] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  switch (chance.below(6)) {
    case 0:
      return head;
    case 1:
      return Buffer.concat([head, tail]);
    case 2:
      return Buffer.concat([head, middle, middle, tail]);
    case 3:
      return Buffer.concat([head, Buffer.from([chance.below(256)]), bytes.subarray(at + 1)]);
    case 4:
      return Buffer.concat([head, Buffer.from(chance.pick(FRAGMENTS)), bytes.subarray(at)]);
    default:
      return Buffer.from(
        bytes.toString("latin1").replace(chance.pick(FRAGMENTS), chance.pick(FRAGMENTS)),
        "latin1",
      );
  }
}

const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

interface Encoded {
  bytes: Buffer;
  encoding: string | null;
}

function encoded(body: string | Buffer, chance: Chance): Encoded {
  const bytes = Buffer.from(body as string);
  if (chance.percent(80))
    return { bytes, encoding: chance.percent(95) ? null : chance.pick(["identity", "", "IDENTITY "]) };
  switch (chance.below(9)) {
    case 0:
      return { bytes: gzipSync(bytes), encoding: chance.pick(["gzip", "x-gzip", " GZip"]) };
    case 1:
      return { bytes: deflateSync(bytes), encoding: "deflate" };
    case 2:
      return { bytes: brotliCompressSync(bytes, QUICK), encoding: "br" };
    case 3:
      return { bytes, encoding: chance.pick(["gzip", "br", "deflate"]) };
    case 4:
      return { bytes: gzipSync(gzipSync(bytes)), encoding: chance.pick(["gzip", "gzip, gzip"]) };
    case 5:
      return { bytes: wounded(gzipSync(bytes), chance), encoding: "gzip" };
    case 6:
      return { bytes: deflateRawSync(bytes), encoding: "deflate" };
    case 7:
      return { bytes: gzipSync(bytes), encoding: null };
    default:
      return { bytes, encoding: chance.pick(["zstd", "constructor", "gzip;q=1", "identity, identity"]) };
  }
}

/**
 * How many rows an answer truly holds, read by other means than ours; `null` when it says nothing that may be
 * answered as a list. A key that is there twice says nothing either, unless both lists are the same in length.
 */
export function truthOf({ status, headers, bytes }: BrokenAnswer): number | null {
  if (status !== 200) return null;
  const body = decodedOf(bytes, (headers["content-encoding"] ?? "").trim().toLowerCase());
  if (body === null || !isUtf8(body)) return null;
  let value: unknown;
  let lists = 0;
  try {
    value = JSON.parse(body.toString("utf8").replace(/^\ufeff/, ""));
    lists = body.toString("utf8").replaceAll("\\u005f", "_").split(`"${KEY}"`).length - 1;
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const { [KEY]: list, ...others } = value as Record<string, unknown>;
  if (Array.isArray(list)) return list.length > 0 || lists === 1 ? list.length : null;
  return (list === undefined || list === null) && Object.keys(others).length === 0 && lists <= 1 ? 0 : null;
}

function decodedOf(bytes: Buffer, encoding: string): Buffer | null {
  try {
    if (encoding === "" || encoding === "identity") return bytes;
    if (encoding === "gzip" || encoding === "x-gzip") return gunzipSync(bytes);
    if (encoding === "deflate") return inflateSync(bytes);
    return encoding === "br" ? brotliDecompressSync(bytes) : null;
  } catch {
    return null;
  }
}
