import type { LedgerEvent } from "./event.ts";
import { type Item, queryAll, replace, type Table } from "./table.ts";

/**
 * What is still to be told, for each channel. An entry goes `due → sending` before it is sent, and is removed when the platform
 * took it: one that is found `sending` was in somebody's hands when the run died.
 */
export interface OutboxEntry {
  profile: string;
  content: { kind: "event"; event: LedgerEvent } | { kind: "notice"; notice: Notice };
  state: "due" | "sending";
  /** The number of the run that sent it last. */
  run: number;
  /** How often its answer was lost. */
  lost: number;
  /** Whether the platform refused its form: then it is sent as plain text. */
  is_plain: boolean;
  /** Milliseconds since the epoch. */
  due_since: number;
}

/** A line that is no event. */
export type Notice =
  | { kind: "watching"; desktops: number }
  | { kind: "blind"; since: string }
  | { kind: "sees-again"; since: string }
  /** A test message, which no outbox has. */
  | { kind: "hello" };

export type OutboxItem = Item<OutboxEntry>;

export const outboxOf = (channel: string) => `outbox#${channel}`;
/** For what nobody reads any more, since its channel is gone. */
const KEPT_SECONDS = 10 * 86_400;

/** @param id What it is, so that it is put in once. */
export async function putDue(
  table: Table,
  place: { channel: string; id: string },
  { profile, content }: Pick<OutboxEntry, "profile" | "content">,
  now: number,
): Promise<void> {
  const data: OutboxEntry = {
    profile,
    content,
    state: "due",
    run: 0,
    lost: 0,
    is_plain: false,
    due_since: now,
  };
  const expiresAt = Math.floor(now / 1000) + KEPT_SECONDS;
  await table.put({ pk: outboxOf(place.channel), sk: place.id, data, expiresAt }, "absent");
}

export function readOutbox(table: Table, channel: string): Promise<OutboxItem[]> {
  return queryAll<OutboxEntry>(table, { pk: outboxOf(channel) });
}

export function changeEntry(
  table: Table,
  item: OutboxItem,
  changes: Partial<OutboxEntry>,
): Promise<OutboxItem | null> {
  return replace(table, item, { ...item.data, ...changes });
}

/** It is told, or there is nothing more to be done for it. */
export async function removeEntry(table: Table, { pk, sk }: OutboxItem): Promise<void> {
  await table.remove({ pk, sk }, "any");
}
