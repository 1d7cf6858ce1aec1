import type { LedgerEvent } from "./event.ts";
import { filedUnderName, filedUnderUser, type KeptEvent } from "./events.ts";
import type { Item, Page, Table } from "./table.ts";

/** Which events of a person are wanted, and how many. */
export interface PersonSearch {
  profile: string;
  /** An ID or a name, in any case. */
  who: string;
  fits: (event: LedgerEvent) => boolean;
  limit: number;
  /** Only what comes behind this place; `null` from the newest on. */
  after: string | null;
}

export interface PersonEvents {
  /** Newest first; those without a time come last. */
  events: LedgerEvent[];
  /** The place of the last one, where there are more. */
  next: string | null;
}

/** What a page holds at the least: filters take some. */
const MIN_PAGE = 50;
/** DynamoDB answers with 1 MB, which is about as many events. */
const MAX_PAGE = 1001;

/** A place in the order of the indexes: a time and an event's ID. */
export const PLACE = /^(?:0000|[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)#[0-9a-f]{32}$/;

/** Events by a person's ID and by the name, from two indexes that are read side by side. */
export async function readPerson(table: Table, search: PersonSearch): Promise<PersonEvents> {
  const { profile, who, fits, limit } = search;
  const streams = [
    openStream(table, { ...search, index: "by_user", pk: filedUnderUser(profile, who) }),
    openStream(table, { ...search, index: "by_name", pk: filedUnderName(profile, who) }),
  ];
  const events: LedgerEvent[] = [];
  let place: string | null = null;
  for (;;) {
    await Promise.all(streams.map((stream) => stream.fill()));
    const item = newest(streams.map((stream) => stream.head()));
    if (!item) return { events, next: null };
    for (const stream of streams) if (stream.head()?.order === item.order) stream.drop();
    const { event } = item.data;
    if (!fits(event)) continue;
    if (events.length === limit) return { events, next: place };
    events.push(event);
    place = item.order ?? null;
  }
}

type EventItem = Item<KeptEvent>;

function newest(heads: readonly (EventItem | undefined)[]): EventItem | undefined {
  return heads.reduce(
    (found, each) => ((each?.order ?? "") > (found?.order ?? "") ? each : found),
    undefined,
  );
}

/** One index, read ahead page by page. */
function openStream(
  table: Table,
  { index, pk, limit, after }: { index: "by_user" | "by_name"; pk: string } & PersonSearch,
) {
  const most = Math.min(MAX_PAGE, Math.max(MIN_PAGE, limit + 1));
  let items: EventItem[] = [];
  let at = 0;
  let next: string | null | undefined = after ?? undefined;
  return {
    async fill(): Promise<void> {
      while (at >= items.length && next !== null) {
        const page: Page<KeptEvent> = await table.query<KeptEvent>({
          pk,
          index,
          isDescending: true,
          limit: most,
          ...(next !== undefined && { after: next }),
        });
        ({ items, next } = page);
        at = 0;
      }
    },
    head: () => items[at],
    drop: () => {
      at += 1;
    },
  };
}
