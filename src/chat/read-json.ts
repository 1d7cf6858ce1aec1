import { invalidBody } from "../http/json-body.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** @throws LookupError INVALID_REQUEST: what is signed is not what the platform is known to send. */
export function readJson(text: string): Fields {
  const fields = asFields(parse(text));
  if (!fields) throw invalidBody("must be a JSON object");
  return fields;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidBody("is no JSON");
  }
}

/** The object in a JSON text; `null` for anything else. An answer is read with this: no sender is to blame for it. */
export function parseObject(text: string | null): Fields | null {
  try {
    return asFields(JSON.parse(text ?? ""));
  } catch {
    return null;
  }
}

/** What is there as an object; an empty one for anything else. */
export function fieldsOf(value: unknown): Fields {
  return asFields(value) ?? {};
}

function asFields(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

/** Text that is not empty, else `null`. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
