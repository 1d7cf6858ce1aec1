import { createKnown } from "../cache/read-through.ts";
import type { Result } from "../contract/answers.ts";
import type { Filters, Query } from "../contract/query.ts";
import type { TimedUnbinding, Unbinding } from "../contract/unbinding.ts";
import type { CallContext } from "../observe/call.ts";
import {
  type DesktopHistory,
  type FetchHistory,
  type FindDesktops,
  ProfileMoved,
  type ProfileRef,
} from "./ports.ts";
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

/** `profile` is the one that is meant: what `query` calls it has been resolved and is not looked at. */
export type Lookup = (query: Query, profile: ProfileRef, call: CallContext) => Promise<Result>;

const CACHE_ENTRIES = 1000;
/** Of all kept answers together, as they came. */
const CACHE_BYTES = 16 * 1024 * 1024;
/**
 * What a row weighs at the least, however short it came: 20,000 rows fill the cache. With five times as many, a question
 * for 10,000 rows cost twice the CPU, since the garbage collector walks over all that is kept.
 */
const ROW_BYTES = CACHE_BYTES / 20_000;

/** Answers questions: from what is known, else from the upstream, once for all who ask at the same time. */
export function createLookup({ fetchHistory, findDesktops, resultTtlMs, now }: LookupParts): Lookup {
  const resolveName = createNames({ findDesktops, ttlMs: resultTtlMs, now });
  const known = createKnown<DesktopHistory>({
    ttlMs: resultTtlMs,
    maxEntries: CACHE_ENTRIES,
    maxWeight: CACHE_BYTES,
    weightOf: ({ rows, bytes }) => Math.max(bytes, rows.length * ROW_BYTES),
    now,
  });

  async function answer(query: Query, profile: ProfileRef, call: CallContext): Promise<Result> {
    const { desktop: asked, fresh, filters } = query;
    const desktop: Desktop =
      "name" in asked
        ? await resolveName(asked.name, profile, fresh, call)
        : { desktop_id: asked.id, desktop_name: null };
    const key = `${profile.identity}\n${desktop.desktop_id}`;
    const { value: history, ageMs } = await known.get(key, fresh, call, (shared) =>
      fetchHistory(profile, desktop.desktop_id, shared),
    );
    const said = { history, ageSeconds: Math.floor(ageMs / 1000), requestId: call.requestId };
    return toResult(desktop, profile.name, filters, said);
  }

  return async (query, profile, call) => {
    call.trace.lookups += 1;
    call.trace.profile = profile.name;
    try {
      return await answer(query, profile, call);
    } catch (error) {
      // The name is the one that was permitted, and what it stands for now is what is known and kept under.
      if (error instanceof ProfileMoved) return await answer(query, error.profile, call);
      throw error;
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

interface Said {
  history: DesktopHistory;
  ageSeconds: number;
  requestId: string;
}

function toResult(
  desktop: Desktop,
  profile: string,
  filters: Filters,
  { history, ageSeconds, requestId }: Said,
): Result {
  const matching = filter(history.rows, filters);
  const unbindings = matching.slice(0, filters.limit).map(({ row }) => row);
  const last = newestOf(history.rows);
  return {
    desktop_id: desktop.desktop_id,
    desktop_name: desktop.desktop_name ?? nameIn(history.rows),
    profile,
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
