import { type Item, replace, type Table } from "./table.ts";

/** How a channel fares. Times in milliseconds since the epoch. */
export interface ChannelState {
  /** Failures in a row. */
  failures: number;
  failing_since: number | null;
  /** The number of the run that tries again, at the earliest. */
  next_run: number;
  /** The platform asked to be left alone until then. */
  not_before: number;
}

export type ChannelItem = Item<ChannelState>;

/** From where on a channel is told of a profile. */
export interface Subscription {
  /** The changes behind this one. */
  since: number;
  /** Whether it has been told that it is watched. */
  is_greeted: boolean;
}

export type SubscriptionItem = Item<Subscription>;

const channelOf = (channel: string) => `channel#${channel}`;
const STATE = "state";

const WELL: ChannelState = { failures: 0, failing_since: null, next_run: 0, not_before: 0 };

export async function readChannel(table: Table, channel: string): Promise<ChannelItem> {
  const key = { pk: channelOf(channel), sk: STATE };
  return (await table.get<ChannelState>(key)) ?? { ...key, rev: 0, data: WELL, expiresAt: null };
}

export async function changeChannel(table: Table, item: ChannelItem, state: ChannelState): Promise<void> {
  await table.put({ ...item, data: state }, "any");
}

/** A channel that is new to a profile hears of what happens from now on. */
export async function subscribe(
  table: Table,
  channel: string,
  profile: string,
  head: number,
): Promise<SubscriptionItem> {
  const key = { pk: channelOf(channel), sk: `profile#${profile}` };
  const kept = await table.get<Subscription>(key);
  if (kept) return kept;
  const data: Subscription = { since: head, is_greeted: false };
  if (await table.put({ ...key, data, expiresAt: null }, "absent"))
    return { ...key, rev: 1, data, expiresAt: null };
  throw new Error("another run opened the channel");
}

export async function noteGreeting(table: Table, item: SubscriptionItem): Promise<void> {
  await replace(table, item, { ...item.data, is_greeted: true });
}
