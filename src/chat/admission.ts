import * as z from "zod/mini";
import { type Caller, nameOf } from "../access/caller.ts";
import { LookupError } from "../contract/errors.ts";
import type { CallContext } from "../observe/call.ts";
import type { LogFields } from "../observe/log-fields.ts";
import { refusalCard } from "./cards.ts";
import type { ChatAnswer } from "./chat-answer.ts";
import type { Presentation } from "./make-card.ts";
import type { Sender } from "./message.ts";

/** Who may ask: everybody the platform lets write to us, or who is on every list that is not empty. */
export type Admission = "all" | Readonly<Record<string, readonly string[] | undefined>>;

const listSchema = z.optional(z.array(z.string("must be a list of texts"), "must be a list of texts"));

/** The form of `allow` in the chat secret, with the lists that the platform knows. Missing, it lets nobody in. */
export function admissionSchema(lists: readonly string[]) {
  const message = `must be "all" or an object of lists: ${lists.join(", ")}`;
  const object = z.strictObject(Object.fromEntries(lists.map((list) => [list, listSchema])), message);
  return z.optional(z.union([z.literal("all"), object], message));
}

/** What is on no list: an ID is never so. */
const NOBODY = "\u0000";

/** Closed when there is no list, or none with anybody on it. */
export function isAdmitted(allow: Admission | undefined, sender: Sender): boolean {
  if (allow === undefined) return false;
  if (allow === "all") return true;
  const lists = Object.entries(allow).filter(([, list = []]) => list.length > 0);
  return lists.length > 0 && lists.every(([name, list = []]) => list.includes(sender[name] || NOBODY));
}

/** Who is on no allow-list hears so before anything that was typed is looked at, and the audit has it. */
export function refuseAdmission(
  caller: Caller,
  presentation: Presentation,
  call: CallContext,
  audit: (fields: LogFields) => void,
): ChatAnswer {
  const error = new LookupError("FORBIDDEN");
  audit({ request_id: call.requestId, caller: nameOf(caller), outcome: "error", code: error.code });
  const card = refusalCard(presentation);
  return { card, command: null, mistakes: [], outcomes: [], error, isEarly: false };
}
