import { ERROR_CODES, type LookupError } from "../errors.ts";
import { readInstant } from "../instant.ts";
import type { Result, Unbinding } from "../schema/answers.ts";
import { VERSION } from "../version.ts";
import type { Card, Row, Section } from "./card.ts";
import { type CommandFault, MAX_TARGETS, type Options, type Target } from "./command.ts";
import type { Outcome } from "./converse.ts";
import { clip, strip } from "./neutralise.ts";
import { type Language, type Texts, textsIn } from "./texts.ts";
import { formatInZone } from "./zone.ts";

/** For whom, and on what, a card is made. */
export interface Presentation {
  language: Language;
  /** An IANA name: where times are shown that the platform cannot put into the reader's own zone. */
  timeZone: string;
  /** Whether the platform shows times in the reader's own zone. */
  hasLocalTimes: boolean;
  /** What a person types before the desktop, such as `/unbound`. */
  prefix: string;
  requestId: string;
}

const EXAMPLE_NAME = "WIN-ALICE";
const EXAMPLE_ID = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";
/** What a user named, in code points: room for what it is, none to fill a card. */
const MAX_NAME = 64;
/** How many of the desktops that bear a name are offered. */
const MAX_CANDIDATES = 10;
/** What finding a desktop by its name takes. */
const LIST_PERMISSION = "workspace:desktops:list";
/** How many rows are asked for when there are more than are shown. */
const MORE_ROWS = 50;

/** Of the filters that are told again, in code points. */
const MAX_FILTERS = 120;

type Extra = Partial<Pick<Card, "sections" | "isPublic" | "notes" | "summary">>;

/** Every text in it is made harmless to read here, whatever it holds; a platform makes it harmless to parse. */
function card(
  tone: Card["tone"],
  title: string,
  { language, requestId }: Presentation,
  { sections = [], notes = [], isPublic = false, summary = title }: Extra,
): Card {
  return {
    language,
    tone,
    title: strip(title),
    sections: sections.map(stripSection),
    notes: [...notes, textsIn(language).requestId(requestId)].map(strip),
    summary: strip(summary),
    isPublic,
  };
}

function stripSection({ name, id, lines, rows, lead, commands }: Section): Section {
  return {
    name: name === null ? null : strip(name),
    id: id === null ? null : strip(id),
    lines: lines.map(strip),
    rows: rows.map(({ user, about, at, time }) => ({
      user: strip(user),
      about: strip(about),
      at,
      time: strip(time),
    })),
    lead: lead === null ? null : strip(lead),
    commands: commands.map(strip),
  };
}

/** A section about no desktop in particular. */
function words(lines: readonly string[], commands: readonly string[] = []): Section {
  return { name: null, id: null, lines, rows: [], lead: null, commands };
}

export function helpCard(presentation: Presentation): Card {
  const { language, prefix } = presentation;
  const texts = textsIn(language);
  return card("hint", texts.titles.help, presentation, {
    sections: [
      words(texts.help, [
        `${prefix} ${EXAMPLE_NAME}`,
        `${prefix} ${EXAMPLE_ID} since=30d`,
        `${prefix} ${EXAMPLE_NAME} WIN-BOB limit=20 public`,
      ]),
    ],
    notes: [`${texts.usage.replace("/unbound", prefix)}`, texts.version(VERSION)],
  });
}

/** Nothing was asked for. */
export function usageCard(presentation: Presentation): Card {
  const { language, prefix } = presentation;
  const texts = textsIn(language);
  return card("hint", texts.titles.usage, presentation, {
    sections: [
      words([texts.whichDesktop, texts.usage.replace("/unbound", prefix)], [`${prefix} ${EXAMPLE_NAME}`]),
    ],
  });
}

export type Mistake = CommandFault | { kind: "wrong-value"; field: string; message: string };

/** All that could not be understood, quoted back. */
export function mistakeCard(mistakes: readonly Mistake[], presentation: Presentation): Card {
  const texts = textsIn(presentation.language);
  const lines = mistakes.map((mistake) => explainMistake(mistake, texts));
  return card("hint", texts.titles.mistake, presentation, {
    sections: [words(lines, [`${presentation.prefix} help`])],
    summary: [texts.titles.mistake, ...lines.slice(0, 1)].join(": "),
  });
}

export function explainMistake(mistake: Mistake, texts: Texts): string {
  switch (mistake.kind) {
    case "unknown-option":
      return texts.unknownOption(mistake.text, mistake.nearest);
    case "repeated-option":
      return texts.repeatedOption(mistake.text);
    case "malformed-id":
      return texts.malformedId(mistake.text);
    case "too-many":
      return texts.tooMany(mistake.count, MAX_TARGETS);
    case "wrong-value":
      return texts.wrongValue(mistake.field, mistake.message);
  }
}

/** The words are the same whatever was asked for: nobody learns what there is. */
export function refusalCard(presentation: Presentation): Card {
  const texts = textsIn(presentation.language);
  return card("fault", texts.titles.refused, presentation, { sections: [words([texts.notAllowed])] });
}

/** The answer takes longer than the platform waits, and there is no way to send it later. */
export function askAgainCard(presentation: Presentation): Card {
  const texts = textsIn(presentation.language);
  return card("hint", texts.titles.later, presentation, { sections: [words([texts.stillLookingAskAgain])] });
}

/** The question itself could not be dealt with. */
export function faultCard(error: LookupError, presentation: Presentation): Card {
  const texts = textsIn(presentation.language);
  return card("fault", texts.titles.fault, presentation, { sections: [words([explainError(error, texts)])] });
}

export interface Answered {
  outcomes: readonly Outcome[];
  options: Options;
  isPublic: boolean;
}

/** What came of every desktop, one section each. */
export function resultCard({ outcomes, options, isPublic }: Answered, presentation: Presentation): Card {
  const texts = textsIn(presentation.language);
  const parts = outcomes.map((outcome) =>
    "result" in outcome
      ? describeResult(outcome.result, options, presentation)
      : describeError(outcome.target, outcome.error, outcome.profile, options, presentation),
  );
  const [only] = parts;
  const found = outcomes.filter((outcome) => "result" in outcome).length;
  const isOne = only !== undefined && parts.length === 1;
  const hasRows = parts.some(({ section }) => section.rows.length > 0);
  const profiles = new Set(
    outcomes.flatMap((outcome) => ("result" in outcome ? [outcome.result.profile] : [])),
  );
  return card(
    isOne ? only.tone : found > 0 ? "found" : "fault",
    isOne ? only.title : texts.titles.several(found, parts.length),
    presentation,
    {
      sections: parts.map(({ section }) => section),
      notes: [
        ...Array.from(profiles, texts.profile),
        ...(hasRows || found > 0
          ? [presentation.hasLocalTimes ? texts.timesAreYours : texts.timesAreIn(presentation.timeZone)]
          : []),
      ],
      summary: isOne
        ? only.summary
        : [texts.titles.several(found, parts.length), ...parts.map(({ summary }) => summary)].join("; "),
      isPublic,
    },
  );
}

interface Part {
  tone: Card["tone"];
  title: string;
  section: Section;
  summary: string;
}

function describeResult(result: Result, options: Options, presentation: Presentation): Part {
  const { language, prefix } = presentation;
  const texts = textsIn(language);
  const { desktop_id: id, desktop_name, count, total, unbindings } = result;
  const name = clip(desktop_name ?? id, MAX_NAME);
  const rows = unbindings.map((unbinding) => toRow(unbinding, presentation, texts));
  const [first] = rows;
  const typed = typedAgain(options, "limit", "fresh");
  const filters = texts.filters(clip(typed.join(" "), MAX_FILTERS));
  if (!first) {
    const text = texts.nobody(name, filters);
    const section = { name, id, lines: [text], rows: [], lead: null, commands: [] };
    return { tone: "none", title: texts.titles.none, section, summary: text };
  }
  const counted = texts.count(count, total);
  const isCut = count < total;
  const hasMore = isCut && count < MORE_ROWS;
  return {
    tone: "found",
    title: texts.titles.found,
    section: {
      name,
      id,
      lines: [`${counted}${filters}`, ...(isCut && !hasMore ? [texts.moreByTime] : [])],
      rows,
      lead: hasMore ? texts.more : null,
      commands: hasMore ? [[prefix, id, ...typed, `limit=${MORE_ROWS}`].join(" ")] : [],
    },
    summary: texts.summary(name, counted, first.user, first.time),
  };
}

/** The options as they were typed, but for some. */
function typedAgain(options: Options, ...but: readonly string[]): string[] {
  return Object.entries(options)
    .filter(([option]) => !but.includes(option))
    .map(([option, value]) => `${option}=${/[\s,;，；、]/u.test(value) ? `"${value}"` : value}`);
}

function toRow(unbinding: Unbinding, { timeZone }: Presentation, texts: Texts): Row {
  const { user_name, user_id, user_group, type, unbound_at, detach_time } = unbinding;
  const at = unbound_at === null ? null : readInstant(unbound_at);
  return {
    user: clip(user_name || user_id || texts.someone, MAX_NAME),
    about: clip(
      [type?.toUpperCase() === "GROUP" ? texts.group : null, user_group].filter(Boolean).join(", "),
      MAX_NAME,
    ),
    at,
    time:
      at !== null
        ? formatInZone(at, timeZone)
        : detach_time?.trim()
          ? texts.unknownTime(clip(detach_time.trim(), MAX_NAME))
          : texts.noTime,
  };
}

function describeError(
  target: Target,
  error: LookupError,
  profile: string | null,
  options: Options,
  presentation: Presentation,
): Part {
  const { language, prefix } = presentation;
  const texts = textsIn(language);
  const asked = clip("id" in target ? target.id : target.name, MAX_NAME);
  const part = (
    tone: Card["tone"],
    title: string,
    lines: readonly string[],
    commands: readonly string[] = [],
  ) => ({
    tone,
    title,
    section: { name: asked, id: null, lines, rows: [], lead: null, commands },
    summary: lines[0] ?? title,
  });
  if (error.code === "DESKTOP_NOT_FOUND") {
    return part("hint", texts.titles.notFound, [
      texts.notFound(asked, profile ?? options["profile"] ?? null),
    ]);
  }
  if (error.code === "AMBIGUOUS_NAME") {
    const { candidates = [] } = error;
    const choices = candidates.slice(0, MAX_CANDIDATES);
    const commands = choices.map(({ desktop_id }) =>
      [prefix, desktop_id, ...typedAgain(options, "fresh")].join(" "),
    );
    const line = texts.ambiguous(asked, candidates.length, choices.length);
    return part("hint", texts.titles.ambiguous, [line], commands);
  }
  if (error.code === "FORBIDDEN") return part("fault", texts.titles.refused, [texts.notAllowed]);
  const lines = [explainError(error, texts)];
  if (error.permission === LIST_PERMISSION) lines.push(texts.namesNeedPermission);
  return part("fault", texts.titles.fault, lines);
}

/** Ours to mend, or to pass: nothing that the person could do better. */
function explainError(error: LookupError, texts: Texts): string {
  const [fault] = error.errors ?? [];
  if (error.code === "INVALID_REQUEST" && fault) return texts.wrongValue(fault.field, fault.message);
  const isPassing = ERROR_CODES[error.code].retryable;
  return isPassing ? texts.tryAgain(error.retryAfterSeconds ?? null) : texts.ourFault(error.code);
}
