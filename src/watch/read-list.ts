import { LookupError } from "../contract/errors.ts";
import type { FleetPage, ListedDesktop } from "../lookup/ports.ts";

/** Desktops per page: one is a few kB, and an answer may have 8 MiB. */
export const PAGE_SIZE = 500;
/** A list that moved while it was read is read once more, in the hope that it stands still. */
const MAX_READINGS = 2;

/** The list of a profile's desktops, as far as it could be read. Times in milliseconds since the epoch. */
export interface FleetList {
  startedAt: number;
  endedAt: number;
  desktops: ReadonlyMap<string, ListedDesktop>;
  /** Whether what is not in it is not there. */
  isComplete: boolean;
  /** Why it is not complete, or could not be read further. */
  error: LookupError | null;
}

export interface ListParts {
  /** @throws LookupError */
  fetchPage: (page: { offset: number; limit: number }) => Promise<FleetPage>;
  /** Whether another call may be made. */
  mayCall: () => boolean;
  wallNow: () => number;
}

/**
 * Reads the list page by page. Each page begins with the last desktop of the one before: where it does not, rows have moved, and
 * some may have been skipped.
 */
export async function readList(parts: ListParts): Promise<FleetList> {
  let list = await readOnce(parts);
  for (
    let reading = 1;
    reading < MAX_READINGS && !list.isComplete && !list.error && parts.mayCall();
    reading++
  ) {
    list = merged(list, await readOnce(parts));
  }
  return list;
}

/** Of two readings the later one says what there is now; what the earlier one alone has is not concluded from. */
function merged(earlier: FleetList, later: FleetList): FleetList {
  return later.error && later.desktops.size === 0 ? { ...earlier, error: later.error } : later;
}

async function readOnce({ fetchPage, mayCall, wallNow }: ListParts): Promise<FleetList> {
  const startedAt = wallNow();
  const desktops = new Map<string, ListedDesktop>();
  const end = (isComplete: boolean, error: LookupError | null = null): FleetList => ({
    startedAt,
    endedAt: wallNow(),
    desktops,
    isComplete,
    error,
  });
  let total: number | null | undefined;
  let last: string | null = null;
  for (;;) {
    if (!mayCall()) return end(false, new LookupError("DEADLINE_EXCEEDED"));
    const offset = last === null ? 0 : desktops.size - 1;
    let page: FleetPage;
    try {
      page = await fetchPage({ offset, limit: PAGE_SIZE });
    } catch (error) {
      if (error instanceof LookupError) return end(false, error);
      throw error;
    }
    const isJoined: boolean = last === null || page.desktops[0]?.desktop_id === last;
    const fresh: readonly ListedDesktop[] =
      last !== null && isJoined ? page.desktops.slice(1) : page.desktops;
    const sizeBefore = desktops.size;
    for (const desktop of fresh) desktops.set(desktop.desktop_id, desktop);
    const isTwice = desktops.size < sizeBefore + fresh.length;
    const isSameTotal: boolean = total === undefined || total === page.total;
    total = page.total;
    // The list moved. What was seen was there all the same.
    if (!isJoined || isTwice || !isSameTotal) return end(false);
    if (total !== null && desktops.size >= total) return end(desktops.size === total);
    // Without a total, a short page is the last. With one, there should have been more.
    if (total === null && page.desktops.length < PAGE_SIZE) return end(true);
    if (fresh.length === 0) return end(false);
    last = page.desktops.at(-1)?.desktop_id ?? null;
  }
}
