import { createCache } from "./cache.ts";
import { asLookupError, LookupError } from "./errors.ts";
import { createSingleFlight } from "./flight.ts";
import type { CallContext, DesktopHistory, FetchHistory } from "./ports.ts";
import type { Filters, Query } from "./query.ts";
import type { TimedUnbinding, Unbinding } from "./unbinding.ts";

/** The answer to one question. Flat; every key is always there. */
export interface Result {
  desktop_id: string;
  desktop_name: string | null;
  profile: string;
  /** Rows returned. */
  count: number;
  /** Rows after the filters, before the limit. */
  total: number;
  truncated: boolean;
  /** The newest unbinding of all, whatever the filters. */
  last_unbound_at: string | null;
  last_user_id: string | null;
  last_user_name: string | null;
  last_user_group: string | null;
  last_type: string | null;
  unbindings: Unbinding[];
  /** How long ago the upstream said so. */
  age_seconds: number;
  request_id: string;
  upstream_request_id: string | null;
}

export interface LookupParts {
  fetchHistory: FetchHistory;
  /** How long an answer is kept; 0 keeps none. */
  resultTtlMs: number;
  /** Monotonic milliseconds. */
  now: () => number;
}

export type Lookup = (query: Query, call: CallContext) => Promise<Result>;

const CACHE_ENTRIES = 1000;
/** Rows of all kept answers together: some 50 MB. */
const CACHE_ROWS = 100_000;
/** A desktop that was unknown may be created any moment. */
const NOT_FOUND_TTL_MS = 10_000;

type Known = DesktopHistory | LookupError;

/** Answers questions: from what is known, else from the upstream, once for all who ask at the same time. */
export function createLookup({ fetchHistory, resultTtlMs, now }: LookupParts): Lookup {
  const cache = createCache<Known>({ maxEntries: CACHE_ENTRIES, maxWeight: CACHE_ROWS, now });
  const flights = createSingleFlight<DesktopHistory>();

  async function fetchAndKeep(key: string, query: Query, call: CallContext): Promise<DesktopHistory> {
    try {
      const history = await fetchHistory(query.profile, query.desktopId, call);
      cache.set(key, history, resultTtlMs, history.rows.length + 1);
      return history;
    } catch (thrown) {
      const error = asLookupError(thrown);
      if (error.code === "DESKTOP_NOT_FOUND") cache.set(key, error, Math.min(NOT_FOUND_TTL_MS, resultTtlMs));
      throw error;
    }
  }

  /** A fresh question shares no flight that took off before it was asked. */
  async function fetchShared(key: string, query: Query, call: CallContext): Promise<DesktopHistory> {
    if (query.fresh) return await fetchAndKeep(key, query, call);
    const { joined, result } = flights.join(key, call.deadline, ({ deadline, signal }) =>
      fetchAndKeep(key, query, { ...call, deadline, signal }),
    );
    if (joined) call.trace.cache = "shared";
    const history = await result;
    call.trace.profile = history.profile;
    return history;
  }

  return async (query, call) => {
    const key = `${query.profile === null ? "" : `=${query.profile}`}\n${query.desktopId}`;
    const cached = query.fresh ? undefined : cache.get(key);
    call.trace.cache = cached ? "hit" : "miss";
    if (cached?.value instanceof LookupError) throw cached.value;
    if (cached) call.trace.profile = cached.value.profile;
    const history = cached?.value ?? (await fetchShared(key, query, call));
    return toResult(query, history, Math.floor((cached?.ageMs ?? 0) / 1000), call.requestId);
  };
}

function toResult(query: Query, history: DesktopHistory, ageSeconds: number, requestId: string): Result {
  const matching = filter(history.rows, query.filters);
  const unbindings = matching.slice(0, query.filters.limit).map(({ row }) => row);
  const last = newestOf(history.rows);
  return {
    desktop_id: query.desktopId,
    desktop_name: history.rows.find(({ row }) => row.desktop_name !== null)?.row.desktop_name ?? null,
    profile: history.profile,
    count: unbindings.length,
    total: matching.length,
    truncated: unbindings.length < matching.length,
    last_unbound_at: last?.unbound_at ?? null,
    last_user_id: last?.user_id ?? null,
    last_user_name: last?.user_name ?? null,
    last_user_group: last?.user_group ?? null,
    last_type: last?.type ?? null,
    unbindings,
    age_seconds: ageSeconds,
    request_id: requestId,
    upstream_request_id: history.upstreamRequestId,
  };
}

/** The newest row, or `null` when there is none or no telling which of several it is. */
function newestOf(rows: readonly TimedUnbinding[]): Unbinding | null {
  const first = rows[0];
  return first && (first.at !== null || rows.length === 1) ? first.row : null;
}

function filter(rows: readonly TimedUnbinding[], filters: Filters): readonly TimedUnbinding[] {
  const { since, until, user, type } = filters;
  if (since === null && until === null && user === null && type === null) return rows;
  return rows.filter(
    ({ row, at }) =>
      (since === null || (at !== null && at >= since)) &&
      (until === null || (at !== null && at <= until)) &&
      (user === null || row.user_name?.toLowerCase() === user || row.user_id?.toLowerCase() === user) &&
      (type === null || row.type?.toUpperCase() === type),
  );
}
