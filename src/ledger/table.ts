/** Where an item is. */
export interface Key {
  pk: string;
  sk: string;
}

/** What an item is filed under besides its key: the person whom an event is about. */
export interface Filed {
  /** In lower case, with the profile. */
  byUser?: string | null;
  byName?: string | null;
  /** What the two are sorted by. */
  order?: string | null;
}

export interface Item<T> extends Key, Filed {
  /** 1 when it was first put, one more with each change. */
  rev: number;
  data: T;
  /** Seconds since the epoch; from then on nobody gets to see it. `null` for ever. */
  expiresAt: number | null;
}

export type NewItem<T> = Omit<Item<T>, "rev">;

/**
 * What must be there for a write to happen: nothing, or the revision that was read. `any` is for items that are the same
 * whoever writes them.
 */
export type Expected = "absent" | "any" | number;

export interface Query {
  pk: string;
  /** The partition of an index in place of the table's own. An index may lag behind. */
  index?: "by_user" | "by_name";
  /** Only sort keys behind this one; or, in descending order, before it. */
  after?: string;
  isDescending?: boolean;
  limit?: number;
}

export interface Page<T> {
  items: Item<T>[];
  /** Where the next page begins, as `after`; `null` on the last. */
  next: string | null;
}

/**
 * The table that the ledger is kept in: single reads and single conditional writes, no transactions. Reads are consistent,
 * and never show what has expired. Whatever it throws, the write may have happened or not.
 */
export interface Table {
  get<T>(key: Key): Promise<Item<T> | null>;
  /** @returns Whether what was expected was there. */
  put<T>(item: NewItem<T>, expected: Expected): Promise<boolean>;
  remove(key: Key, expected: "any" | number): Promise<boolean>;
  query<T>(query: Query): Promise<Page<T>>;
}

/** All items of a partition, in the order of their sort keys. */
export async function queryAll<T>(table: Table, query: Query): Promise<Item<T>[]> {
  const items: Item<T>[] = [];
  let after = query.after;
  for (;;) {
    const page: Page<T> = await table.query<T>({ ...query, ...(after !== undefined && { after }) });
    items.push(...page.items);
    if (page.next === null) return items;
    after = page.next;
  }
}

/** Puts a changed item and answers it with its new revision; `null` when another writer came first. */
export async function replace<T>(table: Table, item: Item<T>, data: T): Promise<Item<T> | null> {
  const { rev, ...rest } = item;
  return (await table.put({ ...rest, data }, rev)) ? { ...rest, data, rev: rev + 1 } : null;
}
