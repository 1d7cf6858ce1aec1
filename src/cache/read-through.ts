import { asLookupError, LookupError } from "../contract/errors.ts";
import type { CallContext } from "../observe/call.ts";
import { createCache } from "./lru.ts";
import { createSingleFlight } from "./single-flight.ts";

/** A desktop that was unknown may be created any moment. */
const NOT_FOUND_TTL_MS = 10_000;

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

/**
 * What the upstream said a moment ago, and what it is being asked right now. Only good answers are kept, and for a
 * few seconds that a desktop is unknown; any other failure is shared by those who wait for it and then forgotten.
 */
export function createKnown<V>({ ttlMs, maxEntries, maxWeight, weightOf, now }: KnownLimits<V>): Known<V> {
  const cache = createCache<V | LookupError>({ maxEntries, maxWeight, now });
  const flights = createSingleFlight<V>();

  async function askAndKeep(
    key: string,
    call: CallContext,
    ask: (call: CallContext) => Promise<V>,
  ): Promise<V> {
    try {
      const value = await ask(call);
      cache.set(key, value, ttlMs, weightOf(value));
      return value;
    } catch (thrown) {
      const error = asLookupError(thrown);
      if (error.code === "DESKTOP_NOT_FOUND") cache.set(key, error, Math.min(NOT_FOUND_TTL_MS, ttlMs));
      throw error;
    }
  }

  return {
    async get(key, fresh, call, ask) {
      const cached = fresh ? undefined : cache.get(key);
      call.trace.cache = cached ? "hit" : "miss";
      if (cached?.value instanceof LookupError) throw cached.value;
      if (cached) return { value: cached.value, ageMs: cached.ageMs };
      // A fresh question shares no flight that took off before it was asked.
      if (fresh) return { value: await askAndKeep(key, call, ask), ageMs: 0 };
      const { joined, result } = flights.join(key, call.deadline, ({ deadline, signal }) =>
        askAndKeep(key, { ...call, deadline, signal }, ask),
      );
      if (joined) call.trace.cache = "shared";
      return { value: await result, ageMs: 0 };
    },
  };
}
