import * as z from "zod/mini";
import type { LookupError } from "../contract/errors.ts";
import { isObject } from "../contract/object.ts";

/**
 * The JSON object that a secret's text is.
 *
 * @param invalid Makes the error out of what is wrong, in words that quote nothing.
 * @throws what `invalid` makes.
 */
export function parseSecretObject(
  text: string,
  invalid: (faults: readonly string[]) => LookupError,
): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    // The parser's message quotes the text, which is the secret: only that it failed is told.
    throw invalid(["it is not JSON"]);
  }
  if (!isObject(json)) throw invalid(["it is no JSON object"]);
  return json;
}

/** A text in a secret. */
export const secretText = z.string({
  error: ({ input }) => (input === undefined ? "is missing" : "must be text"),
});
