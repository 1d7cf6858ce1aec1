import type { TimedUnbinding } from "../contract/unbinding.ts";
import { changeDesktop, type DesktopItem } from "../ledger/desktops.ts";
import { eventsOf, expiryOf, findEvent, readEvents } from "../ledger/events.ts";
import { readMarks, unmark } from "../ledger/marks.ts";
import { digestOf, isLastAsk, judgeRecords, recordIdOf } from "./judge-records.ts";
import { type Recording, record } from "./record.ts";

export interface CheckParts extends Omit<Recording, "desktopId" | "isFirst" | "askedAt"> {
  /** When the list of this run began. */
  listStartedAt: number;
}

export interface Answered {
  /** `null` when the upstream knows no such desktop. */
  rows: readonly TimedUnbinding[] | null;
  /** Milliseconds since the epoch, before it was asked. */
  askedAt: number;
}

/**
 * Takes what detach-info said of a desktop into the ledger.
 *
 * @returns How many events are new.
 */
export async function takeAnswer(
  parts: CheckParts,
  item: DesktopItem,
  { rows, askedAt }: Answered,
): Promise<number> {
  const { table, profile, scope, listStartedAt, retentionDays } = parts;
  const { sk: desktopId, data: state } = item;
  const ids = new Set((rows ?? []).map(({ row }) => recordIdOf(profile, desktopId, row)));
  const hasOpenLoss = state.losses.length > 0;
  if (rows !== null && !hasOpenLoss && state.digest === digestOf(ids)) {
    await save(table, item, { ...state, checked_at: askedAt, tried_at: askedAt }, null);
    return 0;
  }
  const marks = await readMarks(table, scope, desktopId);
  const events = state.losses.some(isLastAsk) ? await readEvents(table, profile, desktopId) : [];
  const judgement = judgeRecords({ profile, desktopId, state, rows, marks, events, listStartedAt, askedAt });
  const recording: Recording = { ...parts, desktopId, askedAt, isFirst: state.checked_at === null };
  const count = await record(recording, judgement);
  if (ids.size > 0) {
    for (const [recordId, { event_id: eventId }] of marks) {
      if (!ids.has(recordId)) await forget(recording, recordId, eventId);
    }
  }
  const { gone_at: goneAt, losses } = judgement.state;
  const isDone = goneAt !== null && losses.length === 0;
  await save(table, item, judgement.state, isDone ? expiryOf(goneAt, retentionDays) : null);
  return count;
}

/** The mark of a record that detach-info lists no more goes once the event is gone: until then it may come back. */
async function forget({ table, profile, scope, desktopId }: Recording, recordId: string, eventId: string) {
  if (await findEvent(table, eventsOf(profile, desktopId), eventId)) return;
  await unmark(table, { scope, desktopId, recordId });
}

/** Detach-info was asked, and gave no answer: others come first next time. */
export async function noteAttempt({ table }: CheckParts, item: DesktopItem, askedAt: number): Promise<void> {
  await save(table, item, { ...item.data, tried_at: askedAt }, item.expiresAt);
}

async function save(
  table: CheckParts["table"],
  item: DesktopItem,
  state: DesktopItem["data"],
  expiresAt: number | null,
): Promise<void> {
  if (!(await changeDesktop(table, item, state, expiresAt)))
    throw new Error("another run changed the desktop");
}
