import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamoTable } from "../../src/ledger/aws/dynamodb-table.ts";
import { LEDGER_TABLE } from "../../src/ledger/definition.ts";
import { queryAll, replace, type Table } from "../../src/ledger/table.ts";
import { dynamodbAt, serveTable } from "../support/dynamodb.ts";
import { createMemoryTable } from "../support/memory-table.ts";

let now = Date.parse("2026-03-01T09:00:00Z");
const wallNow = () => now;
const inAnHour = () => Math.floor(now / 1000) + 3600;

let served: Awaited<ReturnType<typeof serveTable>>;
beforeAll(async () => {
  served = await serveTable("ledger", LEDGER_TABLE);
});
afterAll(() => served.close());

const tables: [string, () => Table][] = [
  ["DynamoDB", () => createDynamoTable({ table: "ledger", wallNow, makeClient: () => served.client })],
  ["memory", () => createMemoryTable(wallNow).table],
];

/** Both are held to it: what the watch is tested on in memory, it finds in DynamoDB. */
describe.each(tables)("a table in %s", (name, open) => {
  const item = (sk: string, data: unknown = { text: sk }) => ({ pk: `${name}#a`, sk, data, expiresAt: null });
  let table: Table;
  beforeAll(() => {
    table = open();
  });

  it("puts what is absent once, and gives it back", async () => {
    expect(await table.put(item("once", { list: [1, null], text: "华为" }), "absent")).toBe(true);
    expect(await table.put(item("once", {}), "absent")).toBe(false);
    expect(await table.get(item("once"))).toMatchObject({ rev: 1, data: { list: [1, null], text: "华为" } });
    expect(await table.get(item("never"))).toBeNull();
  });

  it("replaces the revision that was read, and no other", async () => {
    await table.put(item("twice"), "absent");
    const read = await table.get<{ text: string }>(item("twice"));
    if (!read) throw new Error("it was put");
    const next = await replace(table, read, { text: "new" });
    expect(next).toMatchObject({ rev: 2, data: { text: "new" } });
    expect(await replace(table, read, { text: "late" })).toBeNull();
    expect((await table.get(item("twice")))?.data).toEqual({ text: "new" });
    expect(await table.put(item("nothing there"), 1)).toBe(false);
  });

  it("removes the revision that was read, and is content when it is gone already", async () => {
    await table.put(item("gone"), "absent");
    expect(await table.remove(item("gone"), 2)).toBe(false);
    expect(await table.remove(item("gone"), 1)).toBe(true);
    expect(await table.get(item("gone"))).toBeNull();
    expect(await table.remove(item("gone"), 1)).toBe(true);
    await table.put(item("gone"), "absent");
    expect(await table.remove(item("gone"), "any")).toBe(true);
  });

  it("shows nothing that has expired, and counts it as absent", async () => {
    await table.put({ ...item("passing"), pk: `${name}#p`, expiresAt: inAnHour() }, "absent");
    expect(await table.get({ pk: `${name}#p`, sk: "passing" })).toMatchObject({ expiresAt: inAnHour() });
    now += 3_600_000;
    expect(await table.get({ pk: `${name}#p`, sk: "passing" })).toBeNull();
    expect((await table.query({ pk: `${name}#p` })).items).toEqual([]);
    expect(await table.put({ ...item("passing"), pk: `${name}#p` }, "absent")).toBe(true);
  });

  it("pages through a partition in either direction", async () => {
    const pk = `${name}#pages`;
    for (const sk of ["b", "a", "d", "c", "e"]) await table.put({ ...item(sk), pk }, "absent");
    const first = await table.query({ pk, limit: 2 });
    expect(first.items.map(({ sk }) => sk)).toEqual(["a", "b"]);
    expect(first.next).toBe("b");
    expect((await queryAll(table, { pk, after: "b", limit: 2 })).map(({ sk }) => sk)).toEqual([
      "c",
      "d",
      "e",
    ]);
    const last = await table.query({ pk, isDescending: true, limit: 1 });
    expect(last.items.map(({ sk }) => sk)).toEqual(["e"]);
    expect((await table.query({ pk, isDescending: true, after: "c" })).items.map(({ sk }) => sk)).toEqual([
      "b",
      "a",
    ]);
  });

  it("finds by an index what is filed under it", async () => {
    const pk = `${name}#filed`;
    const filed = { byUser: `${name}#u1`, byName: `${name}#alice` };
    await table.put({ ...item("1"), pk, ...filed, order: "2026-01" }, "absent");
    await table.put({ ...item("2"), pk, ...filed, order: "2026-02" }, "absent");
    await table.put({ ...item("3"), pk }, "absent");
    const byUser = await table.query({ pk: `${name}#u1`, index: "by_user", isDescending: true });
    expect(byUser.items.map(({ sk }) => sk)).toEqual(["2", "1"]);
    const byName = await table.query({ pk: `${name}#alice`, index: "by_name", after: "2026-01" });
    expect(byName.items.map(({ sk }) => sk)).toEqual(["2"]);
  });
});

describe("DynamoDB", () => {
  it("takes what its own lost attempt wrote for its success", async () => {
    let failed = 0;
    const client = dynamodbAt(served.url);
    // The answer of the first attempt is lost after it was written.
    client.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        if (failed++ > 0) return answer;
        throw Object.assign(new Error("lost"), { name: "TimeoutError", $retryable: {} });
      },
      { step: "finalizeRequest", priority: "low" },
    );
    const table = createDynamoTable({ table: "ledger", wallNow, makeClient: () => client });
    expect(await table.put({ pk: "lost", sk: "1", data: {}, expiresAt: null }, "absent")).toBe(true);
    expect(failed).toBe(2);
    client.destroy();
  });
});
