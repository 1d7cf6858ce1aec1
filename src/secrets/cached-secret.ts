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
  /** What is held if it is young enough; `null` where the store is to be asked. */
  young(): Held<V> | null;
  /** What is held if it is young enough, else what the store says; when that is down, the last good value. */
  latest(deadline: Deadline): Promise<Held<V>>;
  /** What the store says, past every cache on the way. */
  load(deadline: Deadline): Promise<Held<V>>;
  /** The same, unless the store was asked within `ms`: then what came of that, be it a failure. */
  loadAtMostEvery(ms: number, deadline: Deadline): Promise<Held<V>>;
  /** What is held, however old; `null` before the first good fetch. */
  held(): Held<V> | null;
}

/**
 * A secret out of the store, parsed and kept for a while.
 *
 * Concurrent misses share one fetch; a failure is never kept. When the store is down, the last good value serves on for
 * up to an hour. What is kept was asked for last, whatever comes last.
 */
export function createCachedSecret<V>(parts: CachedSecretParts<V>): CachedSecret<V> {
  const { now, warn } = parts;
  const flights = createSingleFlight<Kept>();
  let held: Kept | null = null;
  let fetches = 0;
  /** The newest fetch that the store has answered, with a value or a no, and not by being down. */
  let answered = 0;
  /** The fetch that ended last, however it did. */
  let last: { askedAt: number; failure: unknown } = { askedAt: Number.NEGATIVE_INFINITY, failure: null };

  interface Kept extends Held<V> {
    /** The store is asked again from then on. */
    staleAt: number;
  }

  /** Fetches, parses and keeps. `fresh` shares no flight that is not. */
  function load(deadline: Deadline, fresh: boolean): Promise<Kept> {
    return flights.join(String(fresh), deadline, async ({ signal }) => {
      const fetchedAt = now();
      const number = ++fetches;
      try {
        const text = await fetchInTime(parts, signal, fresh);
        const fetched = { value: parts.parse(text), fetchedAt, staleAt: now() + parts.ttlMs };
        last = { askedAt: fetchedAt, failure: null };
        if (number < answered) return held ?? fetched;
        answered = number;
        held = fetched;
        return fetched;
      } catch (error) {
        last = { askedAt: fetchedAt, failure: error };
        if (isStoreDown(error) || signal.aborted) throw error;
        if (number > answered) {
          answered = number;
          // A no is not kept, but what was asked for earlier is no longer the latest either.
          if (held) held.staleAt = fetchedAt;
        }
        throw error;
      }
    }).result;
  }

  const young = () => (held && now() < held.staleAt ? held : null);

  return {
    young,
    async latest(deadline) {
      const kept = young();
      if (kept) return kept;
      try {
        return await load(deadline, false);
      } catch (error) {
        // Another fetch, asked for later, may have brought one meanwhile.
        const brought = young();
        if (brought) return brought;
        if (!held || !isStoreDown(error) || now() - held.fetchedAt > LAST_GOOD_MS) throw error;
        warn("secret_store_unavailable_using_last_good_value", {
          age_seconds: Math.round((now() - held.fetchedAt) / 1000),
        });
        held.staleAt = now() + STORE_RETRY_MS;
        return held;
      }
    },
    load: (deadline) => load(deadline, true),
    async loadAtMostEvery(ms, deadline) {
      if (!held || now() - last.askedAt >= ms) return await load(deadline, true);
      if (last.failure !== null) throw last.failure;
      return held;
    },
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
  abandoned.addEventListener("abort", () => {
    const cause = new StoreOutage("no answer before nobody waited any more");
    stop(new LookupError("SECRET_UNAVAILABLE", { cause }));
  });
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

/** Whether the store said nothing: it may do so in a moment. */
export function isStoreDown(error: unknown): boolean {
  return error instanceof LookupError && error.cause instanceof StoreOutage;
}
