import type { Result, Unbinding } from "../contract/answers.ts";
import { clip, firstVisible } from "../contract/plain-text.ts";
import { readInstant } from "../time/instant.ts";
import type { Card, Row, Section } from "./card.ts";
import type { Failed, Outcome } from "./chat-answer.ts";
import type { Options } from "./command.ts";
import { formatInZone } from "./format-time.ts";
import { explainError, makeCard, type Presentation } from "./make-card.ts";
import type { Texts } from "./texts/texts.ts";
import { textsIn } from "./texts.ts";

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
      : describeError(outcome, options, presentation),
  );
  const [only] = parts;
  const found = outcomes.filter((outcome) => "result" in outcome).length;
  const isOne = only !== undefined && parts.length === 1;
  const hasRows = parts.some(({ section }) => section.rows.length > 0);
  const profiles = new Set(
    outcomes.flatMap((outcome) => ("result" in outcome ? [firstVisible(outcome.result.profile)] : [])),
  );
  // Of a name that cannot be seen there is nothing to say.
  profiles.delete("");
  return makeCard(
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
  const name = clip(firstVisible(desktop_name, id), MAX_NAME);
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
  const ownTime = firstVisible(detach_time).trim();
  return {
    user: clip(firstVisible(user_name, user_id, texts.someone), MAX_NAME),
    about: clip(
      [type?.toUpperCase() === "GROUP" ? texts.group : "", firstVisible(user_group)]
        .filter((part) => part !== "")
        .join(", "),
      MAX_NAME,
    ),
    at,
    time:
      at !== null
        ? formatInZone(at, timeZone)
        : ownTime !== ""
          ? texts.unknownTime(clip(ownTime, MAX_NAME))
          : texts.noTime,
  };
}

function describeError(
  { target, error, profile }: Failed,
  options: Options,
  presentation: Presentation,
): Part {
  const { language, prefix } = presentation;
  const texts = textsIn(language);
  const asked = clip(firstVisible("id" in target ? target.id : target.name), MAX_NAME);
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
    const candidates = (error.candidates ?? []).filter(({ desktop_id }) => firstVisible(desktop_id) !== "");
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
