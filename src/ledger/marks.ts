import { queryAll, type Table } from "./table.ts";

/**
 * The IDs of all records that are done with, for each desktop. They outlive the events: what retention or an operator removed is
 * not new when detach-info lists it again.
 */

/** The event that a record became: one that was told before it was confirmed keeps its first ID. */
interface Mark {
  event_id: string;
}

const marksOf = (scope: string, desktopId: string) => `marks#${scope}#${desktopId}`;

export async function readMarks(
  table: Table,
  scope: string,
  desktopId: string,
): Promise<Map<string, string>> {
  const items = await queryAll<Mark>(table, { pk: marksOf(scope, desktopId) });
  return new Map(items.map(({ sk, data }) => [sk, data.event_id]));
}

export interface MarkPlace {
  scope: string;
  desktopId: string;
  recordId: string;
}

export async function mark(
  table: Table,
  { scope, desktopId, recordId }: MarkPlace,
  eventId: string,
): Promise<void> {
  const data: Mark = { event_id: eventId };
  await table.put({ pk: marksOf(scope, desktopId), sk: recordId, data, expiresAt: null }, "any");
}

/** Detach-info lists the record no more. */
export async function unmark(table: Table, { scope, desktopId, recordId }: MarkPlace): Promise<void> {
  await table.remove({ pk: marksOf(scope, desktopId), sk: recordId }, "any");
}
