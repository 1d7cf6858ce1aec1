import { hash } from "node:crypto";
import type { Verdict } from "../chat/verdict.ts";
import { type ChannelState, changeChannel, readChannel } from "../ledger/channels.ts";
import type { LedgerEvent } from "../ledger/event.ts";
import type { HideId } from "../ledger/hiding-key.ts";
import { changeEntry, type OutboxItem, readOutbox, removeEntry } from "../ledger/outbox.ts";
import type { Deadline } from "../time/deadline.ts";
import type { Channel, Message, ProfileNotice } from "./channel.ts";
import { inParallel } from "./in-parallel.ts";
import type { WatchParts } from "./ports.ts";

/** One time that a channel is told. */
export interface Telling {
  channel: Channel;
  /** The number of the run. */
  run: number;
  hideId: HideId;
  /** Profiles whose outbox this run could not fill to the end: what is in it may be put in once more, so nothing of it is sent. */
  held: ReadonlySet<string>;
  deadline: Deadline;
}

/** What became of it. */
export interface Told {
  /** Whether a message went out, taken or not. */
  isTried: boolean;
  /** By profile. */
  told: Map<string, number>;
  uncertain: Map<string, number>;
  broken: Map<string, number>;
  /** Entries that the platform refused in both forms, and that were given up. */
  refused: number;
  givenUp: number;
  /** Whether it has been failing for an hour. */
  isFailing: boolean;
  /** How long the oldest entry has been due, in seconds. */
  oldestSeconds: number;
}

const HOUR_MS = 3_600_000;
const GIVEN_UP_AFTER_MS = 7 * 24 * HOUR_MS;
/** An answer that was lost so often leaves it uncertain whether anybody was told. */
const MOST_LOST = 2;
/** After so many lost answers, a run asks the channel no more. */
const MOST_LOST_IN_A_RUN = 5;
const WRITES_AT_ONCE = 24;
const MINUTE_MS = 60_000;
const ID_DIGITS = 32;

/** Tells a channel what is due, and notes what became of it. */
export async function tell(parts: WatchParts, telling: Telling): Promise<Told> {
  const { table, wallNow, log } = parts;
  const { channel, run } = telling;
  const outcome: Told = {
    isTried: false,
    told: new Map(),
    uncertain: new Map(),
    broken: new Map(),
    refused: 0,
    givenUp: 0,
    isFailing: false,
    oldestSeconds: 0,
  };
  const state = await readChannel(table, channel.key);
  const items = (await readOutbox(table, channel.key)).filter(({ data }) => !telling.held.has(data.profile));
  const due = await takeUp(parts, run, items, outcome);
  const isWaiting = state.data.next_run > run || state.data.not_before > wallNow();
  let failure: Extract<Verdict, { kind: "retry" | "broken" }> | null = null;
  let lost = 0;
  let lostAnswer: Extract<Verdict, { kind: "lost" }> | null = null;
  const batches = isWaiting ? [] : batchesOf(due, channel);
  for (const batch of batches) {
    if (telling.deadline.remaining() <= 0) break;
    outcome.isTried = true;
    await inParallel(batch, channel.most.atOnce, async (entries) => {
      for (const verdict of await send(parts, telling, entries, outcome)) {
        if (verdict.kind === "retry" || verdict.kind === "broken") failure ??= verdict;
        if (verdict.kind === "lost") {
          lost += 1;
          lostAnswer ??= verdict;
        }
      }
    });
    if (failure || lost >= MOST_LOST_IN_A_RUN) break;
  }
  const next = outcome.isTried ? stateAfter(state.data, failure, run, parts) : state.data;
  if (JSON.stringify(next) !== JSON.stringify(state.data)) await changeChannel(table, state, next);
  const { failing_since: failingSince } = next;
  outcome.isFailing = failingSince !== null && wallNow() - failingSince >= HOUR_MS;
  outcome.oldestSeconds = await oldestOf(parts, channel);
  const noted = failure ?? lostAnswer;
  if (noted) noteFailure(log, channel, noted);
  return outcome;
}

/** What was in somebody's hands when a run died may have been sent. What nobody took for a week is given up. */
async function takeUp(
  parts: WatchParts,
  run: number,
  items: readonly OutboxItem[],
  outcome: Told,
): Promise<OutboxItem[]> {
  const { table, wallNow } = parts;
  const due: OutboxItem[] = [];
  for (const item of items) {
    // This run sent it already, and never learned what became of it: the next one sends it once more.
    if (item.data.run === run) continue;
    if (item.data.state === "sending") {
      const next = await noteLost(parts, item, outcome);
      if (next) due.push(next);
    } else if (wallNow() - item.data.due_since >= GIVEN_UP_AFTER_MS) {
      await removeEntry(table, item);
      outcome.givenUp += 1;
    } else {
      due.push(item);
    }
  }
  return due;
}

/** @returns The entry to be sent once more; `null` when that was tried. */
async function noteLost({ table }: WatchParts, item: OutboxItem, outcome: Told): Promise<OutboxItem | null> {
  const lost = item.data.lost + 1;
  if (lost < MOST_LOST) return await changeEntry(table, item, { state: "due", lost });
  await removeEntry(table, item);
  count(outcome.uncertain, item);
  return null;
}

/** Messages, in groups that are sent side by side. */
function batchesOf(due: readonly OutboxItem[], { most, isIdempotent }: Channel): OutboxItem[][][] {
  const again = isIdempotent ? due.filter(({ data }) => data.lost > 0) : [];
  const messages = [
    ...chunks(again, most.events),
    ...chunks(
      due.filter((item) => !again.includes(item)),
      most.events,
    ),
  ];
  return chunks(messages, most.atOnce);
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const found: T[][] = [];
  for (let at = 0; at < items.length; at += size) found.push(items.slice(at, at + size));
  return found;
}

/** Claims the entries, sends them, and settles each. */
async function send(
  parts: WatchParts,
  telling: Telling,
  due: readonly OutboxItem[],
  outcome: Told,
): Promise<readonly Verdict[]> {
  const claimed: OutboxItem[] = [];
  await inParallel(due, WRITES_AT_ONCE, async (item) => {
    const next = await changeEntry(parts.table, item, { state: "sending", run: telling.run });
    if (next) claimed.push(next);
  });
  if (claimed.length === 0) return [];
  claimed.sort((a, b) => (a.sk < b.sk ? -1 : 1));
  const { channel, deadline } = telling;
  const isPlain = claimed.some(({ data }) => data.is_plain);
  let given = await channel.send(messageOf(claimed, telling, isPlain), deadline);
  if (!isPlain && !isList(given) && given.kind === "refused") {
    noteFailure(parts.log, channel, given);
    given = await channel.send(messageOf(claimed, telling, true), deadline);
  }
  const verdicts = claimed.map((_, index) => (isList(given) ? given[index] : given) ?? NOTHING_SAID);
  await inParallel([...claimed.entries()], WRITES_AT_ONCE, ([index, item]) =>
    settle(parts, item, verdicts[index] ?? NOTHING_SAID, outcome),
  );
  return verdicts;
}

const NOTHING_SAID: Verdict = { kind: "lost", reason: "nothing was said of it" };

function isList(given: Verdict | readonly Verdict[]): given is readonly Verdict[] {
  return Array.isArray(given);
}

async function settle(parts: WatchParts, item: OutboxItem, verdict: Verdict, outcome: Told): Promise<void> {
  const { table } = parts;
  switch (verdict.kind) {
    case "sent":
      await removeEntry(table, item);
      if (item.data.content.kind === "event") count(outcome.told, item);
      return;
    case "lost":
      await noteLost(parts, item, outcome);
      return;
    case "refused":
      await removeEntry(table, item);
      outcome.refused += 1;
      return;
    case "broken":
      count(outcome.broken, item);
      await changeEntry(table, item, { state: "due" });
      return;
    case "retry":
      await changeEntry(table, item, { state: "due" });
  }
}

function count(counts: Map<string, number>, { data: { profile } }: OutboxItem): void {
  counts.set(profile, (counts.get(profile) ?? 0) + 1);
}

function messageOf(claimed: readonly OutboxItem[], { channel, hideId }: Telling, isPlain: boolean): Message {
  const events: LedgerEvent[] = [];
  const notices: ProfileNotice[] = [];
  for (const { data } of claimed) {
    const { content, profile } = data;
    if (content.kind === "notice") notices.push({ profile, notice: content.notice });
    else events.push(channel.hidesUsers ? hidden(content.event, hideId) : content.event);
  }
  const id = hash("sha256", claimed.map(({ sk }) => sk).join("\n"), "hex").slice(0, ID_DIGITS);
  return { id, events, notices, isPlain };
}

export function hidden(event: LedgerEvent, hideId: HideId): LedgerEvent {
  return { ...event, event_id: hideId(event.event_id), user_id: null, user_name: null };
}

/** Tried again after 1, 2, 4 … runs, at most an hour apart, and not before the platform's own wait. */
function stateAfter(
  state: ChannelState,
  failure: Extract<Verdict, { kind: "retry" | "broken" }> | null,
  run: number,
  { wallNow, settings }: WatchParts,
): ChannelState {
  if (!failure) return { failures: 0, failing_since: null, next_run: 0, not_before: 0 };
  const mostRuns = Math.max(1, Math.floor(HOUR_MS / (settings.minutes * MINUTE_MS)));
  const runs = Math.min(2 ** Math.min(state.failures, 10), mostRuns);
  return {
    failures: state.failures + 1,
    failing_since: state.failing_since ?? wallNow(),
    next_run: run + runs,
    not_before: failure.kind === "retry" ? wallNow() + failure.afterSeconds * 1000 : 0,
  };
}

async function oldestOf({ table, wallNow }: WatchParts, { key }: Channel): Promise<number> {
  const left = await readOutbox(table, key);
  const oldest = Math.min(wallNow(), ...left.map(({ data }) => data.due_since));
  return Math.round((wallNow() - oldest) / 1000);
}

function noteFailure(
  log: WatchParts["log"],
  { name }: Channel,
  { kind, ...verdict }: Exclude<Verdict, { kind: "sent" }>,
) {
  log.warn("watch_channel_failed", { channel: name, outcome: kind, reason: verdict.reason });
}
