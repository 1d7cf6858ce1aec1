import { type Change, changesOf, sequenceKey } from "./changes.ts";
import type { ProfileState } from "./profile-state.ts";
import type { Item, Page, Table } from "./table.ts";

export interface ChangesPage {
  items: Item<Change>[];
  /** The number up to which all changes are read by now. */
  upTo: number;
  /** Whether there are no more at the moment. */
  isLast: boolean;
}

/** The changes behind a number, in their order, read consistently. */
export async function readChanges(
  table: Table,
  profile: string,
  { after, limit }: { after: number; limit: number },
): Promise<ChangesPage> {
  const pk = changesOf(profile);
  const items: Item<Change>[] = [];
  let behind: string = sequenceKey(after);
  for (;;) {
    const page: Page<Change> = await table.query<Change>({ pk, after: behind, limit: limit - items.length });
    items.push(...page.items);
    if (page.next !== null) behind = page.next;
    if (page.next === null || items.length >= limit) {
      const last = items.at(-1)?.sk ?? sequenceKey(after);
      return { items, upTo: Number(page.next ?? last), isLast: page.next === null };
    }
  }
}

/** The last number that was given out, as far as a reader can know. */
export async function readHead(table: Table, profile: string, state: ProfileState | null): Promise<number> {
  const { items } = await table.query<Change>({ pk: changesOf(profile), isDescending: true, limit: 1 });
  return Math.max(Number(items[0]?.sk ?? 0), state?.outboxed ?? 0);
}
