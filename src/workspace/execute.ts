import { LookupError, throttled } from "../contract/errors.ts";
import type { ProfileRef } from "../lookup/ports.ts";
import type { Reading, SigningClocks } from "../net/server-clock.ts";
import type { CallContext } from "../observe/call.ts";
import { type Failure, provesKey, type Verdict } from "./answer.ts";
import { type AttemptParts, createAttempt } from "./attempt.ts";
import type { Credentials, Lease, LeaseOutcome } from "./credentials.ts";
import { asToldOf, type Operation } from "./operation.ts";
import { createPauses } from "./pauses.ts";
import type { Profile } from "./profile.ts";
import { createRetryBudget, decide, FRESH_TALLY, type Move } from "./retry.ts";

export interface ExecuteParts extends AttemptParts {
  credentials: Credentials;
  clocks: SigningClocks;
  /** 0 ≤ random < 1. */
  random: () => number;
  sleep: (ms: number) => Promise<void>;
}

export interface Answer<T> {
  value: T;
  /** How many bytes it came in, decoded. */
  bytes: number;
  requestId: string | null;
}

export type Execute = <T>(
  profile: ProfileRef,
  operation: Operation<T>,
  call: CallContext,
) => Promise<Answer<T>>;

/** Told to callers when the upstream limits us without saying for how long, in seconds. */
const DEFAULT_PAUSE_SECONDS = 5;

/** What a call has recovered from so far: each but once, or refusals would add up until Huawei locks the key. */
interface Recovered {
  clock?: true;
  key?: true;
}

/** What was refused: the key that was out, and the time that the request was signed by. */
interface Signed {
  lease: Lease;
  reading: Reading;
}

/** Asks until there is an answer or reason to give up: lease a key, attempt, judge, recover or wait out what will pass. */
export function createExecute(parts: ExecuteParts): Execute {
  const { clocks, credentials, now, random, sleep, warn } = parts;
  const attempt = createAttempt(parts);
  const budget = createRetryBudget();
  const pauses = createPauses(now);

  /** What keeps the lease from being used: a pause that is asked for, or that the call is over; 0 for nothing. */
  function pauseBefore(lease: Lease, call: CallContext): number {
    const pauseMs = pauses.remaining(lease.profile.accessKey);
    const remainingMs = call.deadline.remaining();
    if (pauseMs === 0 && remainingMs > 0) return 0;
    lease.end("unclear");
    // A call that has no time for the pause learns how long it is.
    if (pauseMs > 0 && pauseMs >= remainingMs) throw throttled(Math.ceil(pauseMs / 1000));
    if (remainingMs <= 0) throw new LookupError("DEADLINE_EXCEEDED");
    return pauseMs;
  }

  /** After a refusal: corrects the clock, or finds that there is a newer key; throws when asking again is in vain. */
  async function recover(
    refusal: Failure,
    { lease, reading }: Signed,
    recovered: Recovered,
    call: CallContext,
  ): Promise<void> {
    // Stryker disable next-line ConditionalExpression: no time at all is further off than what is believed.
    if (!recovered.clock && refusal.serverTime !== null && reading.correct(refusal.serverTime)) {
      recovered.clock = true;
      const offsetMs = clocks.of(lease.profile.endpoint.origin).offsetMs();
      warn("clock_corrected", { request_id: call.requestId, offset_ms: Math.round(offsetMs) });
      return;
    }
    const hasNewer = await lease.refused(call);
    if (!hasNewer || recovered.key) throw refusal.error;
    recovered.key = true;
  }

  /** Leaves the key alone for as long as the upstream said; when it did not, once we have given up. */
  function respectLimit({ error, waitSeconds }: Failure, { accessKey }: Profile, move: Move): void {
    if (error.code !== "UPSTREAM_THROTTLED") return;
    if (waitSeconds === null && move.kind === "retry") return;
    pauses.pause(accessKey, (waitSeconds ?? DEFAULT_PAUSE_SECONDS) * 1000);
  }

  return async <T>(ref: ProfileRef, operation: Operation<T>, call: CallContext): Promise<Answer<T>> => {
    budget.credit();
    const recovered: Recovered = {};
    let tally = FRESH_TALLY;
    for (;;) {
      const leased = credentials.lease(ref, call);
      const lease = leased instanceof Promise ? await leased : leased;
      const pauseMs = pauseBefore(lease, call);
      if (pauseMs > 0) {
        await sleep(pauseMs);
        continue;
      }
      const { profile } = lease;
      const reading = clocks.of(profile.endpoint.origin).read();
      let outcome: LeaseOutcome = "unclear";
      let verdict: Verdict<T>;
      try {
        verdict = await attempt(profile, operation, reading.at, call);
        outcome = outcomeOf(verdict);
      } finally {
        // Who waits for the key goes on after the next await, when a refusal has been counted as well.
        lease.end(outcome);
      }
      if (verdict.ok) {
        const { value, bytes, upstream } = verdict;
        return { value, bytes, requestId: upstream.requestId };
      }
      if (verdict.again === "credentials") {
        await recover(verdict, { lease, reading }, recovered, call);
        continue;
      }
      const remainingMs = call.deadline.remaining();
      const move = decide(verdict, tally, { remainingMs, random, spendRetry: budget.spend });
      respectLimit(verdict, profile, move);
      if (move.kind === "give-up") throw asToldOf(operation, withWait(verdict));
      tally = move.tally;
      if (move.afterMs > 0) await sleep(move.afterMs);
    }
  };
}

function outcomeOf(verdict: Verdict<unknown>): LeaseOutcome {
  if (provesKey(verdict)) return "accepted";
  return !verdict.ok && verdict.again === "credentials" ? "refused" : "unclear";
}

/** The error with the wait that its caller should keep, where there is one. */
function withWait({ error, waitSeconds }: Failure): LookupError {
  const { upstream } = error;
  if (error.code === "UPSTREAM_THROTTLED") return throttled(waitSeconds ?? DEFAULT_PAUSE_SECONDS, upstream);
  if (waitSeconds === null) return error;
  return new LookupError(error.code, { upstream, retryAfterSeconds: waitSeconds, cause: error.cause });
}
