import { createKnown } from "../cache/read-through.ts";
import type { Result } from "../contract/answers.ts";
import type { Filters, Query } from "../contract/query.ts";
import type { TimedUnbinding, Unbinding } from "../contract/unbinding.ts";
import type { CallContext } from "../observe/call.ts";
import type { DesktopHistory, FetchHistory, FindDesktops } from "./ports.ts";
import { createNames } from "./resolve-name.ts";

export type { Result };

export interface LookupParts {
  fetchHistory: FetchHistory;
  findDesktops: FindDesktops;
  /** How long an answer is kept; 0 keeps none. */
  resultTtlMs: number;
  /** Monotonic milliseconds. */
  now: () => number;
}

export type Lookup = (query: Query, call: CallContext) => Promise<Result>;

const CACHE_ENTRIES = 1000;
/**
 * Rows of all kept answers together: some 10 MB, or twenty for each answer if all places are taken. With five times as
 * many, a question for 10,000 rows cost twice the CPU: the garbage collector walks over all that is kept.
 */
const CACHE_ROWS = 20_000;

/** Answers questions: from what is known, else from the upstream, once for all who ask at the same time. */
export function createLookup({ fetchHistory, findDesktops, resultTtlMs, now }: LookupParts): Lookup {
  const resolveName = createNames({ findDesktops, ttlMs: resultTtlMs, now });
  const known = createKnown<DesktopHistory>({
    ttlMs: resultTtlMs,
    maxEntries: CACHE_ENTRIES,
    maxWeight: CACHE_ROWS,
    weightOf: (history) => history.rows.length + 1,
    now,
  });

  return async (query, call) => {
    const { profile, fresh } = query;
    call.trace.lookups += 1;
    try {
      const desktop: Desktop =
        "name" in query.desktop
          ? await resolveName(query.desktop.name, profile, fresh, call)
          : { desktop_id: query.desktop.id, desktop_name: null };
      const key = `${profile === null ? "" : `=${profile}`}\n${desktop.desktop_id}`;
      const { value: history, ageMs } = await known.get(key, fresh, call, (shared) =>
        fetchHistory(profile, desktop.desktop_id, shared),
      );
      call.trace.profile = history.profile;
      return toResult(desktop, query.filters, history, Math.floor(ageMs / 1000), call.requestId);
    } finally {
      // What is remembered may be an error.
      if (call.trace.cache === "hit") call.trace.cacheHits += 1;
    }
  };
}

/** The desktop asked for; its name today, as the upstream writes it, where the question was put by name. */
interface Desktop {
  desktop_id: string;
  desktop_name: string | null;
}

function toResult(
  desktop: Desktop,
  filters: Filters,
  history: DesktopHistory,
  ageSeconds: number,
  requestId: string,
): Result {
  const matching = filter(history.rows, filters);
  const unbindings = matching.slice(0, filters.limit).map(({ row }) => row);
  const last = newestOf(history.rows);
  return {
    desktop_id: desktop.desktop_id,
    desktop_name: desktop.desktop_name ?? nameIn(history.rows),
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

/** The name in the newest row that has one. */
function nameIn(rows: readonly TimedUnbinding[]): string | null {
  return rows.find(({ row }) => row.desktop_name !== null)?.row.desktop_name ?? null;
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
