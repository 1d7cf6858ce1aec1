import { LookupError } from "../contract/errors.ts";
import { type HttpRequest, readBody } from "./event.ts";

/** JSON is UTF-8 (RFC 8259, 8.1): a charset parameter means nothing, but may not contradict that. */
const JSON_TYPE = /^application\/json(?:\s*;\s*(?:charset\s*=\s*"?utf-?8"?)?\s*)*$/i;

/**
 * The JSON object in a request's body.
 *
 * @throws LookupError UNSUPPORTED_MEDIA_TYPE, or INVALID_REQUEST that names `body`.
 */
export function readJsonObject(request: HttpRequest): Readonly<Record<string, unknown>> {
  const { "content-type": type = "", "content-encoding": encoding = "identity" } = request.headers;
  if (!JSON_TYPE.test(type.trim()) || encoding.trim().toLowerCase() !== "identity") {
    throw new LookupError("UNSUPPORTED_MEDIA_TYPE");
  }
  const value = parseJson(readBody(request));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidBody("must be a JSON object");
  }
  return value as Record<string, unknown>;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    // The parser's message quotes the text.
    throw invalidBody("is no JSON in UTF-8");
  }
}

export function invalidBody(message: string): LookupError {
  return new LookupError("INVALID_REQUEST", { errors: [{ field: "body", message }] });
}
