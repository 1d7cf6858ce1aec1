import { type Change, changesOf } from "./changes.ts";
import { bindingsOf, type PastBinding } from "./desktops.ts";
import { eventsOf, filedUnderName, filedUnderUser, type KeptEvent } from "./events.ts";
import { type OutboxEntry, outboxOf } from "./outbox.ts";
import { type Item, queryAll, type Table } from "./table.ts";

export interface Forgotten {
  events: number;
  changes: number;
  bindings: number;
  outbox: number;
}

/**
 * Takes a person out of a profile's ledger: events, changes, bindings that ended, and what is still to be told. The marks stay, so
 * that nothing of it is told as new. Who is bound now is listed again by the next run.
 *
 * @param who A user's or group's ID or name, in any case.
 * @param channels The keys of the channels whose outboxes are looked through.
 */
export async function forgetPerson(
  table: Table,
  profile: string,
  who: string,
  channels: readonly string[],
): Promise<Forgotten> {
  const found = new Map<string, KeptEvent>();
  const filed = [
    { index: "by_user", pk: filedUnderUser(profile, who) },
    { index: "by_name", pk: filedUnderName(profile, who) },
  ] as const;
  for (const { index, pk } of filed) {
    for (const { sk, data } of await queryAll<KeptEvent>(table, { pk, index })) found.set(sk, data);
  }
  const isOurs = (eventId: string | null) => eventId !== null && found.has(eventId);
  const wanted = who.toLowerCase();
  const isPerson = ({ user_id: id, user_name: name }: Pick<PastBinding, "user_id" | "user_name">) =>
    id?.toLowerCase() === wanted || name?.toLowerCase() === wanted;

  const changes = await removeWhere<Change>(table, changesOf(profile), ({ data }) =>
    isOurs(data.event.event_id),
  );
  let outbox = 0;
  for (const channel of channels) {
    outbox += await removeWhere<OutboxEntry>(table, outboxOf(channel), ({ data: { content } }) =>
      content.kind === "event" ? isOurs(content.event.event_id) : false,
    );
  }
  const desktops = new Set([...found.values()].map(({ event }) => event.desktop_id));
  let bindings = 0;
  for (const desktopId of desktops) {
    const pk = bindingsOf(profile, desktopId);
    bindings += await removeWhere<PastBinding>(table, pk, ({ data }) => isPerson(data));
  }
  // Last: by the events everything else is found, should this have to be done again.
  for (const [sk, { event }] of found)
    await table.remove({ pk: eventsOf(profile, event.desktop_id), sk }, "any");
  return { events: found.size, changes, bindings, outbox };
}

async function removeWhere<T>(
  table: Table,
  pk: string,
  isWanted: (item: Item<T>) => boolean,
): Promise<number> {
  const items = (await queryAll<T>(table, { pk })).filter(isWanted);
  for (const item of items) await table.remove(item, "any");
  return items.length;
}
