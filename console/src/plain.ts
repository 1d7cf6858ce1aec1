import { plainText } from "../../src/contract/plain-text.ts";

/**
 * What others wrote (names, IDs, times), as a person may see it: without controls, invisible characters and direction
 * overrides. The first text that has something left is taken; an empty text when none has.
 */
export function visible(...texts: readonly (string | null | undefined)[]): string {
  for (const text of texts) {
    const plain = plainText(text ?? "").trim();
    if (plain !== "") return plain;
  }
  return "";
}
