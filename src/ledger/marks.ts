import { queryAll, type Table } from "./table.ts";

/**
 * The IDs of all records that are done with, for each desktop. They outlive the events: what retention or an operator removed is
 * not new when detach-info lists it again.
 */

export interface Mark {
  /** The event that the record became: one that was told before it was confirmed keeps its first ID. */
  event_id: string;
  is_baseline: boolean;
  /** When detach-info was asked: if that is not in the desktop's state, the run died before it got there. */
  at: number;
}

const marksOf = (scope: string, desktopId: string) => `marks#${scope}#${desktopId}`;

export async function readMarks(table: Table, scope: string, desktopId: string): Promise<Map<string, Mark>> {
  const items = await queryAll<Mark>(table, { pk: marksOf(scope, desktopId) });
  return new Map(items.map(({ sk, data }) => [sk, data]));
}

export interface MarkPlace {
  scope: string;
  desktopId: string;
  recordId: string;
}

export async function mark(
  table: Table,
  { scope, desktopId, recordId }: MarkPlace,
  data: Mark,
): Promise<void> {
  await table.put({ pk: marksOf(scope, desktopId), sk: recordId, data, expiresAt: null }, "any");
}

/** Detach-info lists the record no more. */
export async function unmark(table: Table, { scope, desktopId, recordId }: MarkPlace): Promise<void> {
  await table.remove({ pk: marksOf(scope, desktopId), sk: recordId }, "any");
}
