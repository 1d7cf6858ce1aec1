import { describe, expect, it } from "vitest";
import type { BatchItem, Unbinding } from "../../src/contract/answers.ts";
import { createCollection } from "../../src/lookup/collect.ts";

const row = (user_name: string) => ({ user_name }) as Unbinding;
const result = (id: string, rows: readonly Unbinding[]) =>
  ({ ok: true, desktop_id: id, unbindings: rows, count: rows.length, truncated: false }) as BatchItem;
const failure = (id: string) => ({ ok: false, desktop_id: id, code: "DESKTOP_NOT_FOUND" }) as BatchItem;

describe("the results of a batch as they come in", () => {
  it("stand in the order asked, whatever the order in which they came", () => {
    const collection = createCollection();
    for (const index of [2, 0, 1]) collection.add(index, failure(`d${index}`));
    expect(collection.all().map(({ desktop_id }) => desktop_id)).toEqual(["d0", "d1", "d2"]);
  });

  it("are untouched as long as they are no burden", () => {
    const collection = createCollection();
    const items = [result("d0", [row("x".repeat(8_000_000))]), result("d1", [row("y".repeat(7_000_000))])];
    for (const [index, item] of items.entries()) collection.add(index, item);
    expect(collection.all()).toEqual(items);
  });

  it("never hold more than twice what any way takes, and say which were cut", () => {
    const collection = createCollection();
    const name = "x".repeat(1_000_000);
    for (let index = 0; index < 40; index++) {
      collection.add(index, result(`d${index}`, [row(`newest ${name}`), row(`older ${name}`)]));
      const held = collection
        .all()
        .flatMap((item) => (item.ok ? item.unbindings : []))
        .reduce((sum, { user_name }) => sum + (user_name?.length ?? 0), 0);
      expect(held).toBeLessThan(16_000_000);
    }
    collection.add(40, failure("d40"));
    const all = collection.all();
    expect(all).toHaveLength(41);
    expect(all[40]).toEqual(failure("d40"));
    for (const item of all.slice(0, 40)) {
      if (!item.ok) throw new Error("an answer was lost");
      expect(item.count).toBe(item.unbindings.length);
      expect(item.truncated).toBe(item.count < 2);
      // What is left of one is its newest.
      if (item.count === 1) expect(item.unbindings[0]?.user_name).toMatch(/^newest/);
    }
  });
});
