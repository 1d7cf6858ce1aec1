import { hash } from "node:crypto";
import { type Item, queryAll, replace, type Table } from "./table.ts";

/** Somebody who is bound to a desktop, and what is known of since when. Times in milliseconds since the epoch. */
export interface Binding {
  user_id: string | null;
  user_name: string | null;
  user_group: string | null;
  type: string | null;
  /** A list that began then did not show it; `null` when no list did so. */
  from_after: number | null;
  /** The first list that showed it was complete by then. */
  from_by: number;
  /** The event that ended it while lists still showed it, and in how many more lists that counts as their lagging behind. */
  ended?: { event_id: string; lists: number };
  /** A record of the baseline that may be its end, and when the check that found it began. */
  maybe?: { event_id: string; at: number };
}

/** A binding that the list shows no more, and that detach-info does not show ended yet. */
export interface Loss extends Binding {
  until_after: number;
  until_by: number;
  /** When the list first showed it gone; stands in for the time in the event's ID. */
  observed_at: string;
  /** How often detach-info was asked since. */
  asked: number;
  /** Whether it is the desktop that the lists do not show. */
  is_gone: boolean;
}

/** What is known of a desktop. */
export interface DesktopState {
  name: string | null;
  /** When the first list that showed it began. */
  first_seen: number;
  /** Whether it appeared after the first complete list. */
  is_late: boolean;
  /** When the list began by which this was last changed; lists that changed nothing are not written down. */
  seen_at: number;
  /** Complete lists in a row without it. */
  missed: number;
  /** When it was found to be gone. */
  gone_at: number | null;
  /** When the last detach-info that was answered was asked. */
  checked_at: number | null;
  /** When detach-info was last asked, whether it was answered or not. */
  tried_at: number | null;
  /** Of the IDs of all records in that answer. */
  digest: string | null;
  bindings: Record<string, Binding>;
  losses: readonly Loss[];
  /** The events that the list alone has shown so far, by who was bound. */
  unconfirmed: Record<string, string[]>;
}

/** The partitions that a profile's desktops are spread over, so that they are read side by side. */
export const SHARDS = 16;

export function shardOf(desktopId: string): number {
  return Number.parseInt(hash("sha256", desktopId, "hex").slice(0, 4), 16) % SHARDS;
}

const fleetOf = (scope: string, shard: number) => `fleet#${scope}#${shard}`;

export type DesktopItem = Item<DesktopState>;

export function readShard(table: Table, scope: string, shard: number): Promise<DesktopItem[]> {
  return queryAll<DesktopState>(table, { pk: fleetOf(scope, shard) });
}

export function readDesktop(table: Table, scope: string, desktopId: string): Promise<DesktopItem | null> {
  return table.get<DesktopState>({ pk: fleetOf(scope, shardOf(desktopId)), sk: desktopId });
}

/** @returns The item as it is now; `null` when another writer came first. */
export async function addDesktop(
  table: Table,
  scope: string,
  desktopId: string,
  state: DesktopState,
): Promise<DesktopItem | null> {
  const item = { pk: fleetOf(scope, shardOf(desktopId)), sk: desktopId, data: state, expiresAt: null };
  return (await table.put(item, "absent")) ? { ...item, rev: 1 } : null;
}

export function changeDesktop(
  table: Table,
  item: DesktopItem,
  state: DesktopState,
  expiresAt: number | null = null,
): Promise<DesktopItem | null> {
  return replace(table, { ...item, expiresAt }, state);
}

/** Under any name that it had, a desktop is found by. */
export async function fileName(table: Table, scope: string, name: string, desktopId: string): Promise<void> {
  const data = { desktop_id: desktopId, desktop_name: name };
  const pk = `name#${scope}#${name.toLowerCase()}`;
  await table.put({ pk, sk: desktopId, data, expiresAt: null }, "any");
}

/** A binding that has ended. Where the bounds are equal, the time is known. */
export interface PastBinding extends Omit<Binding, "ended" | "maybe"> {
  until_after: number;
  until_by: number;
  event_id: string | null;
}

export const bindingsOf = (profile: string, desktopId: string) => `bindings#${profile}#${desktopId}`;

/** The same one, however often it is written: its key is what it is. */
export async function keepPastBinding(
  table: Table,
  pk: string,
  past: PastBinding,
  expiresAt: number | null,
): Promise<void> {
  const { user_id: id, user_name: name, type, until_by: untilBy } = past;
  const who = hash("sha256", JSON.stringify([type, id, name]), "hex").slice(0, 16);
  const sk = `${new Date(untilBy).toISOString()}#${who}`;
  await table.put({ pk, sk, data: past, expiresAt }, "any");
}
