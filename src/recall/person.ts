import type { Kind } from "../access/guard.ts";
import type { PersonAnswer } from "../contract/ledger-answers.ts";
import { personQuerySchema } from "../contract/ledger-questions.ts";
import { parse, type QueryOptions } from "../contract/query.ts";
import { DEFAULT_LIMIT } from "../contract/questions.ts";
import type { LedgerEvent } from "../ledger/event.ts";
import { placeOf } from "../ledger/events.ts";
import { coverageNow, readCoverage } from "../ledger/read-coverage.ts";
import { PLACE, readPerson } from "../ledger/read-person.ts";
import type { Table } from "../ledger/table.ts";
import { invalidCursor, readCursor, tieOf, writeCursor } from "./cursor.ts";
import { noteOf } from "./note.ts";
import type { Asking } from "./ports.ts";
import { readLedger } from "./read-ledger.ts";
import { howManyFit, rowOf } from "./rows.ts";

interface PersonQuery extends QueryOptions {
  /** As the caller wrote it. */
  user: string;
  cursor: string | null;
  /** What a cursor is tied to, beside the profile: spans as they are written, since what they stand for moves. */
  filtersAsGiven: readonly unknown[];
}

const GROUPS = "Losses through a group are found by the group.";

export function readPersonQuery({ input, known = [] }: Asking, now: number): PersonQuery {
  const { data, options } = parse(personQuerySchema(input), { input, now, known }, DEFAULT_LIMIT);
  const { user, type = null } = options.filters;
  const filtersAsGiven = [user, type, input["since"] ?? null, input["until"] ?? null];
  return { ...options, user: data.user, cursor: data.cursor ?? null, filtersAsGiven };
}

export function personKind(table: Table, wallNow: () => number): Kind<PersonQuery, PersonAnswer> {
  return {
    isAboutUsers: true,
    look: (query, { name: profile }, call) =>
      readLedger(call, async () => {
        const tie = tieOf("person", profile, ...query.filtersAsGiven);
        const [found, kept] = await Promise.all([
          readPerson(table, {
            profile,
            who: query.user,
            fits: fitting(query),
            limit: query.filters.limit,
            after: placeIn(query.cursor, tie),
          }),
          readCoverage(table, profile),
        ]);
        const rows = found.events.map(rowOf);
        const count = howManyFit(rows);
        const truncated = found.next !== null || count < rows.length;
        const last = found.events[count - 1];
        const coverage = coverageNow(kept, wallNow());
        return {
          user: query.user,
          profile,
          count,
          truncated,
          cursor: truncated && last ? writeCursor(tie, [placeOf(last)]) : null,
          unbindings: rows.slice(0, count),
          ...coverage,
          note: noteOf(count, coverage, GROUPS),
          request_id: call.requestId,
        };
      }),
    hide: (answer) => answer,
    // Whom it is about is nothing for a log.
    named: () => ({ question: "unbindings_of_person" }),
    describe: ({ count: rows }) => ({ rows }),
  };
}

function placeIn(cursor: string | null, tie: string): string | null {
  if (cursor === null) return null;
  const [place, ...rest] = readCursor(cursor, tie);
  if (typeof place !== "string" || rest.length > 0 || !PLACE.test(place))
    throw invalidCursor("is not one that was given out");
  return place;
}

/** The same as for the upstream's rows: one without a time passes no bound. */
function fitting({ filters: { since, until, type } }: PersonQuery) {
  return ({ unbound_at: text, type: own }: LedgerEvent): boolean => {
    if (type !== null && own?.toUpperCase() !== type) return false;
    if (since === null && until === null) return true;
    const at = text === null ? Number.NaN : Date.parse(text);
    return (since === null || at >= since) && (until === null || at <= until);
  };
}
