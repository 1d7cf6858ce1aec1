import { LookupError } from "../contract/errors.ts";
import { type Fields, fieldsOf } from "../contract/object.ts";

/** Bodies beyond this are refused, decoded length, in bytes. */
export const MAX_BODY_BYTES = 64 * 1024;

export const NO_BODY = Buffer.alloc(0);

/** What no gateway writes: whoever may invoke the function has made it up. */
export function notAnEvent(): LookupError {
  return new LookupError("INVALID_REQUEST", { errors: [{ field: "event", message: "is no HTTP event" }] });
}

/** Text, or what is easily written as text; `null` for nothing. */
export function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw notAnEvent();
}

/** Names in lower case; `lists` where the gateway gives all values of a repeated header, else the one that it gives. */
export function headersOf(single: unknown, lists?: unknown): Record<string, string> {
  // Names are foreign: `__proto__` is one like any other.
  const headers: Record<string, string> = Object.create(null);
  const fields = fieldsOf(single);
  for (const name in fields) {
    const text = textOf(fields[name]);
    if (text !== null) headers[name.toLowerCase()] = text;
  }
  for (const [name, values] of Object.entries(fieldsOf(lists))) {
    const texts = [values].flat().map(textOf);
    const joined = texts.filter((text) => text !== null).join(", ");
    if (texts.length > 0) headers[name.toLowerCase()] = joined;
  }
  return headers;
}

/** Names and values, `decode`d, from lists of values where there are any. */
export function pairsOf(
  single: unknown,
  lists: unknown,
  decode = (text: string) => text,
): [string, string][] {
  const multi = Object.entries(fieldsOf(lists));
  const pairs = multi.length > 0 ? multi : Object.entries(fieldsOf(single));
  return pairs.flatMap(([name, value]) =>
    [value].flat().map((each): [string, string] => [decode(name), decode(textOf(each) ?? "")]),
  );
}

/**
 * The body's bytes; empty when there is none.
 *
 * @throws LookupError PAYLOAD_TOO_LARGE beyond 64 kB, decoded. A huge one is not decoded to find out.
 */
export function bodyOf(fields: Fields): Buffer {
  const body = textOf(fields["body"]) ?? "";
  if (body === "") return NO_BODY;
  const isBase64Encoded = fields["isBase64Encoded"] === true;
  const leastBytes = isBase64Encoded ? (body.length * 3) / 4 - 2 : body.length;
  if (leastBytes > MAX_BODY_BYTES) throw new LookupError("PAYLOAD_TOO_LARGE");
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > MAX_BODY_BYTES) throw new LookupError("PAYLOAD_TOO_LARGE");
  return bytes;
}

export function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
