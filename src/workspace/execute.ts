import { LookupError } from "../contract/errors.ts";
import type { SigningClock } from "../net/server-clock.ts";
import type { CallContext } from "../observe/call.ts";
import { type Failure, provesKey, type Verdict } from "./answer.ts";
import { type AttemptParts, attempt } from "./attempt.ts";
import type { Credentials } from "./credentials.ts";
import { asToldOf, type Operation } from "./operation.ts";
import { createPauses } from "./pauses.ts";
import type { Profile } from "./profile.ts";
import { createRetryBudget, decide, FRESH_TALLY, type Move } from "./retry.ts";

export interface AskParts extends AttemptParts {
  credentials: Credentials;
  clock: SigningClock;
  /** 0 ≤ random < 1. */
  random: () => number;
  /** Resolves early when the signal is aborted. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface Answer<T> {
  profile: Profile;
  value: T;
  /** How many bytes it came in, decoded. */
  bytes: number;
  requestId: string | null;
}

export type Ask = <T>(
  profileName: string | null,
  operation: Operation<T>,
  call: CallContext,
) => Promise<Answer<T>>;

/** Told to callers when the upstream limits us without saying for how long, in seconds. */
const DEFAULT_PAUSE_SECONDS = 5;

/** A call waits no longer than this for others that try the same key: what hangs says nothing of it. */
const TURN_MS = 1000;

/** What a call has mended so far: each but once, or refusals would add up until Huawei locks the key. */
interface Mended {
  clock?: true;
  key?: true;
}

/** Asks until there is an answer or reason to give up: attempt, mend what was refused, wait out what will pass. */
export function createAsk(parts: AskParts): Ask {
  const { clock, credentials, now, random, sleep, warn } = parts;
  const budget = createRetryBudget();
  const pauses = createPauses(now);

  /** Waits out a pause if the call has the time for it. */
  async function awaitPause(pauseMs: number, call: CallContext): Promise<void> {
    if (pauseMs >= call.deadline.remaining()) throw throttled(Math.ceil(pauseMs / 1000));
    await sleep(pauseMs, call.signal);
  }

  /** After a refusal: mends the clock, or finds that there is a newer key; throws when the same question is in vain. */
  async function mend(
    refusal: Failure,
    profile: Profile,
    offsetMs: number,
    mended: Mended,
    call: CallContext,
  ): Promise<void> {
    // Stryker disable next-line ConditionalExpression: no time at all is further off than what is believed.
    if (!mended.clock && refusal.serverTime !== null && clock.correct(refusal.serverTime, offsetMs)) {
      mended.clock = true;
      warn("clock_corrected", { request_id: call.requestId, offset_ms: Math.round(clock.offsetMs()) });
      return;
    }
    const newer = await credentials.refused(profile, call);
    if (!newer || mended.key) throw refusal.error;
    mended.key = true;
  }

  /** Leaves the profile alone for as long as the upstream said; when it did not, once we have given up. */
  function respectLimit({ error, waitSeconds }: Failure, { name }: Profile, move: Move): void {
    if (error.code !== "UPSTREAM_THROTTLED") return;
    if (waitSeconds === null && move.kind === "retry") return;
    pauses.pause(name, (waitSeconds ?? DEFAULT_PAUSE_SECONDS) * 1000);
  }

  return async <T>(
    profileName: string | null,
    operation: Operation<T>,
    call: CallContext,
  ): Promise<Answer<T>> => {
    budget.credit();
    let profile = await credentials.current(profileName, call);
    call.trace.profile = profile.name;
    // After every wait: the key may have been left alone meanwhile, or replaced. By its own name, since the default one may be
    // another's by now.
    const lookAgain = async () => {
      profile = await credentials.current(profile.name, call);
    };
    let tally = FRESH_TALLY;
    const mended: Mended = {};
    let turnBy = Number.POSITIVE_INFINITY;
    for (;;) {
      const pauseMs = pauses.remaining(profile.name);
      if (pauseMs > 0) {
        await awaitPause(pauseMs, call);
        await lookAgain();
      }
      if (call.signal?.aborted || call.deadline.remaining() <= 0) throw new LookupError("DEADLINE_EXCEEDED");
      const offsetMs = clock.offsetMs();
      const lease = credentials.take(profile, now() >= turnBy);
      if (lease instanceof Promise) {
        turnBy = Math.min(turnBy, now() + TURN_MS);
        await awaitTurn(lease, Math.min(turnBy - now(), call.deadline.remaining()), call.signal);
        await lookAgain();
        continue;
      }
      let isProven = false;
      let verdict: Verdict<T>;
      try {
        verdict = await attempt(parts, profile, operation, clock.now(), call);
        isProven = provesKey(verdict);
      } finally {
        // Whoever waits for it goes on a few microtasks later, when a refusal has been noted as well.
        lease.end(isProven);
      }
      if (verdict.ok) {
        const { value, bytes, upstream } = verdict;
        return { profile, value, bytes, requestId: upstream.requestId };
      }
      if (verdict.again === "credentials") {
        await mend(verdict, profile, offsetMs, mended, call);
      } else {
        const remainingMs = call.deadline.remaining();
        const move = decide(verdict, tally, { remainingMs, random, takeRetry: budget.take });
        respectLimit(verdict, profile, move);
        if (move.kind === "give-up") throw asToldOf(operation, withWait(verdict));
        tally = move.tally;
        if (move.afterMs > 0) await sleep(move.afterMs, call.signal);
      }
      await lookAgain();
    }
  };
}

/** Waits until a request with the same key is through, for that long at most, or until nobody waits any more. */
async function awaitTurn(
  turn: Promise<void>,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
    signal?.addEventListener("abort", () => resolve());
    void turn.then(resolve);
  });
  clearTimeout(timer);
}

/** The error with the wait that its caller should keep, where there is one. */
function withWait({ error, waitSeconds }: Failure): LookupError {
  const { upstream } = error;
  if (error.code === "UPSTREAM_THROTTLED") return throttled(waitSeconds ?? DEFAULT_PAUSE_SECONDS, upstream);
  if (waitSeconds === null) return error;
  return new LookupError(error.code, { upstream, retryAfterSeconds: waitSeconds, cause: error.cause });
}

function throttled(seconds: number, upstream?: LookupError["upstream"]): LookupError {
  return new LookupError("UPSTREAM_THROTTLED", {
    upstream,
    retryAfterSeconds: seconds,
    detail: `Try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`,
  });
}
