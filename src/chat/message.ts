import type { Language } from "./language.ts";

/** What a platform made of a signed request: a person asks something. */
export interface Message {
  /** By which a second delivery of the same message is known; `null` when the platform gives none. */
  id: string | null;
  /** What was typed. */
  text: string;
  /** The sender's IDs, by the name of the allow-list that they may be on. */
  sender: Sender;
  /** Where the platform tells it. */
  language: Language | null;
  timeZone: string | null;
  /** How an answer gets back, where it cannot simply be given: for the platform's own `reply` and `deliver`. */
  returnTo: ReturnTo | null;
}

export type Sender = Readonly<Record<string, string | null>>;
/** Plain JSON. A URL in it is as good as a key, and is never logged. */
export type ReturnTo = Readonly<Record<string, string>>;

/** The sender in one text, for the audit: IDs, never a name. */
export function nameOfSender(sender: Sender): string {
  return Object.values(sender)
    .filter((id) => id !== null)
    .join("/");
}
