import { uniqueInAnyCase } from "./unique.ts";

/** One thing to look up: a desktop by its ID or by its name. */
export interface Target {
  kind: "id" | "name";
  text: string;
}

/** As many as a batch of the API takes. */
export const MAX_TARGETS = 100;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * What was typed, as targets: separated by spaces, lines or commas of either script, each once (names in any case).
 * IDs are UUIDs in practice; anything else is taken for a name.
 */
export function readTargets(text: string): Target[] {
  const words = text.split(/[\s,;，；、]+/u).filter((word) => word !== "");
  return uniqueInAnyCase(words).map((word) => ({ kind: UUID.test(word) ? "id" : "name", text: word }));
}
