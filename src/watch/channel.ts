import type { Verdict } from "../chat/verdict.ts";
import type { LedgerEvent } from "../ledger/event.ts";
import type { Notice } from "../ledger/outbox.ts";
import type { Deadline } from "../time/deadline.ts";

/** What is to be told at once. */
export interface Message {
  /** The same for the same events and notices. */
  id: string;
  events: readonly LedgerEvent[];
  notices: readonly ProfileNotice[];
  /** The platform refused the form of it: now without any. */
  isPlain: boolean;
}

export interface ProfileNotice {
  profile: string;
  notice: Notice;
}

/** Where events are told. */
export interface Channel {
  /** Its name in the ledger, which no other channel has. */
  key: string;
  /** Its name for people. */
  name: string;
  watches(profile: string): boolean;
  /** Whether it is told nobody's name and no ID. */
  hidesUsers: boolean;
  /** Whether people read it: then it is told when the watch begins, is blind, and sees again. */
  hasReaders: boolean;
  /** How many events a message holds, and how many messages go out side by side. */
  most: { events: number; atOnce: number };
  /** Whether the platform takes a message of the same ID once: then what may have arrived is sent again by itself. */
  isIdempotent: boolean;
  /** Never throws. @returns What became of each event and notice, or of all at once. */
  send(message: Message, time: Deadline): Promise<Verdict | readonly Verdict[]>;
}
