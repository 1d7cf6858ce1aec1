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
  const flights = createSingleFlight<V>();
  const order = createOrder();

  async function askAndKeep(
    key: string,
    call: CallContext,
    ask: (call: CallContext) => Promise<V>,
  ): Promise<V> {
    const question = order.begin(key);
    try {
      const value = await ask(call);
      if (question.isLatest()) cache.set(key, value, ttlMs, weightOf(value));
      return value;
    } catch (thrown) {
      const error = asLookupError(thrown);
      if (KEPT_FAILURES.has(error.code) && question.isLatest()) {
        cache.set(key, error, Math.min(FAILURE_TTL_MS, ttlMs));
      }
      throw error;
    } finally {
      question.end();
    }
  }

  return {
    async get(key, fresh, call, ask) {
      const cached = fresh ? undefined : cache.get(key);
      call.trace.cache = cached ? "hit" : "miss";
      if (cached?.value instanceof LookupError) throw cached.value;
      if (cached) return { value: cached.value, ageMs: cached.ageMs };
      const work = ({ deadline, signal }: FlightTime) => askAndKeep(key, { ...call, deadline, signal }, ask);
      // A fresh question shares no flight that took off before it was asked; those who come later share its own.
      const { joined, result } = fresh
        ? flights.start(key, call.deadline, work)
        : flights.join(key, call.deadline, work);
      if (joined) call.trace.cache = "shared";
      return { value: await result, ageMs: 0 };
    },
  };
}

/** The order in which questions were put, for as long as answers to any of them are on their way. */
interface Order {
  begin(key: string): Question;
}

interface Question {
  /** Whether no later question about the same has been answered yet; notes that this one is. */
  isLatest(): boolean;
  end(): void;
}

function createOrder(): Order {
  const open = new Map<string, { count: number; answered: number }>();
  let asked = 0;
  return {
    begin(key) {
      asked += 1;
      const number = asked;
      const about = open.get(key) ?? { count: 0, answered: 0 };
      about.count += 1;
      open.set(key, about);
      return {
        isLatest() {
          if (number < about.answered) return false;
          about.answered = number;
          return true;
        },
        end() {
          about.count -= 1;
          if (about.count === 0) open.delete(key);
        },
      };
    },
  };
}
