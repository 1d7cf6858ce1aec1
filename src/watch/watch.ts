import { asLookupError, LookupError } from "../contract/errors.ts";
import { openHiding } from "../ledger/hiding-key.ts";
import { takeLease } from "../ledger/lease.ts";
import { keepNames, readNames } from "../ledger/profile-state.ts";
import { keepRun, type RunRecord } from "../ledger/runs.ts";
import type { CallContext } from "../observe/call.ts";
import { startDeadline } from "../time/deadline.ts";
import type { Channel } from "./channel.ts";
import { describeFailure } from "./describe-failure.ts";
import { fillOutbox, type Listener, subscribeAll } from "./fill-outbox.ts";
import type { RunSummary, WatchedProfile, WatchParts } from "./ports.ts";
import {
  catchUp,
  confirm,
  emptySummary,
  look,
  noteCoverage,
  noteSight,
  openRun,
  type ProfileRun,
} from "./profile-run.ts";
import { createShare, type Share } from "./share.ts";
import { type Telling, type Told, tell } from "./tell.ts";
import { createUpstream } from "./upstream.ts";

const MINUTE_MS = 60_000;
/** A run ends so long before the next one begins. */
const BEFORE_NEXT_MS = 30_000;
/** And so long before Lambda's deadline. */
const BEFORE_END_MS = 10_000;
/** Half of that is for what was sent to be answered. */
const ANSWER_MS = 5000;
/** Checks end while there is time left to tell what they found: so much, or a quarter of the run. */
const TELLING_MS = 10_000;

/** What a run did. */
export interface WatchOutcome {
  runs: RunSummary[];
  /** Channels that have been failing for an hour. */
  failingChannels: number;
  refused: number;
  givenUp: number;
  /** How long the oldest entry of an outbox has been due. */
  outboxAgeSeconds: number;
  blind: number;
  /** Why nothing was told, though the ledger is up to date. */
  error: LookupError | null;
}

interface Watching {
  parts: WatchParts;
  call: CallContext;
  runs: {
    profile: WatchedProfile;
    summary: RunSummary;
    run: ProfileRun | null;
    listeners: Listener[];
    /** Whether all that is to be told is in the outboxes. */
    isFilled: boolean;
  }[];
  channels: readonly Channel[];
}

/**
 * One run: lease, list, compare, confirm, ledger, outbox, channels.
 *
 * @param remainingMs Until whoever called it is stopped; the lease ends with that.
 * @returns `null` when another run is under way.
 * @throws LookupError when there is nothing that could be watched.
 */
export async function watch(
  parts: WatchParts,
  call: CallContext,
  remainingMs: number,
): Promise<WatchOutcome | null> {
  const { table, wallNow, settings, now } = parts;
  const at = wallNow();
  const lease = await takeLease(table, at, at + remainingMs);
  if (!lease) return null;
  const budgetMs = Math.min(settings.minutes * MINUTE_MS - BEFORE_NEXT_MS, remainingMs - BEFORE_END_MS);
  const deadline = startDeadline(budgetMs, undefined, now);
  const outcome: WatchOutcome = {
    runs: [],
    failingChannels: 0,
    refused: 0,
    givenUp: 0,
    outboxAgeSeconds: 0,
    blind: 0,
    error: null,
  };
  const record: RunRecord = {
    run: lease.run,
    request_id: call.requestId,
    started_at: at,
    ended_at: null,
    runs: outcome.runs,
    error: null,
  };
  try {
    await keepRun(table, record);
    const profiles = await profilesOf(parts, { ...call, deadline });
    const channels = await parts.openChannels({ ...call, deadline }).catch((error) => {
      outcome.error = asLookupError(error);
      return null;
    });
    const watching: Watching = { parts, call: { ...call, deadline }, runs: [], channels: channels ?? [] };
    await openAll(watching, profiles);
    await each(watching, "list", async (run) => {
      await look(parts, run);
      await confirm(parts, run);
    });
    for (const { run } of watching.runs) if (run) noteSight(parts, run);
    const hideId = await openHiding(table, parts.randomBytes);
    const time = { remaining: () => deadline.remaining() + ANSWER_MS };
    const telling = { run: lease.run, hideId, deadline: time };
    const told = new Map<Channel, Told>();
    if (channels) await tellAll(watching, telling, told);
    const reserve = Math.min(TELLING_MS, budgetMs / 4);
    await each(watching, "checks", (run) => catchUp(parts, run, () => deadline.remaining() > reserve));
    if (channels) await tellAll(watching, telling, told);
    await each(watching, "coverage", (run) => noteCoverage(parts, run));
    for (const { summary, run } of watching.runs) {
      summary.calls = run?.upstream.calls() ?? 0;
      if (run?.blindSince != null) outcome.blind += 1;
      outcome.runs.push(summary);
    }
    for (const { refused, givenUp, isFailing, oldestSeconds } of told.values()) {
      outcome.refused += refused;
      outcome.givenUp += givenUp;
      outcome.failingChannels += isFailing ? 1 : 0;
      outcome.outboxAgeSeconds = Math.max(outcome.outboxAgeSeconds, oldestSeconds);
    }
    record.error = outcome.error?.code ?? null;
    return outcome;
  } catch (error) {
    record.error = asLookupError(error).code;
    throw error;
  } finally {
    // If one of these fails, the run counts as one that died, and the lease ends by itself.
    await keepRun(table, { ...record, ended_at: wallNow() }).catch(() => undefined);
    await lease.release().catch(() => undefined);
  }
}

/** Where the secret cannot be read, the profiles of the last run go blind by name. */
async function profilesOf(parts: WatchParts, call: CallContext): Promise<readonly WatchedProfile[]> {
  try {
    const profiles = await parts.resolveProfiles(call);
    await keepNames(
      parts.table,
      profiles.map(({ name }) => name),
    );
    return profiles;
  } catch (error) {
    if (!(error instanceof LookupError)) throw error;
    const names = await readNames(parts.table);
    if (names.length === 0) throw error;
    parts.log.warn("watch_profiles_unknown", { request_id: call.requestId, code: error.code });
    return names.map((name) => ({ name, ref: null, place: null, accessKey: null }));
  }
}

async function openAll(watching: Watching, profiles: readonly WatchedProfile[]): Promise<void> {
  const { parts, call, runs, channels } = watching;
  const shares = new Map<string, Share>();
  for (const profile of profiles) {
    const owner = profile.accessKey ?? "";
    const share = shares.get(owner) ?? createShare({ ...parts.settings, now: parts.now, sleep: parts.sleep });
    shares.set(owner, share);
    const upstream = createUpstream({
      share,
      deadline: call.deadline,
      callBudgetMs: parts.settings.callBudgetMs,
      requestId: call.requestId,
      trace: call.trace,
    });
    const entry: Watching["runs"][number] = {
      profile,
      summary: emptySummary(profile.name),
      run: null,
      listeners: [],
      isFilled: false,
    };
    runs.push(entry);
    await guarded(watching, entry, "state", async () => {
      const run = await openRun(parts, profile, upstream);
      if (!run) return;
      entry.summary = run.summary;
      entry.listeners = await subscribeAll(parts, run, channels);
      entry.run = run;
    });
  }
}

/** A step for every profile: what fails in one harms that one alone, and ends its run. */
async function each(
  watching: Watching,
  step: string,
  work: (run: ProfileRun) => Promise<void>,
): Promise<void> {
  for (const entry of watching.runs) {
    const { run } = entry;
    if (run) await guarded(watching, entry, step, () => work(run));
  }
}

async function guarded(
  { parts, call }: Watching,
  entry: Watching["runs"][number],
  step: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    entry.run = null;
    entry.summary.complete = false;
    const { requestId } = call;
    const fields = {
      request_id: requestId,
      profile: entry.profile.name,
      reason: step,
      ...describeFailure(error),
    };
    parts.log.warn("watch_run_failed", fields);
  }
}

/** Fills the outboxes and tells the channels: each once in a run if people read it, as often as there is something otherwise. */
async function tellAll(
  watching: Watching,
  telling: Omit<Telling, "channel" | "held">,
  told: Map<Channel, Told>,
): Promise<void> {
  const { parts, runs, channels } = watching;
  for (const entry of runs) {
    const { run, listeners } = entry;
    entry.isFilled = false;
    if (!run) continue;
    await guarded(watching, entry, "outbox", async () => {
      await fillOutbox(parts, run, listeners);
      entry.isFilled = true;
    });
  }
  const held = new Set(runs.filter(({ isFilled }) => !isFilled).map(({ profile }) => profile.name));
  await Promise.all(
    channels.map(async (channel) => {
      if (channel.hasReaders && told.get(channel)?.isTried) return;
      try {
        const result = await tell(parts, { ...telling, channel, held });
        addCounts(runs, result);
        told.set(channel, merged(told.get(channel), result));
      } catch (error) {
        const fields = { channel: channel.name, outcome: "error", ...describeFailure(error) };
        parts.log.warn("watch_channel_failed", fields);
      }
    }),
  );
}

function addCounts(runs: Watching["runs"], { told, uncertain, broken }: Told): void {
  for (const { profile, summary } of runs) {
    summary.told += told.get(profile.name) ?? 0;
    summary.uncertain += uncertain.get(profile.name) ?? 0;
    summary.broken += broken.get(profile.name) ?? 0;
  }
}

function merged(before: Told | undefined, after: Told): Told {
  if (!before) return after;
  return {
    ...after,
    isTried: before.isTried || after.isTried,
    refused: before.refused + after.refused,
    givenUp: before.givenUp + after.givenUp,
  };
}
