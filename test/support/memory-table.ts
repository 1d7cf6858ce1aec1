import type { Expected, Item, Key, Page, Query, Table } from "../../src/ledger/table.ts";

/** As it is kept: the data as text, as in DynamoDB. */
type Kept = Omit<Item<unknown>, "data"> & { data: string };

/**
 * The ledger's table in memory, with the same promises as DynamoDB: test/ledger/table.test.ts holds both to them.
 */
export function createMemoryTable(wallNow: () => number) {
  const partitions = new Map<string, Map<string, Kept>>();
  const partitionOf = (pk: string) => partitions.get(pk) ?? new Map<string, Kept>();
  const isLive = (item: Kept | undefined): item is Kept =>
    item !== undefined && (item.expiresAt === null || item.expiresAt > Math.floor(wallNow() / 1000));
  const isExpected = (item: Kept | undefined, expected: Expected) =>
    expected === "any" || (expected === "absent" ? !isLive(item) : item?.rev === expected);
  const read = <T>(item: Kept): Item<T> => ({ ...item, data: JSON.parse(item.data) });

  const table: Table = {
    async get<T>({ pk, sk }: Key) {
      const item = partitionOf(pk).get(sk);
      return isLive(item) ? read<T>(item) : null;
    },
    async put(item, expected) {
      const { pk, sk, expiresAt, byUser = null, byName = null, order = null } = item;
      const partition = partitionOf(pk);
      if (!isExpected(partition.get(sk), expected)) return false;
      const rev = typeof expected === "number" ? expected + 1 : 1;
      const data = JSON.stringify(item.data);
      partitions.set(pk, partition.set(sk, { pk, sk, expiresAt, byUser, byName, order, rev, data }));
      return true;
    },
    async remove({ pk, sk }, expected) {
      const item = partitionOf(pk).get(sk);
      if (item !== undefined && !isExpected(item, expected)) return false;
      partitionOf(pk).delete(sk);
      return true;
    },
    async query<T>({ pk, index, after, isDescending = false, limit = 1000 }: Query) {
      const sortOf = (item: Kept) => (index === undefined ? item.sk : (item.order ?? ""));
      const sign = isDescending ? -1 : 1;
      const compare = (a: string, b: string) => (a < b ? -sign : a > b ? sign : 0);
      const all = index === undefined ? [...partitionOf(pk).values()] : filedUnder(index, pk);
      const found = all
        .filter((item) => after === undefined || compare(sortOf(item), after) > 0)
        .sort((a, b) => compare(sortOf(a), sortOf(b)));
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const next = found.length > limit && last ? sortOf(last) : null;
      return { items: page.filter(isLive).map((item) => read<T>(item)), next } satisfies Page<T>;
    },
  };

  function filedUnder(index: "by_user" | "by_name", pk: string): Kept[] {
    const all = [...partitions.values()].flatMap((partition) => [...partition.values()]);
    return all.filter(({ byUser, byName }) => (index === "by_user" ? byUser : byName) === pk);
  }

  return {
    table,
    /** The data of all items of the partitions that begin like that. */
    dataOf: (prefix: string): unknown[] =>
      [...partitions]
        .filter(([pk]) => pk.startsWith(prefix))
        .flatMap(([, items]) => [...items.values()].map(({ data }) => JSON.parse(data))),
  };
}
