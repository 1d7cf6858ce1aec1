import type { Change } from "./changes.ts";
import type { LedgerEvent } from "./event.ts";
import { type Filed, type Item, type NewItem, queryAll, type Table } from "./table.ts";

/** An event as it is kept. */
export interface KeptEvent {
  event: LedgerEvent;
  /** It was there before we looked for the first time: kept, and not told. */
  isBaseline: boolean;
  /** When detach-info first showed what the list alone had shown, in milliseconds since the epoch. */
  confirmedAt?: number;
  /**
   * Which of its changes are written, noted by the run after the one that wrote them and died: what stands behind the outbox's
   * place in the sequence need not be looked for.
   */
  published?: readonly Change["kind"][];
}

const DAY_SECONDS = 86_400;

/** When what was observed then is forgotten, in seconds since the epoch; `null` for never. */
export function expiryOf(observedAt: number, retentionDays: number): number | null {
  return retentionDays === 0 ? null : Math.floor(observedAt / 1000) + retentionDays * DAY_SECONDS;
}

export const eventsOf = (profile: string, desktopId: string) => `events#${profile}#${desktopId}`;

/** The partitions of the indexes: what a person is asked for by, in lower case. */
export const filedUnderUser = (profile: string, userId: string) => `user#${profile}#${userId.toLowerCase()}`;
export const filedUnderName = (profile: string, name: string) => `person#${profile}#${name.toLowerCase()}`;

/** What cannot be read comes first, and so last where the newest are first. */
const UNKNOWN_TIME = "0000";

function filed({
  profile,
  user_id: id,
  user_name: name,
  unbound_at: at,
  event_id: eventId,
}: LedgerEvent): Filed {
  return {
    byUser: id === null || id === "" ? null : filedUnderUser(profile, id),
    byName: name === null || name === "" ? null : filedUnderName(profile, name),
    order: placeOf({ unbound_at: at, event_id: eventId }),
  };
}

/** What the indexes are sorted by. */
export function placeOf({ unbound_at: at, event_id: eventId }: Pick<LedgerEvent, "unbound_at" | "event_id">) {
  return `${at ?? UNKNOWN_TIME}#${eventId}`;
}

function itemOf(kept: KeptEvent, expiresAt: number | null): NewItem<KeptEvent> {
  const { event } = kept;
  const pk = eventsOf(event.profile, event.desktop_id);
  return { pk, sk: event.event_id, data: kept, expiresAt, ...filed(event) };
}

/** Keeps an event, once: whoever comes later with the same one gets what is kept. */
export async function keepEvent(table: Table, kept: KeptEvent, expiresAt: number | null): Promise<KeptEvent> {
  const item = itemOf(kept, expiresAt);
  if (await table.put(item, "absent")) return kept;
  return (await table.get<KeptEvent>(item))?.data ?? kept;
}

export function findEvent(table: Table, pk: string, eventId: string): Promise<Item<KeptEvent> | null> {
  return table.get<KeptEvent>({ pk, sk: eventId });
}

/** Puts what is known by now in the place of what was; false when another writer came first. */
export function changeEvent(table: Table, item: Item<KeptEvent>, kept: KeptEvent): Promise<boolean> {
  return table.put(itemOf(kept, item.expiresAt), item.rev);
}

/** Notes with an event that its change is written. */
export async function notePublished(table: Table, { event, kind }: Change): Promise<void> {
  const item = await findEvent(table, eventsOf(event.profile, event.desktop_id), event.event_id);
  if (!item || item.data.published?.includes(kind)) return;
  const published = [...(item.data.published ?? []), kind];
  if (!(await changeEvent(table, item, { ...item.data, published })))
    throw new Error("another run changed the event");
}

/** What was told of a desktop. */
export async function readEvents(table: Table, profile: string, desktopId: string): Promise<LedgerEvent[]> {
  const items = await queryAll<KeptEvent>(table, { pk: eventsOf(profile, desktopId) });
  return items.filter(({ data }) => !data.isBaseline).map(({ data }) => data.event);
}
