import type { Failure } from "./answer.ts";

/** Attempts in one call, the first included; a free retry and one with another key or clock come on top. */
export const MAX_ATTEMPTS = 3;
const BACKOFF_BASE_MS = 100;
/** A limit takes longer to pass than a hiccup. */
const THROTTLE_BASE_MS = 1000;
const BACKOFF_CAP_MS = 2000;

/** What has been tried in this call so far. */
export interface Tally {
  /** Failed attempts that count: all but the free one and those before a newer key or a corrected clock. */
  counted: number;
  usedFree: boolean;
  sawUnreadable: boolean;
}

export const FRESH_TALLY: Tally = { counted: 0, usedFree: false, sawUnreadable: false };

export type Move = { kind: "give-up" } | { kind: "retry"; afterMs: number; tally: Tally };

export interface Means {
  /** Milliseconds left of the whole call. */
  remainingMs: number;
  /** 0 ≤ random < 1. */
  random: () => number;
  /** Spends one retry of the container's budget; false when it is spent. */
  spendRetry: () => boolean;
}

const GIVE_UP: Move = { kind: "give-up" };

/** Decides what follows a failed attempt. Refused keys and skewed clocks are not its matter. */
export function decide(failure: Failure, tally: Tally, means: Means): Move {
  if (failure.again === "never" || failure.again === "credentials") return GIVE_UP;
  if (
    !tally.usedFree &&
    (failure.again === "free" || (failure.again === "uncounted" && means.spendRetry()))
  ) {
    return { kind: "retry", afterMs: 0, tally: { ...tally, usedFree: true } };
  }
  if (failure.again === "once" && tally.sawUnreadable) return GIVE_UP;
  const counted = tally.counted + 1;
  if (counted >= MAX_ATTEMPTS) return GIVE_UP;
  const afterMs = delayMs(failure, tally.counted, means.random);
  // A wait that ends with the call's time leaves none to ask in: better an honest error now.
  if (afterMs >= means.remainingMs) return GIVE_UP;
  if (!means.spendRetry()) return GIVE_UP;
  const sawUnreadable = tally.sawUnreadable || failure.again === "once";
  return { kind: "retry", afterMs, tally: { ...tally, counted, sawUnreadable } };
}

/**
 * The upstream's own wait, else full jitter.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
function delayMs(failure: Failure, earlier: number, random: () => number): number {
  if (failure.waitSeconds !== null) return failure.waitSeconds * 1000;
  const base = failure.error.code === "UPSTREAM_THROTTLED" ? THROTTLE_BASE_MS : BACKOFF_BASE_MS;
  return random() * Math.min(base * 2 ** earlier, BACKOFF_CAP_MS);
}

const BUDGET_CAPACITY = 10;
/** A tenth of a retry per call: in a long outage, 1.1 calls go out for each that comes in. */
const BUDGET_PER_CALL = 0.1;

export interface RetryBudget {
  /** A call begins. */
  credit(): void;
  spend(): boolean;
}

/** A token bucket per container, so that retries do not multiply an outage. */
export function createRetryBudget(): RetryBudget {
  let tokens = BUDGET_CAPACITY;
  return {
    credit() {
      tokens = Math.min(BUDGET_CAPACITY, tokens + BUDGET_PER_CALL);
    },
    spend() {
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
