import { formatInZone } from "../chat/format-time.ts";
import type { Language } from "../chat/language.ts";
import { clip, firstVisible, plainText } from "../contract/plain-text.ts";
import type { LedgerEvent } from "../ledger/event.ts";
import { readInstant } from "../time/instant.ts";
import type { Message, ProfileNotice } from "./channel.ts";
import { type WatchTexts, watchTextsIn } from "./texts.ts";

/** What people are to see, before it takes a platform's form. All texts are plain: a platform lets none through as markup. */
export interface Digest {
  title: string;
  /** In one line, for a notification. */
  summary: string;
  /** About the watch itself. */
  lines: readonly string[];
  /** The newest first. */
  rows: readonly DigestRow[];
  /** Says how many rows are not shown. */
  more: (count: number) => string;
}

/** One unbinding. */
export interface DigestRow {
  user: string;
  /** In brackets: the group, and what else is to be known. */
  about: string;
  desktop: string;
  /** Milliseconds since the epoch; `null` when the time cannot be read. */
  at: number | null;
  /** The time in the channel's zone, or the upstream's own text. */
  time: string;
}

/** How a channel wants to be told. */
export interface Presentation {
  language: Language;
  /** An IANA name. */
  timeZone: string;
}

/** Names are longer than this for mischief only. */
const MAX_NAME = 64;

export function makeDigest({ events, notices }: Message, presentation: Presentation): Digest {
  const texts = watchTextsIn(presentation.language);
  const profiles = new Set(events.map(({ profile }) => profile));
  const newestFirst = [...events].sort((a, b) => timeOf(b) - timeOf(a));
  const rows = newestFirst.map((event) => rowOf(event, texts, presentation, profiles.size > 1));
  const lines = linesOf(notices, texts, presentation);
  const [first] = rows;
  return {
    title: first ? texts.title(rows.length) : texts.about,
    summary: first ? texts.summary(first.user, first.desktop, rows.length - 1) : (lines[0] ?? texts.about),
    lines,
    rows,
    more: texts.more,
  };
}

function timeOf({ unbound_at: unboundAt, observed_at: observedAt }: LedgerEvent): number {
  return readInstant(unboundAt ?? observedAt) ?? 0;
}

function rowOf(
  event: LedgerEvent,
  texts: WatchTexts,
  { timeZone }: Presentation,
  withProfile: boolean,
): DigestRow {
  const about = [
    ...(event.type?.toUpperCase() === "GROUP" ? [texts.group] : []),
    ...named(event.user_group),
    ...(event.confirmed ? [] : [texts.unconfirmed]),
  ];
  const desktop = nameOf(event.desktop_name, event.desktop_id, texts.someDesktop);
  const at = event.unbound_at === null ? null : readInstant(event.unbound_at);
  const seenAt = readInstant(event.observed_at);
  const unread = firstVisible(event.detach_time);
  return {
    user: nameOf(event.user_name, event.user_id, texts.someone),
    about: about.join(", "),
    desktop: withProfile ? `${desktop} (${clip(plainText(event.profile), MAX_NAME)})` : desktop,
    at,
    time:
      at !== null
        ? formatInZone(at, timeZone)
        : unread !== ""
          ? texts.unknownTime(clip(unread, MAX_NAME))
          : texts.seenAt(seenAt === null ? event.observed_at : formatInZone(seenAt, timeZone)),
  };
}

function nameOf(name: string | null, id: string | null, otherwise: string): string {
  return clip(firstVisible(name, id, otherwise), MAX_NAME);
}

function named(text: string | null): string[] {
  const visible = firstVisible(text);
  return visible === "" ? [] : [clip(visible, MAX_NAME)];
}

/** One line says what is watched, however many profiles there are. */
function linesOf(notices: readonly ProfileNotice[], texts: WatchTexts, { timeZone }: Presentation): string[] {
  const fleets: { profile: string; desktops: number }[] = [];
  const others: string[] = [];
  for (const { profile, notice } of notices) {
    const name = clip(plainText(profile), MAX_NAME);
    if (notice.kind === "watching") {
      fleets.push({ profile: name, desktops: notice.desktops });
      continue;
    }
    if (notice.kind === "hello") {
      others.push(texts.hello);
      continue;
    }
    const since = formatInZone(readInstant(notice.since) ?? 0, timeZone);
    others.push(notice.kind === "blind" ? texts.blind(name, since) : texts.seesAgain(name, since));
  }
  return [...(fleets.length > 0 ? [texts.watching(fleets)] : []), ...others];
}

/**
 * A message with as many rows as fit, and the number of those that do not.
 *
 * @param build Makes the body with so many rows, and so many left out.
 * @param most Rows, whatever their size.
 * @param maxBytes Of the body, in UTF-8.
 */
export function fitted(
  digest: Digest,
  build: (rows: readonly DigestRow[], left: number) => string,
  { most, maxBytes }: { most: number; maxBytes: number },
): string {
  const { rows } = digest;
  const bodyOf = (shown: number) => build(rows.slice(0, shown), rows.length - shown);
  let [fits, tooMany] = [0, Math.min(rows.length, most) + 1];
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (Buffer.byteLength(bodyOf(middle)) <= maxBytes) fits = middle;
    else tooMany = middle;
  }
  return bodyOf(fits);
}

/** A row in one line of plain text. */
export function rowText({ user, about, desktop, time }: DigestRow): string {
  return `${user}${about === "" ? "" : ` (${about})`} — ${desktop} — ${time}`;
}

/** All of it as lines of plain text: what every platform takes. */
export function plainLines(
  { title, lines, more }: Digest,
  rows: readonly DigestRow[],
  left: number,
): string[] {
  return [title, ...lines, ...rows.map((row) => `• ${rowText(row)}`), ...(left > 0 ? [more(left)] : [])];
}
