import type { Kind } from "../access/guard.ts";
import { LookupError } from "../contract/errors.ts";
import type { HolderRow, HoldersAnswer } from "../contract/ledger-answers.ts";
import { holdersByIdSchema, holdersByNameSchema } from "../contract/ledger-questions.ts";
import { parse, type Query } from "../contract/query.ts";
import { DEFAULT_LIMIT } from "../contract/questions.ts";
import { type DesktopItem, readDesktop } from "../ledger/desktops.ts";
import { type Holder, holdersAt } from "../ledger/holders.ts";
import { readProfile, scopeOf } from "../ledger/profile-state.ts";
import { coverageNow, readCoverage } from "../ledger/read-coverage.ts";
import { type FleetKey, findByName, readRecord } from "../ledger/read-desktop.ts";
import type { Table } from "../ledger/table.ts";
import { readBound, writeInstant } from "../time/instant.ts";
import { noteOf } from "./note.ts";
import type { Asking } from "./ports.ts";
import { readLedger } from "./read-ledger.ts";

interface HoldersQuery extends Query {
  /** Milliseconds since the epoch. */
  at: number;
}

export function readHoldersQuery({ input, known = [] }: Asking, now: number): HoldersQuery {
  const { at: text } = input;
  const at = typeof text === "string" && text.length <= 64 ? readBound(text, now) : Number.NaN;
  const message = "must be RFC 3339 with a zone (2026-02-10T08:15:30Z) or a span before now (30d, 12h, 45m)";
  const reading = { input, now, known: at === null ? [...known, { field: "at", message }] : known };
  if ("desktop_name" in input && !("desktop_id" in input)) {
    const { data, options } = parse(holdersByNameSchema(input), reading, DEFAULT_LIMIT);
    return { ...options, desktop: { name: data.desktop_name }, at: at as number };
  }
  const { data, options } = parse(holdersByIdSchema(input), reading, DEFAULT_LIMIT);
  return { ...options, desktop: { id: data.desktop_id }, at: at as number };
}

export function holdersKind(table: Table, wallNow: () => number): Kind<HoldersQuery, HoldersAnswer> {
  return {
    isAboutUsers: true,
    look: ({ desktop, at }, { name: profile }, call) =>
      readLedger(call, async () => {
        const [state, kept] = await Promise.all([readProfile(table, profile), readCoverage(table, profile)]);
        if (!state) throw unknownDesktop();
        const fleet: FleetKey = { profile, scope: scopeOf(profile, state.data) };
        const item = await findDesktop(table, fleet, desktop);
        const record = await readRecord(table, fleet, item);
        const holders = holdersAt(record, at).map(rowOf);
        const coverage = coverageNow(kept, wallNow());
        const { checked_at: checkedAt, name } = item.data;
        const since = coverage.watched_since;
        const isWithin = since !== null && at >= Date.parse(since) && checkedAt !== null && at <= checkedAt;
        const covered = { ...coverage, complete: coverage.complete && isWithin };
        return {
          desktop_id: item.sk,
          desktop_name: name,
          profile,
          at: writeInstant(at),
          count: holders.length,
          holders,
          ...covered,
          note: noteOf(holders.length, covered),
          request_id: call.requestId,
        };
      }),
    hide: (answer) => answer,
    named: ({ desktop }) => ({
      question: "holders",
      ...("id" in desktop ? { desktop_id: desktop.id } : { desktop_name: desktop.name }),
    }),
    describe: ({ desktop_id, count: rows }) => ({ desktop_id, rows }),
  };
}

function unknownDesktop(): LookupError {
  return new LookupError("DESKTOP_NOT_FOUND", { detail: "The watch has not seen such a desktop." });
}

async function findDesktop(table: Table, fleet: FleetKey, desktop: Query["desktop"]): Promise<DesktopItem> {
  if ("id" in desktop) {
    const item = await readDesktop(table, fleet.scope, desktop.id);
    if (!item) throw unknownDesktop();
    return item;
  }
  const [found, ...others] = await findByName(table, fleet, desktop.name);
  if (!found) throw unknownDesktop();
  if (others.length === 0) return found;
  const candidates = [found, ...others].map(({ sk, data: { name } }) => ({
    desktop_id: sk,
    desktop_name: name ?? desktop.name,
  }));
  throw new LookupError("AMBIGUOUS_NAME", {
    detail: "Several desktops bear the name or bore it. Ask again with one of the IDs in `candidates`.",
    candidates,
  });
}

const textOf = (time: number | null) => (time === null ? null : writeInstant(time));

function rowOf(holder: Holder): HolderRow {
  return {
    ...holder,
    from_after: textOf(holder.from_after),
    from_by: textOf(holder.from_by),
    until_after: textOf(holder.until_after),
    until_by: textOf(holder.until_by),
  };
}
