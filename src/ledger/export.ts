import type { LedgerEvent } from "./event.ts";
import { readChanges } from "./read-changes.ts";
import type { Table } from "./table.ts";

const PAGE = 1000;

/** All changes that were seen since then, in their order; what was confirmed later on comes once more. */
export async function* exportChanges(
  table: Table,
  profile: string,
  since: number,
): AsyncGenerator<LedgerEvent> {
  let after = 0;
  for (;;) {
    const { items, upTo, isLast } = await readChanges(table, profile, { after, limit: PAGE });
    for (const { data } of items) if (Date.parse(data.event.observed_at) >= since) yield data.event;
    if (isLast) return;
    after = upTo;
  }
}
