import { createSingleFlight } from "../cache/single-flight.ts";
import { LookupError } from "../contract/errors.ts";
import type { Warn } from "../observe/log.ts";
import type { Deadline } from "../time/deadline.ts";
import type { FetchSecret } from "./fetch-secret.ts";
import { StoreOutage } from "./outage.ts";

/** A fetch of a secret takes no longer than this. */
export const SECRET_FETCH_MS = 1500;
/** While the store is down, the last good value serves no longer than this. */
const LAST_GOOD_MS = 3_600_000;
/** After a failed fetch the last good value serves this long before the store is tried again. */
const STORE_RETRY_MS = 5000;

export interface CachedSecretParts<V> {
  fetchSecret: FetchSecret;
  secretId: string;
  /** @throws LookupError SECRET_INVALID */
  parse: (text: string) => V;
  ttlMs: number;
  warn: Warn;
  /** Monotonic milliseconds. */
  now: () => number;
}

/** What was in the store, and when it was asked. */
export interface Held<V> {
  value: V;
  /** When the fetch began. */
  fetchedAt: number;
}

export interface CachedSecret<V> {
  /** What is held if it is young enough, else what the store says; when that is down, the last good value. */
  latest(deadline: Deadline): Promise<Held<V>>;
  /** What the store says, past every cache on the way. */
  load(deadline: Deadline): Promise<Held<V>>;
  /** What is held, however old; `null` before the first good fetch. */
  held(): Held<V> | null;
}

/**
 * A secret out of the store, parsed and kept for a while.
 *
 * Concurrent misses share one fetch; a failure is never kept. When the store is down, the last good value serves on for
 * up to an hour.
 */
export function createCachedSecret<V>(parts: CachedSecretParts<V>): CachedSecret<V> {
  const { now, warn } = parts;
  const flights = createSingleFlight<Kept>();
  let held: Kept | null = null;

  interface Kept extends Held<V> {
    /** The store is asked again from then on. */
    staleAt: number;
  }

  /** Fetches, parses and keeps. `fresh` shares no flight that is not. */
  function load(deadline: Deadline, fresh: boolean): Promise<Kept> {
    return flights.join(String(fresh), deadline, async ({ signal }) => {
      const fetchedAt = now();
      const text = await fetchInTime(parts, signal, fresh);
      const fetched = { value: parts.parse(text), fetchedAt, staleAt: now() + parts.ttlMs };
      // An older fetch that took its time must not undo a newer one.
      if (!held || held.fetchedAt <= fetchedAt) held = fetched;
      return fetched;
    }).result;
  }

  return {
    async latest(deadline) {
      if (held && now() < held.staleAt) return held;
      const lastGood = held;
      try {
        return await load(deadline, false);
      } catch (error) {
        if (!lastGood || !isOutage(error) || now() - lastGood.fetchedAt > LAST_GOOD_MS) throw error;
        warn("secret_store_unavailable_using_last_good_value", {
          age_seconds: Math.round((now() - lastGood.fetchedAt) / 1000),
        });
        lastGood.staleAt = now() + STORE_RETRY_MS;
        return lastGood;
      }
    },
    load: (deadline) => load(deadline, true),
    held: () => held,
  };
}

/** The secret's text, or SECRET_UNAVAILABLE after its slice of time, whatever the store's client does then. */
async function fetchInTime(
  { fetchSecret, secretId }: Pick<CachedSecretParts<unknown>, "fetchSecret" | "secretId">,
  abandoned: AbortSignal,
  fresh: boolean,
): Promise<string> {
  const controller = new AbortController();
  const stopped = Promise.withResolvers<never>();
  const stop = (why: LookupError) => {
    controller.abort();
    stopped.reject(why);
  };
  // Not taken off again: the signal is of this fetch alone, and goes with it.
  abandoned.addEventListener("abort", () => stop(new LookupError("DEADLINE_EXCEEDED")));
  const timer = setTimeout(() => {
    const cause = new StoreOutage(`no answer in ${SECRET_FETCH_MS} ms`);
    stop(new LookupError("SECRET_UNAVAILABLE", { cause }));
  }, SECRET_FETCH_MS);
  try {
    return await Promise.race([fetchSecret(secretId, { signal: controller.signal, fresh }), stopped.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof LookupError && error.cause instanceof StoreOutage;
}
