import type { Caller } from "../access/caller.ts";
import type { FieldError } from "../contract/errors.ts";
import type { ChangesAnswer, HoldersAnswer, PersonAnswer } from "../contract/ledger-answers.ts";
import type { Fields } from "../contract/object.ts";
import type { CallContext } from "../observe/call.ts";

/** A question as it came, and who has it. */
export interface Asking {
  input: Fields;
  /** Faults that were found on the way here. */
  known?: readonly FieldError[];
  caller: Caller;
  call: CallContext;
}

/** What only the ledger knows. Each throws LookupError. */
export interface Recall {
  /** Which desktops did this person lose, and when? */
  person(asking: Asking): Promise<PersonAnswer>;
  /** Who held this desktop then? */
  holders(asking: Asking): Promise<HoldersAnswer>;
  /** What happened since? */
  changes(asking: Asking): Promise<ChangesAnswer>;
}

export type OpenRecall = () => Promise<Recall>;
