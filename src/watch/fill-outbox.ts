import { sequenceKey } from "../ledger/changes.ts";
import { noteGreeting, type SubscriptionItem, subscribe } from "../ledger/channels.ts";
import { notePublished } from "../ledger/events.ts";
import { type Notice, putDue } from "../ledger/outbox.ts";
import { changeProfile } from "../ledger/profile-state.ts";
import type { Channel } from "./channel.ts";
import { inParallel } from "./in-parallel.ts";
import type { WatchParts } from "./ports.ts";
import type { ProfileRun } from "./profile-run.ts";

/** A channel that is told of a profile. */
export interface Listener {
  channel: Channel;
  subscription: SubscriptionItem;
}

const WRITES_AT_ONCE = 24;

/** Who is told of the profile; a channel that is new hears of what comes from now on. */
export async function subscribeAll(
  { table }: WatchParts,
  { profile, changes }: ProfileRun,
  channels: readonly Channel[],
): Promise<Listener[]> {
  const listeners: Listener[] = [];
  for (const channel of channels.filter((each) => each.watches(profile.name))) {
    listeners.push({
      channel,
      subscription: await subscribe(table, channel.key, profile.name, changes.head()),
    });
  }
  return listeners;
}

/**
 * Puts what is to be told into the outbox of each channel. Only once all of it is there does the profile's state say so; and
 * nothing is sent before, so that no entry is put in again after it was sent.
 */
export async function fillOutbox(
  parts: WatchParts,
  run: ProfileRun,
  listeners: readonly Listener[],
): Promise<void> {
  const { table, wallNow } = parts;
  const { profile, changes, list } = run;
  const now = wallNow();
  const due = changes
    .tail()
    .filter(({ kind, sequence }) => kind === "unbound" && sequence > run.item.data.outboxed)
    .flatMap((change) =>
      listeners
        .filter(({ subscription }) => change.sequence > subscription.data.since)
        .map(({ channel }) => ({ channel, change })),
    );
  await inParallel(due, WRITES_AT_ONCE, ({ channel, change: { event, sequence } }) =>
    putDue(
      table,
      { channel: channel.key, id: `event#${profile.name}#${sequenceKey(sequence)}` },
      { profile: profile.name, content: { kind: "event", event } },
      now,
    ),
  );
  for (const change of changes.inherited) await notePublished(table, change);
  const readers = listeners.filter(({ channel }) => channel.hasReaders);
  for (const listener of readers) {
    for (const notice of run.notices) await putNotice(parts, run, listener, notice);
    if (list?.isComplete && !listener.subscription.data.is_greeted) {
      await putNotice(parts, run, listener, { kind: "watching", desktops: list.desktops.size });
      await noteGreeting(table, listener.subscription);
      listener.subscription = {
        ...listener.subscription,
        data: { ...listener.subscription.data, is_greeted: true },
      };
    }
  }
  run.notices = [];
  const { outboxed, blind_since: blindSince } = run.item.data;
  if (outboxed === changes.head() && blindSince === run.blindSince) return;
  run.item = await changeProfile(table, run.item, { outboxed: changes.head(), blind_since: run.blindSince });
}

async function putNotice(
  { table, wallNow }: WatchParts,
  { profile: { name } }: ProfileRun,
  { channel }: Listener,
  notice: Notice,
): Promise<void> {
  const since = "since" in notice ? `#${notice.since}` : "";
  const place = { channel: channel.key, id: `notice#${name}#${notice.kind}${since}` };
  await putDue(table, place, { profile: name, content: { kind: "notice", notice } }, wallNow());
}
