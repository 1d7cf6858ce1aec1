import type { Expected, Item, Page, Query, Table } from "../../src/ledger/table.ts";

/**
 * The ledger's table in memory, with the same promises as DynamoDB: test/ledger/table.test.ts holds both to them. What goes in
 * and out is copied, as over a wire.
 */
export function createMemoryTable(wallNow: () => number) {
  const items = new Map<string, Item<unknown>>();
  const keyOf = ({ pk, sk }: { pk: string; sk: string }) => JSON.stringify([pk, sk]);
  const isLive = (item: Item<unknown> | undefined): item is Item<unknown> =>
    item !== undefined && (item.expiresAt === null || item.expiresAt > Math.floor(wallNow() / 1000));
  const isExpected = (item: Item<unknown> | undefined, expected: Expected) =>
    expected === "any" || (expected === "absent" ? !isLive(item) : item?.rev === expected);

  const table: Table = {
    async get<T>(key: { pk: string; sk: string }) {
      const item = items.get(keyOf(key));
      return isLive(item) ? (structuredClone(item) as Item<T>) : null;
    },
    async put(item, expected) {
      const key = keyOf(item);
      if (!isExpected(items.get(key), expected)) return false;
      const rev = typeof expected === "number" ? expected + 1 : 1;
      items.set(key, structuredClone({ byUser: null, byName: null, order: null, ...item, rev }));
      return true;
    },
    async remove(key, expected) {
      const item = items.get(keyOf(key));
      if (item !== undefined && !isExpected(item, expected)) return false;
      items.delete(keyOf(key));
      return true;
    },
    async query<T>({ pk, index, after, isDescending = false, limit = 1000 }: Query) {
      const sortOf = (item: Item<unknown>) => (index === undefined ? item.sk : (item.order ?? ""));
      const partitionOf = (item: Item<unknown>) =>
        index === undefined ? item.pk : index === "by_user" ? item.byUser : item.byName;
      const sign = isDescending ? -1 : 1;
      const compare = (a: string, b: string) => (a < b ? -sign : a > b ? sign : 0);
      const found = [...items.values()]
        .filter(
          (item) => partitionOf(item) === pk && (after === undefined || compare(sortOf(item), after) > 0),
        )
        .sort((a, b) => compare(sortOf(a), sortOf(b)));
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        items: structuredClone(page.filter(isLive)) as Item<T>[],
        next: found.length > limit && last ? sortOf(last) : null,
      } satisfies Page<T>;
    },
  };
  return { table, items };
}
