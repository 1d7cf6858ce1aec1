import { LookupError } from "../contract/errors.ts";
import type { Fields } from "../contract/object.ts";
import type { Recall } from "./ports.ts";

export type LedgerQuestion = keyof Recall;

/** Which of the ledger's questions it is; `null` for one that the upstream is asked. */
export function ledgerQuestionOf(input: Fields): LedgerQuestion | null {
  const isAboutDesktop = "desktop_id" in input || "desktop_name" in input || "desktop_ids" in input;
  if ("at" in input) return "holders";
  if (isAboutDesktop) return null;
  if ("user" in input) return "person";
  return "cursor" in input ? "changes" : null;
}

const FIELDS: Readonly<Record<LedgerQuestion, string>> = { person: "user", holders: "at", changes: "cursor" };

/** Without a ledger, such a question is none. */
export function needsLedger(question: LedgerQuestion): LookupError {
  const errors = [{ field: FIELDS[question], message: "needs the watch, which is off" }];
  const detail = "The watch is off: without it, only desktops can be asked about.";
  return new LookupError("INVALID_REQUEST", { errors, detail });
}
