import type { Language } from "./language.ts";

/**
 * What a person is to see, before it takes a platform's form. All texts are plain: any of them may hold what a user wrote,
 * so a platform lets none of them through as markup.
 */
export interface Card {
  language: Language;
  /** What kind of news it is. A colour may follow it; the words say it as well. */
  tone: "found" | "none" | "hint" | "fault";
  title: string;
  sections: readonly Section[];
  /** Small print. */
  notes: readonly string[];
  /** All of it in one line, for a notification. */
  summary: string;
  /** Whether everybody in the channel sees it. */
  isPublic: boolean;
}

/** What there is to say of one desktop, or of the whole if `name` is `null`. */
export interface Section {
  name: string | null;
  id: string | null;
  lines: readonly string[];
  rows: readonly Row[];
  /** What the commands are for, below the rows; `null` where the lines have said it. */
  lead: string | null;
  /** To copy. */
  commands: readonly string[];
}

/** One unbinding. */
export interface Row {
  user: string;
  /** The group, and that it is one if it is. */
  about: string;
  /** Milliseconds since the epoch; `null` when the time cannot be read. */
  at: number | null;
  /** The time in the configured zone, or the upstream's own text. */
  time: string;
}
