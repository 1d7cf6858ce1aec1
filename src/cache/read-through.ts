import { asLookupError, type ErrorCode, LookupError } from "../contract/errors.ts";
import type { CallContext } from "../observe/call.ts";
import { createCache } from "./lru.ts";
import { createSingleFlight, type FlightTime } from "./single-flight.ts";

/** A desktop that was unknown may be created any moment, a name that two had may be changed. */
const FAILURE_TTL_MS = 10_000;

export interface KnownLimits<V> {
  /** How long a good answer is kept; 0 keeps none. */
  ttlMs: number;
  maxEntries: number;
  /** All kept answers together weigh no more than this. */
  maxWeight: number;
  weightOf: (value: V) => number;
  /** Monotonic milliseconds. */
  now: () => number;
}

export interface KnownAnswer<V> {
  value: V;
  /** How long ago the upstream said so, in milliseconds. */
  ageMs: number;
}

export interface Known<V> {
  /** What is known of `key`, else what `ask` answers, once for all who want it at the same time. */
  get(
    key: string,
    fresh: boolean,
    call: CallContext,
    ask: (call: CallContext) => Promise<V>,
  ): Promise<KnownAnswer<V>>;
}

/** Failures that say something lasting of what was asked for, so that asking again at once would be in vain. */
const KEPT_FAILURES: ReadonlySet<ErrorCode> = new Set([
  "DESKTOP_NOT_FOUND",
  "AMBIGUOUS_NAME",
  "INVALID_REQUEST",
]);

/**
 * What the upstream said a moment ago, and what it is being asked right now. Good answers are kept, and for a few seconds
 * the failures above; any other failure is shared by those who wait for it and then forgotten.
 *
 * Of two questions about the same thing the later one's answer stays, whichever arrives last.
 */
export function createKnown<V>({ ttlMs, maxEntries, maxWeight, weightOf, now }: KnownLimits<V>): Known<V> {
  const cache = createCache<V | LookupError>({ maxEntries, maxWeight, now });
  // Whatever the upstream is asked for ends with the call's deadline.
  const flights = createSingleFlight<V>({ endsInTime: true });

  const questions = new Map<string, Questions>();
  let asked = 0;

  async function askAndKeep(
    key: string,
    call: CallContext,
    ask: (call: CallContext) => Promise<V>,
  ): Promise<V> {
    const about = questions.get(key) ?? { open: 0, answered: 0 };
    questions.set(key, about);
    about.open += 1;
    const number = ++asked;
    try {
      const value = await ask(call);
      if (isLatest(number, about)) cache.set(key, value, ttlMs, weightOf(value));
      return value;
    } catch (thrown) {
      const error = asLookupError(thrown);
      if (KEPT_FAILURES.has(error.code) && isLatest(number, about)) {
        cache.set(key, error, Math.min(FAILURE_TTL_MS, ttlMs));
      }
      throw error;
    } finally {
      about.open -= 1;
      if (about.open === 0) questions.delete(key);
    }
  }

  return {
    async get(key, fresh, call, ask) {
      const cached = fresh ? undefined : cache.get(key);
      call.trace.cache = cached ? "hit" : "miss";
      if (cached?.value instanceof LookupError) throw cached.value;
      if (cached) return { value: cached.value, ageMs: cached.ageMs };
      const work = ({ deadline }: FlightTime) => askAndKeep(key, { ...call, deadline }, ask);
      // A fresh question shares no flight that took off before it was asked; those who come later share its own.
      const { joined, result } = fresh
        ? flights.start(key, call.deadline, work)
        : flights.join(key, call.deadline, work);
      if (joined) call.trace.cache = "shared";
      return { value: await result, ageMs: 0 };
    },
  };
}

/** The questions about one thing whose answers are on their way. */
interface Questions {
  open: number;
  /** The latest of them that has been answered. */
  answered: number;
}

/** Whether no later question has been answered yet; notes that this one is. */
function isLatest(number: number, about: Questions): boolean {
  if (number < about.answered) return false;
  about.answered = number;
  return true;
}
