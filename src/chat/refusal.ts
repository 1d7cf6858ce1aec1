import { type Caller, nameOf } from "../access/caller.ts";
import { LookupError } from "../contract/errors.ts";
import type { CallContext } from "../observe/call.ts";
import type { LogFields } from "../observe/log-fields.ts";
import { refusalCard } from "./cards.ts";
import type { ChatAnswer } from "./chat-answer.ts";
import type { Presentation } from "./make-card.ts";

/** Who is on no allow-list hears so before anything that was typed is looked at, and the audit has it. */
export function refuse(
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
