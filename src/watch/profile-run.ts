import { LookupError } from "../contract/errors.ts";
import { type ChangeLog, openChanges } from "../ledger/changes.ts";
import {
  addDesktop,
  bindingsOf,
  changeDesktop,
  type DesktopItem,
  type DesktopState,
  fileName,
  keepPastBinding,
  readDesktop,
  readShard,
  SHARDS,
  shardOf,
} from "../ledger/desktops.ts";
import { expiryOf } from "../ledger/events.ts";
import type { Notice } from "../ledger/outbox.ts";
import {
  changeProfile,
  keepCoverage,
  openProfile,
  type ProfileItem,
  scopeOf,
} from "../ledger/profile-state.ts";
import type { ListedDesktop } from "../lookup/ports.ts";
import { writeInstant } from "../time/instant.ts";
import { isBlind, isOverdue } from "./blindness.ts";
import { type CheckParts, noteAttempt, takeAnswer } from "./check-desktop.ts";
import { compare, discover, type Look, miss } from "./compare.ts";
import { addToCensus, type Census, coverageOf, newCensus } from "./coverage.ts";
import { inParallel } from "./in-parallel.ts";
import type { RunSummary, WatchedProfile, WatchParts } from "./ports.ts";
import { type FleetList, readList } from "./read-list.ts";
import type { Upstream } from "./upstream.ts";

/** What a run knows of a profile. */
export interface ProfileRun {
  profile: WatchedProfile;
  item: ProfileItem;
  changes: ChangeLog;
  upstream: Upstream;
  summary: RunSummary;
  list: FleetList | null;
  /** To be asked about at once. */
  urgent: DesktopItem[];
  /** To be asked about with what is left: by their IDs, and when they were asked about last. */
  others: { desktopId: string; triedAt: number; isMissed: boolean }[];
  census: Census;
  /** What the channels are to hear of the watch itself. */
  notices: Notice[];
  /** Since when it is blind, once the channels are told. */
  blindSince: number | null;
  /** No run began for so long that the watch was blind. */
  isAfterGap: boolean;
}

const SHARDS_AT_ONCE = 4;
const WRITES_AT_ONCE = 24;
const CHECKS_AT_ONCE = 8;

/** Opens what is known of a profile, and notes that a run began. */
export async function openRun(
  { table, wallNow, settings }: WatchParts,
  profile: WatchedProfile,
  upstream: Upstream,
): Promise<ProfileRun | null> {
  const opened = await openProfile(table, profile.name, profile.place, wallNow());
  if (!opened) return null;
  const changes = await openChanges(table, profile.name, opened.data.outboxed);
  const { runs_without_list: runs, last_complete_at: lastAt, blind_since: blindBefore } = opened.data;
  const isAfterGap =
    blindBefore === null && lastAt !== null && isOverdue(lastAt, wallNow(), settings.minutes);
  const blindSince = isAfterGap ? lastAt : blindBefore;
  const item = await changeProfile(table, opened, { runs_without_list: runs + 1, blind_since: blindSince });
  return {
    profile,
    item,
    changes,
    upstream,
    summary: emptySummary(profile.name),
    list: null,
    urgent: [],
    others: [],
    census: newCensus(),
    notices: [],
    blindSince,
    isAfterGap,
  };
}

export function emptySummary(profile: string): RunSummary {
  const counts = { desktops: 0, lost: 0, checked: 0, events: 0, told: 0, uncertain: 0, broken: 0, calls: 0 };
  return { profile, ...counts, complete: false };
}

/** Lists the desktops, compares them with what was known, and writes down what changed. */
export async function look(parts: WatchParts, run: ProfileRun): Promise<void> {
  const { upstream, summary, item, profile } = run;
  const list = await readList({
    fetchPage: async (page) => {
      const { ref } = profile;
      if (!ref) throw new LookupError("SECRET_UNAVAILABLE");
      const answer = await upstream.ask((call) => parts.listFleet(ref, page, call));
      if (!answer) throw new LookupError("DEADLINE_EXCEEDED");
      return answer.value;
    },
    mayCall: upstream.mayCall,
    wallNow: parts.wallNow,
  });
  // Where there were desktops, "none" is more likely a fault than the truth.
  const isComplete = list.isComplete && (list.desktops.size > 0 || item.data.desktops === 0);
  run.list = { ...list, isComplete };
  summary.desktops = list.desktops.size;
  summary.complete = isComplete;
  await compareAll(parts, run, run.list);
  await noteList(parts, run, run.list);
}

async function compareAll(parts: WatchParts, run: ProfileRun, list: FleetList): Promise<void> {
  const { table } = parts;
  const { last_complete_at: lastCompleteAt } = run.item.data;
  const look: Look = { ...list, lastCompleteAt };
  const scope = scopeOf(run.profile.name, run.item.data);
  const byShard = Array.from({ length: SHARDS }, (): ListedDesktop[] => []);
  for (const desktop of list.desktops.values()) byShard[shardOf(desktop.desktop_id)]?.push(desktop);

  await inParallel([...byShard.keys()], SHARDS_AT_ONCE, async (shard) => {
    const known = await readShard(table, scope, shard);
    const steps = known.map((item) => () => compareOne(item));
    const ids = new Set(known.map(({ sk }) => sk));
    for (const desktop of byShard[shard] ?? []) {
      if (!ids.has(desktop.desktop_id)) steps.push(() => addOne(desktop));
    }
    await inParallel(steps, WRITES_AT_ONCE, (step) => step());
  });

  async function addOne(desktop: ListedDesktop): Promise<void> {
    const { desktop_id: id, desktop_name: name } = desktop;
    if (name !== null) await fileName(table, scope, name, id);
    const item = await addDesktop(table, scope, id, discover(desktop, look));
    if (!item) throw new Error("another run added the desktop");
    queue(run, item, false);
  }

  async function compareOne(item: DesktopItem): Promise<void> {
    const { sk: id, data: known } = item;
    const listed = list.desktops.get(id);
    if (!listed && !list.isComplete) return queue(run, item, false);
    const comparison = listed ? compare(known, listed, look) : miss(known, look);
    run.summary.lost += comparison.lost;
    for (const past of comparison.maybeHeld) {
      const expiresAt = expiryOf(past.until_by, parts.settings.retentionDays);
      await keepPastBinding(table, bindingsOf(run.profile.name, id), past, expiresAt);
    }
    const { name } = comparison.state;
    if (name !== null && name !== known.name) await fileName(table, scope, name, id);
    const isGone = known.gone_at === null && comparison.state.gone_at !== null;
    if (isGone && known.checked_at === null) run.census.vanishedUnchecked = true;
    const next =
      comparison.state === known
        ? item
        : await changeDesktop(table, item, comparison.state, expiryOfGone(parts, comparison.state));
    if (!next) throw new Error("another run changed the desktop");
    queue(run, next, comparison.isSuspicious);
  }
}

/** What is gone, and owes nothing, is forgotten when its events are. */
function expiryOfGone({ settings }: WatchParts, { gone_at: goneAt, losses }: DesktopState): number | null {
  return goneAt !== null && losses.length === 0 ? expiryOf(goneAt, settings.retentionDays) : null;
}

function queue(run: ProfileRun, item: DesktopItem, isUrgent: boolean): void {
  const { data: state, sk: desktopId } = item;
  const hasLoss = state.losses.length > 0;
  if (state.gone_at === null) addToCensus(run.census, desktopId, state);
  if (hasLoss || isUrgent) run.urgent.push(item);
  else if (state.gone_at === null)
    run.others.push({ desktopId, triedAt: state.tried_at ?? 0, isMissed: state.missed > 0 });
}

/** The profile's own state follows once all desktops are written down. */
async function noteList(parts: WatchParts, run: ProfileRun, list: FleetList): Promise<void> {
  const { data: state } = run.item;
  const now = parts.wallNow();
  const vanished = run.census.vanishedUnchecked ? { vanished_unchecked_at: now } : {};
  if (list.isComplete) {
    run.item = await changeProfile(parts.table, run.item, {
      ...vanished,
      first_complete_at: state.first_complete_at ?? list.startedAt,
      last_complete_at: list.startedAt,
      desktops: list.desktops.size,
      runs_without_list: 0,
    });
  } else if (run.census.vanishedUnchecked) {
    run.item = await changeProfile(parts.table, run.item, vanished);
  }
}

/** Asks about the desktops that lost somebody. */
export async function confirm(parts: WatchParts, run: ProfileRun): Promise<void> {
  await inParallel(run.urgent, CHECKS_AT_ONCE, (item) => check(parts, run, item));
}

/** Asks about the others, the least recently asked first, as long as there is share and time. */
export async function catchUp(parts: WatchParts, run: ProfileRun, isTime: () => boolean): Promise<void> {
  const scope = scopeOf(run.profile.name, run.item.data);
  const inTurn = run.others.sort((a, b) => Number(b.isMissed) - Number(a.isMissed) || a.triedAt - b.triedAt);
  await inParallel(inTurn, CHECKS_AT_ONCE, async ({ desktopId }) => {
    if (!isTime() || !run.upstream.mayCall()) return;
    const item = await readDesktop(parts.table, scope, desktopId);
    if (item) await check(parts, run, item);
  });
}

async function check(parts: WatchParts, run: ProfileRun, item: DesktopItem): Promise<void> {
  const { profile, upstream, list, summary, changes } = run;
  const { table, settings, wallNow } = parts;
  const { ref } = profile;
  if (!ref) return;
  const checkParts: CheckParts = {
    table,
    changes,
    profile: profile.name,
    scope: scopeOf(profile.name, run.item.data),
    retentionDays: settings.retentionDays,
    listStartedAt: list?.startedAt ?? wallNow(),
  };
  const askedAt = wallNow();
  const rows = await upstream
    .ask((call) => parts.fetchHistory(ref, item.sk, call))
    .then((answer) => answer && { value: answer.value.rows }, failureOf);
  if (rows === null) return;
  if (rows instanceof LookupError) {
    if (!isOfTheRun(rows)) await noteAttempt(checkParts, item, askedAt);
    return;
  }
  const events = await takeAnswer(checkParts, item, { rows: rows.value, askedAt });
  // Not before: other checks of the run count meanwhile.
  summary.events += events;
  summary.checked += 1;
  if (rows.value !== null && item.data.gone_at === null) run.census.checks.set(item.sk, askedAt);
}

function failureOf(error: unknown): { value: null } | LookupError {
  if (!(error instanceof LookupError)) throw error;
  return error.code === "DESKTOP_NOT_FOUND" ? { value: null } : error;
}

/** It says nothing of the desktop. */
function isOfTheRun({ code }: LookupError): boolean {
  return code === "UPSTREAM_THROTTLED" || code === "CREDENTIALS_REFUSED" || code === "DEADLINE_EXCEEDED";
}

/** What there is to tell of the watch itself: that it is blind, once, and that it sees again. */
export function noteSight({ wallNow, settings }: WatchParts, run: ProfileRun): void {
  const { item, list, isAfterGap, blindSince } = run;
  if (blindSince !== null && isAfterGap) run.notices.push({ kind: "blind", since: writeInstant(blindSince) });
  if (list?.isComplete) {
    if (blindSince !== null) run.notices.push({ kind: "sees-again", since: writeInstant(blindSince) });
    run.blindSince = null;
  } else if (blindSince === null && isBlind(item.data, wallNow(), settings.minutes)) {
    run.blindSince = item.data.last_complete_at ?? item.data.started_at;
    run.notices.push({ kind: "blind", since: writeInstant(run.blindSince) });
  }
}

/** Writes down what answers out of the ledger rest on. */
export async function noteCoverage({ table, wallNow, settings }: WatchParts, run: ProfileRun): Promise<void> {
  // What was not compared was not counted.
  if (run.list === null) return;
  await keepCoverage(
    table,
    run.profile.name,
    coverageOf(run.census, run.item.data, settings.retentionDays, wallNow()),
  );
}
