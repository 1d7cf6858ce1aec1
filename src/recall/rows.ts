import { bytesWithinJson } from "../contract/fit.ts";
import type { PersonRow } from "../contract/ledger-answers.ts";
import type { LedgerEvent } from "../ledger/event.ts";

/**
 * Of a page, within the JSON of an answer: a load balancer takes 1 MB, and a tool's answer has each row twice, the second
 * time as a text, in which escapes are escaped: three times as many bytes at the worst.
 */
const MOST_BYTES = 300_000;
/** What CSV adds to a row: the coverage in columns. */
const COLUMNS_BYTES = 400;

/** As many rows as fit every way that an answer goes; one at the least. */
export function howManyFit(rows: readonly object[]): number {
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    bytes += bytesWithinJson(JSON.stringify(row)) + COLUMNS_BYTES;
    if (bytes > MOST_BYTES && index > 0) return index;
  }
  return rows.length;
}

export function rowOf({ event: _, schema_version: __, ...row }: LedgerEvent): PersonRow {
  const { event_id, profile, desktop_id, desktop_name, user_id, user_name, user_group, type } = row;
  const { unbound_at, detach_time, observed_at, confirmed } = row;
  const who = { user_id, user_name, user_group, type };
  const when = { unbound_at, detach_time, observed_at, confirmed };
  return { event_id, profile, desktop_id, desktop_name, ...who, ...when };
}
