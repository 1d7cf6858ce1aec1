import { LookupError } from "../contract/errors.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** @throws LookupError INVALID_REQUEST: what is signed is not what the platform is known to send. */
export function readJson(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidBody("is no JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalidBody("must be a JSON object");
  return value as Fields;
}

export function invalidBody(message: string): LookupError {
  return new LookupError("INVALID_REQUEST", { errors: [{ field: "body", message }] });
}

/** What is there as an object; an empty one for anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** Text that is not empty, else `null`. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
