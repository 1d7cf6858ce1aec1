import * as z from "zod/mini";
import type { Sender } from "./message.ts";

/** Who may ask: everybody the platform lets write to us, or who is on every list that is not empty. */
export type Allow = "all" | Readonly<Record<string, readonly string[] | undefined>>;

const listSchema = z.optional(z.array(z.string("must be a list of texts"), "must be a list of texts"));

/** The form of `allow` in the chat secret, with the lists that the platform knows. Missing, it lets nobody in. */
export function allowSchema(lists: readonly string[]) {
  const message = `must be "all" or an object of lists: ${lists.join(", ")}`;
  const object = z.strictObject(Object.fromEntries(lists.map((list) => [list, listSchema])), message);
  return z.optional(z.union([z.literal("all"), object], message));
}

/** What is on no list: an ID is never so. */
const NOBODY = "\u0000";

/** Closed when there is no list, or none with anybody on it. */
export function isAllowed(allow: Allow | undefined, sender: Sender): boolean {
  if (allow === undefined) return false;
  if (allow === "all") return true;
  const lists = Object.entries(allow).filter(([, list = []]) => list.length > 0);
  return lists.length > 0 && lists.every(([name, list = []]) => list.includes(sender[name] || NOBODY));
}
