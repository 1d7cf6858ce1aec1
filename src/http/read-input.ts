import type { FieldError } from "../contract/errors.ts";
import type { Fields } from "../contract/object.ts";
import type { HttpRequest } from "./request.ts";

/** What path and query give, and its faults: a parameter given twice among them. */
export function readInput(
  request: HttpRequest,
  parameters: Readonly<Record<string, string | undefined>>,
): { input: Fields; faults: FieldError[] } {
  const input: Record<string, unknown> = { __proto__: null, ...parameters };
  const faults: FieldError[] = [];
  const fault = (field: string, message: string) => {
    if (faults.every((each) => each.field !== field)) faults.push({ field, message });
  };
  for (const [field, value] of request.query) {
    // The path names a desktop by its ID, the query by its name.
    if (field === "desktop_id") fault(field, "is not a known parameter");
    else if (input[field] !== undefined) fault(field, "is given more than once");
    else input[field] = value;
  }
  return { input, faults };
}
