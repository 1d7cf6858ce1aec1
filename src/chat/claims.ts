import { createCache } from "../cache/lru.ts";
import type { Warn } from "../observe/log.ts";

/** Feishu delivers again for over seven hours. */
export const REMEMBERED_MS = 8 * 3_600_000;
/** Of the container's memory: more messages than one container sees in that time. */
const MAX_REMEMBERED = 20_000;
/** A table that takes longer is down: the person waits. */
const TABLE_MS = 700;

/** Who does the work on a message that may come more than once. */
export interface Claims {
  /** Whether this is the first time; whoever claims first does the work. */
  claim(id: string): Promise<boolean>;
  /** The work was not done: whoever comes next may claim it. */
  release(id: string): Promise<void>;
}

/** Remembers in the container alone: enough while there is one, and while it lives. */
export function createMemoryClaims(now: () => number): Claims {
  const claimed = createCache<true>({ maxEntries: MAX_REMEMBERED, maxWeight: MAX_REMEMBERED, now });
  return {
    async claim(id) {
      if (claimed.get(id)) return false;
      claimed.set(id, true, REMEMBERED_MS);
      return true;
    },
    async release(id) {
      claimed.set(id, true, 0);
    },
  };
}

export interface ClaimsParts {
  /** Monotonic milliseconds. */
  now: () => number;
  /** `null` when none is configured. */
  table: Claims | null;
  warn: Warn;
  /** How long the table may take. */
  tableMs?: number;
}

/**
 * What the container remembers, then what the table does. A table that is down must not keep anybody from an answer: then
 * the container's memory alone decides.
 */
export function createClaims({ now, table, warn, tableMs = TABLE_MS }: ClaimsParts): Claims {
  const memory = createMemoryClaims(now);
  if (!table) return memory;

  async function ask<T>(work: Promise<T>, otherwise: T): Promise<T> {
    try {
      return await inTime(work, tableMs);
    } catch (error) {
      warn("dedupe_table_unavailable", { reason: (error as Error).name });
      return otherwise;
    }
  }

  return {
    async claim(id) {
      return (await memory.claim(id)) && (await ask(table.claim(id), true));
    },
    async release(id) {
      await memory.release(id);
      await ask(table.release(id), undefined);
    },
  };
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DOMException("no answer in time", "TimeoutError")), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
