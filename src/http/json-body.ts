import { LookupError } from "../contract/errors.ts";
import { type Fields, isObject } from "../contract/object.ts";
import type { HttpRequest } from "./request.ts";

/**
 * The JSON object in a request's body.
 *
 * @throws LookupError UNSUPPORTED_MEDIA_TYPE, or INVALID_REQUEST that names `body`.
 */
export function readJsonObject(request: HttpRequest): Fields {
  const value = readJson(request);
  if (value === undefined) throw invalidBody("is no JSON in UTF-8");
  if (!isObject(value)) throw invalidBody("must be a JSON object");
  return value;
}

/**
 * The JSON in a request's body; `undefined` when it is none in UTF-8.
 *
 * @throws LookupError UNSUPPORTED_MEDIA_TYPE
 */
export function readJson({ headers, body }: HttpRequest): unknown {
  const { "content-type": type = "", "content-encoding": encoding = "identity" } = headers;
  if (!isJsonType(type) || encoding.trim().toLowerCase() !== "identity") {
    throw new LookupError("UNSUPPORTED_MEDIA_TYPE");
  }
  return parseJson(body);
}

/** JSON is UTF-8 (RFC 8259, 8.1): a charset parameter means nothing, but may not contradict that. */
const UTF8_CHARSETS: ReadonlySet<string> = new Set(["charset=utf-8", "charset=utf8"]);

// Part by part: a regular expression for all of it can be made to take for ever.
function isJsonType(header: string): boolean {
  const [type = "", ...parameters] = header.toLowerCase().split(";");
  return type.trim() === "application/json" && parameters.every(isUtf8Charset);
}

function isUtf8Charset(parameter: string): boolean {
  const plain = parameter
    .replaceAll('"', "")
    .split("=")
    .map((part) => part.trim())
    .join("=");
  return plain === "" || UTF8_CHARSETS.has(plain);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    // The parser's message quotes the text.
    return undefined;
  }
}

export function invalidBody(message: string): LookupError {
  return new LookupError("INVALID_REQUEST", { errors: [{ field: "body", message }] });
}
