import type { ChangeLog } from "../ledger/changes.ts";
import { bindingsOf, keepPastBinding } from "../ledger/desktops.ts";
import type { LedgerEvent } from "../ledger/event.ts";
import { changeEvent, eventsOf, expiryOf, findEvent, type KeptEvent, keepEvent } from "../ledger/events.ts";
import { type Mark, mark } from "../ledger/marks.ts";
import type { Table } from "../ledger/table.ts";
import { readInstant } from "../time/instant.ts";
import { inParallel } from "./in-parallel.ts";
import type { Found, Judgement } from "./judge-records.ts";

export interface Recording {
  table: Table;
  changes: ChangeLog;
  profile: string;
  scope: string;
  desktopId: string;
  retentionDays: number;
  /** Whether detach-info was never answered before. */
  isFirst: boolean;
  /** When it was asked. */
  askedAt: number;
}

const WRITES_AT_ONCE = 16;

/**
 * Writes down what a check found: the event, then the change that makes it news, then the mark that says that the record is done
 * with. A run that dies after any of them is repeated by the next one to the same end.
 *
 * @returns How many events are new.
 */
export async function record(recording: Recording, judgement: Judgement): Promise<number> {
  const { table, profile, desktopId, retentionDays } = recording;
  let count = 0;
  const baseline = judgement.found.filter(({ kind }) => kind === "baseline");
  await inParallel(baseline, WRITES_AT_ONCE, (found) => recordBaseline(recording, found));
  for (const found of judgement.found) {
    if (found.kind === "confirms") await confirm(recording, found, found.event.event_id);
    else if (found.kind === "new" && (await recordNew(recording, found))) count += 1;
  }
  for (const event of judgement.unconfirmed) {
    const kept = await keepEvent(table, { event, isBaseline: false }, expiryAt(recording, event));
    if (await publish(recording, kept)) count += 1;
  }
  for (const eventId of judgement.promoted) if (await promote(recording, eventId)) count += 1;
  const pk = bindingsOf(profile, desktopId);
  for (const past of judgement.past) {
    await keepPastBinding(table, pk, past, expiryOf(past.until_by, retentionDays));
  }
  return count;
}

async function recordBaseline(recording: Recording, { recordId, event }: Found): Promise<void> {
  const { table } = recording;
  await keepEvent(table, { event, isBaseline: true }, expiryAt(recording, event));
  await markAs(recording, recordId, { event_id: event.event_id, is_baseline: true });
}

function markAs(recording: Recording, recordId: string, as: Omit<Mark, "at">): Promise<void> {
  return mark(recording.table, { ...recording, recordId }, { ...as, at: recording.askedAt });
}

async function recordNew(recording: Recording, found: Found): Promise<boolean> {
  const { table, isFirst } = recording;
  const { recordId, event, mayConfirm } = found;
  if (mayConfirm !== null && (await findEvent(table, placeOf(event), mayConfirm))) {
    await confirm(recording, found, mayConfirm);
    return false;
  }
  const kept = await keepEvent(table, { event, isBaseline: false }, expiryAt(recording, event));
  // A run that died had taken it for a part of the baseline, before a list showed the user gone.
  const isNew = kept.isBaseline
    ? isFirst && (await promote(recording, recordId))
    : await publish(recording, kept);
  await markAs(recording, recordId, { event_id: event.event_id, is_baseline: false });
  return isNew;
}

/** What the list alone had shown keeps its ID, gets its times, and is one more change. */
async function confirm(recording: Recording, { recordId, event }: Found, eventId: string): Promise<void> {
  const { table, changes } = recording;
  const item = await findEvent(table, placeOf(event), eventId);
  if (item) {
    const { event: told } = item.data;
    const confirmed: LedgerEvent = {
      ...told,
      user_name: told.user_name ?? event.user_name,
      user_group: told.user_group ?? event.user_group,
      unbound_at: event.unbound_at,
      detach_time: event.detach_time,
      confirmed: true,
    };
    if (!told.confirmed) {
      const kept = { ...item.data, event: confirmed, confirmedAt: recording.askedAt };
      await mustHold(changeEvent(table, item, kept));
    }
    if (!item.data.published?.includes("confirmed"))
      await changes.append({ kind: "confirmed", event: confirmed }, expiryAt(recording, event));
  }
  await markAs(recording, recordId, { event_id: eventId, is_baseline: false });
}

/** A record of the baseline is news after all. */
async function promote(recording: Recording, eventId: string): Promise<boolean> {
  const { table, profile, desktopId } = recording;
  const item = await findEvent(table, eventsOf(profile, desktopId), eventId);
  if (!item) return false;
  const kept = { ...item.data, isBaseline: false };
  if (item.data.isBaseline) await mustHold(changeEvent(table, item, kept));
  return await publish(recording, kept);
}

/** @returns Whether it was not before. */
async function publish(recording: Recording, { event, published }: KeptEvent): Promise<boolean> {
  if (published?.includes("unbound")) return false;
  return await recording.changes.append({ kind: "unbound", event }, expiryAt(recording, event));
}

function placeOf({ profile, desktop_id: desktopId }: LedgerEvent): string {
  return eventsOf(profile, desktopId);
}

function expiryAt({ retentionDays }: Recording, { observed_at: observedAt }: LedgerEvent): number | null {
  return expiryOf(readInstant(observedAt) ?? 0, retentionDays);
}

async function mustHold(writing: Promise<boolean>): Promise<void> {
  if (!(await writing)) throw new Error("another run changed the event");
}
