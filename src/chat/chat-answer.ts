import type { Result } from "../contract/answers.ts";
import type { LookupError } from "../contract/errors.ts";
import type { Card } from "./card.ts";
import type { Mistake } from "./cards.ts";
import type { Command, Target } from "./command.ts";

/** What came of one desktop that was asked for. */
export type Outcome = Found | Failed;

export interface Found {
  target: Target;
  result: Result;
}

export interface Failed {
  target: Target;
  error: LookupError;
  /** Which project was asked, as far as it is known. */
  profile: string | null;
}

/** What is to be said, and what it comes from. */
export interface ChatAnswer {
  card: Card;
  command: Command | null;
  mistakes: readonly Mistake[];
  outcomes: readonly Outcome[];
  /** What went wrong first, for the log; `null` when all is well. */
  error: LookupError | null;
  /** The time ran out before the upstream had answered: with more of it, there may be a better answer. */
  isEarly: boolean;
}
