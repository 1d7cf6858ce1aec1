import { createCache } from "../cache.ts";
import type { Warn } from "../ports.ts";

/** Feishu delivers again for over seven hours. */
export const REMEMBERED_MS = 8 * 3_600_000;
/** Of the container's memory: more messages than one container sees in that time. */
const MAX_REMEMBERED = 20_000;
/** A table that takes longer is down: the person waits. */
const TABLE_MS = 700;

/** Whether this is the first time; whoever claims first does the work. */
export type Claim = (id: string) => Promise<boolean>;

/** Remembers in the container alone: enough while there is one, and while it lives. */
export function createMemoryClaim(now: () => number): Claim {
  const claimed = createCache<true>({ maxEntries: MAX_REMEMBERED, maxWeight: MAX_REMEMBERED, now });
  return async (id) => {
    if (claimed.get(id)) return false;
    claimed.set(id, true, REMEMBERED_MS);
    return true;
  };
}

/**
 * What the container remembers, then what the table does. A table that is down must not keep anybody from an answer: then
 * the container's memory alone decides.
 *
 * @param table `null` when none is configured.
 */
export function createClaim(now: () => number, table: Claim | null, warn: Warn): Claim {
  const memory = createMemoryClaim(now);
  if (!table) return memory;
  return async (id) => {
    if (!(await memory(id))) return false;
    try {
      return await inTime(table(id));
    } catch (error) {
      warn("dedupe_table_unavailable", { reason: (error as Error).name });
      return true;
    }
  };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DOMException("no answer in time", "TimeoutError")), TABLE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
