import { ERROR_CODES, type LookupError } from "../contract/errors.ts";
import { plainText } from "../contract/plain-text.ts";
import type { Card, Section } from "./card.ts";
import type { Language } from "./language.ts";
import type { Texts } from "./texts/texts.ts";
import { textsIn } from "./texts.ts";

/** For whom, and on what, a card is made. */
export interface Presentation {
  language: Language;
  /** An IANA name: where times are shown that the platform cannot put into the reader's own zone. */
  timeZone: string;
  /** Whether the platform shows times in the reader's own zone. */
  hasLocalTimes: boolean;
  /** Whether an answer is private unless the command says `public`. */
  offersPublic: boolean;
  /** What a person types before the desktop, such as `/unbound`. */
  prefix: string;
  requestId: string;
}

type Extra = Partial<Pick<Card, "sections" | "isPublic" | "notes" | "summary">>;

/** Every text in it is made harmless to read here, whatever it holds; a platform makes it harmless to parse. */
export function makeCard(
  tone: Card["tone"],
  title: string,
  { language, requestId }: Presentation,
  { sections = [], notes = [], isPublic = false, summary = title }: Extra,
): Card {
  return {
    language,
    tone,
    title: plainText(title),
    sections: sections.map(stripSection),
    notes: [...notes, textsIn(language).requestId(requestId)].map(plainText),
    summary: plainText(summary),
    isPublic,
  };
}

function stripSection({ name, id, lines, rows, lead, commands }: Section): Section {
  return {
    name: name === null ? null : plainText(name),
    id: id === null ? null : plainText(id),
    lines: lines.map(plainText),
    rows: rows.map(({ user, about, at, time }) => ({
      user: plainText(user),
      about: plainText(about),
      at,
      time: plainText(time),
    })),
    lead: lead === null ? null : plainText(lead),
    commands: commands.map(plainText),
  };
}

/** A section about no desktop in particular. */
export function words(lines: readonly string[], commands: readonly string[] = []): Section {
  return { name: null, id: null, lines, rows: [], lead: null, commands };
}

/** Ours to mend, or to pass: nothing that the person could do better. */
export function explainError(error: LookupError, texts: Texts): string {
  const [fault] = error.errors ?? [];
  if (error.code === "INVALID_REQUEST" && fault) return texts.wrongValue(fault.field, fault.message);
  const isPassing = ERROR_CODES[error.code].retryable;
  return isPassing ? texts.tryAgain(error.retryAfterSeconds ?? null) : texts.ourFault(error.code);
}
