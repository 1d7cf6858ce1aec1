import { type Fields, isObject } from "../contract/object.ts";
import { invalidBody } from "../http/json-body.ts";

/** @throws LookupError INVALID_REQUEST: what is signed is not what the platform is known to send. */
export function readJson(text: string): Fields {
  const fields = parse(text);
  if (!isObject(fields)) throw invalidBody("must be a JSON object");
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
    const fields: unknown = JSON.parse(text ?? "");
    return isObject(fields) ? fields : null;
  } catch {
    return null;
  }
}

/** Text that is not empty, else `null`. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
