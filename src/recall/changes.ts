import type { Kind } from "../access/guard.ts";
import type { ChangeRow, ChangesAnswer } from "../contract/ledger-answers.ts";
import { changesQuerySchema } from "../contract/ledger-questions.ts";
import { parse, type QueryOptions } from "../contract/query.ts";
import { DEFAULT_LIMIT } from "../contract/questions.ts";
import type { LedgerEvent } from "../ledger/event.ts";
import { readHiding } from "../ledger/hiding-key.ts";
import { readProfile } from "../ledger/profile-state.ts";
import { readChanges, readHead } from "../ledger/read-changes.ts";
import { coverageNow, DAY_MS, readCoverage } from "../ledger/read-coverage.ts";
import type { Table } from "../ledger/table.ts";
import { invalidCursor, readCursor, tieOf, writeCursor } from "./cursor.ts";
import { noteOf } from "./note.ts";
import type { Asking } from "./ports.ts";
import { readLedger } from "./read-ledger.ts";
import { howManyFit, rowOf } from "./rows.ts";

interface ChangesQuery extends QueryOptions {
  cursor: string | null;
}

/** Where a reader is: the last number, and a time before which nothing that comes next was seen. */
interface Place {
  sequence: number;
  at: number;
}

/** Cursors are the same for so long, that an answer in which nothing is new may be. */
const CURSOR_STEP_MS = 3_600_000;

export function readChangesQuery({ input, known = [] }: Asking, now: number): ChangesQuery {
  const { data, options } = parse(changesQuerySchema(input), { input, now, known }, DEFAULT_LIMIT);
  return { ...options, cursor: data.cursor ?? null };
}

export function changesKind(table: Table, wallNow: () => number): Kind<ChangesQuery, ChangesAnswer> {
  return {
    look: (query, { name: profile }, call, hidesUsers) =>
      readLedger(call, async () => {
        const tie = tieOf("changes", profile);
        const from = query.cursor === null ? null : placeIn(query.cursor, tie);
        const { limit } = query.filters;
        const now = wallNow();
        const [kept, page] = await Promise.all([
          readCoverage(table, profile),
          readChanges(table, profile, { after: from?.sequence ?? 0, limit }),
        ]);
        const days = kept?.retention_days ?? 0;
        if (from !== null && days > 0 && from.at < now - days * DAY_MS)
          throw invalidCursor("lies behind what is kept: begin anew without one");
        if (from !== null && page.items.length === 0) await mustBeReached(table, profile, from.sequence);
        const hideId = hidesUsers && page.items.length > 0 ? await readHiding(table) : null;
        const rows = page.items.map(({ data }) => changeOf(data.event, hideId));
        const count = howManyFit(rows);
        const isAll = count === rows.length && page.isLast;
        const sequence = count === rows.length ? page.upTo : Number(page.items[count - 1]?.sk);
        const seenAt = isAll ? now : Date.parse(page.items[count - 1]?.data.event.observed_at ?? "");
        const at = Math.max(from?.at ?? 0, Math.floor((seenAt || 0) / CURSOR_STEP_MS) * CURSOR_STEP_MS);
        const coverage = coverageNow(kept, now);
        return {
          profile,
          changes: rows.slice(0, count),
          count,
          cursor: writeCursor(tie, [sequence, at]),
          ...coverage,
          note: noteOf(count, coverage),
          request_id: call.requestId,
        };
      }),
    // Hidden where the page is made, since the IDs take a key of the ledger's.
    hide: (answer) => answer,
    named: () => ({ question: "changes" }),
    describe: ({ count: rows }) => ({ rows }),
  };
}

/** A table that was restored knows less than before: whoever is ahead of it would miss what comes next. */
async function mustBeReached(table: Table, profile: string, sequence: number): Promise<void> {
  const state = await readProfile(table, profile);
  if (sequence > (await readHead(table, profile, state?.data ?? null)))
    throw invalidCursor("is ahead of the ledger, which was restored or begun anew: begin anew without one");
}

function placeIn(cursor: string, tie: string): Place {
  const [sequence, at, ...rest] = readCursor(cursor, tie);
  const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!isNumber(sequence) || !isNumber(at) || sequence >= 1e12 || rest.length > 0)
    throw invalidCursor("is not one that was given out");
  return { sequence, at };
}

function changeOf(event: LedgerEvent, hideId: ((eventId: string) => string) | null): ChangeRow {
  const row = rowOf(event);
  const shown = hideId ? { ...row, event_id: hideId(event.event_id), user_id: null, user_name: null } : row;
  return { event: event.event, ...shown, schema_version: event.schema_version };
}
