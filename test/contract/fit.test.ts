import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BatchItem, Unbinding } from "../../src/contract/answers.ts";
import { bytesWithinJson, fit, type Way } from "../../src/contract/fit.ts";

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

const wayOf = (maxBytes: number): Way => ({
  maxBytes,
  rowBytes: (row) => bytesOf(row) + 1,
  restBytes: (items) => bytesOf(items),
});

const rowOf = (text: string) => ({ user_name: text }) as Unbinding;

function itemOf(names: readonly string[], lastUserName: string | null = null) {
  return {
    ok: true,
    desktop_id: "d0",
    last_user_name: lastUserName,
    count: names.length,
    total: names.length,
    truncated: false,
    unbindings: names.map(rowOf),
  } as unknown as BatchItem & {
    unbindings: Unbinding[];
    count: number;
    truncated: boolean;
    last_user_name: string | null;
  };
}

const failed = { ok: false, desktop_id: "d1", code: "INTERNAL" } as BatchItem;
const namesOf = (count: number) => Array.from({ length: count }, (_, index) => `${index} ${"x".repeat(100)}`);

describe("an answer that is too large for its way", () => {
  it("is left as it is when it fits", () => {
    const items = [itemOf(namesOf(10), "x".repeat(5000)), failed];
    expect(fit(items, wayOf(bytesOf(items)))).toEqual(items);
  });

  it("keeps of each desktop the newest rows, as many of one as of another, and says so", () => {
    const items = [itemOf(namesOf(100)), failed, itemOf(namesOf(3)), itemOf(namesOf(100))];
    const [first, second, third, fourth] = fit(items, wayOf(5000)) as [
      ReturnType<typeof itemOf>,
      BatchItem,
      BatchItem,
      ReturnType<typeof itemOf>,
    ];
    expect([second, third]).toEqual(items.slice(1, 3));
    expect(first).toMatchObject({ count: first.unbindings.length, total: 100, truncated: true });
    expect(first.unbindings).toEqual(namesOf(first.count).map(rowOf));
    expect(Math.abs(first.count - fourth.count)).toBeLessThanOrEqual(1);
    expect(first.count).toBeGreaterThan(10);
  });

  it("loses a row that is larger than all the room, with those that are older, and no other desktop's", () => {
    const [first, second] = fit([itemOf(["a", "x".repeat(9000), "b"]), itemOf(["c", "d", "e"])], wayOf(2000));
    expect(first).toMatchObject({ count: 1, total: 3, truncated: true, unbindings: [{ user_name: "a" }] });
    expect(second).toMatchObject({ count: 3, truncated: false });
  });

  it("is not lost for a text beside the rows, which is cut and ends with an ellipsis", () => {
    const [item] = fit([itemOf(["x".repeat(9000)], "x".repeat(9000))], wayOf(5000));
    expect(item).toMatchObject({
      desktop_id: "d0",
      count: 0,
      total: 1,
      truncated: true,
      last_user_name: `${"x".repeat(1024)}…`,
    });
    const emoji = fit([itemOf([], `x${"😀".repeat(5000)}`)], wayOf(5000))[0];
    expect(emoji?.last_user_name).toBe(`x${"😀".repeat(511)}…`);
    expect(emoji?.truncated).toBe(true);
  });

  it("fits always, keeps the order and counts what it keeps", () => {
    const text = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.nat({ max: 4000 }).map((length) => '"'.repeat(length)),
    );
    const item = fc
      .tuple(fc.array(text, { maxLength: 20 }), fc.option(text))
      .map((given) => itemOf(...given));
    fc.assert(
      fc.property(
        fc.array(item, { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 3000, max: 30_000 }),
        (items, maxBytes) => {
          const fitting = fit(items, wayOf(maxBytes));
          expect(bytesOf(fitting)).toBeLessThanOrEqual(maxBytes);
          expect(fitting).toHaveLength(items.length);
          fitting.forEach(({ count, unbindings, truncated, last_user_name }, index) => {
            const before = items[index] as (typeof items)[number];
            expect(unbindings).toEqual(before.unbindings.slice(0, count));
            expect(truncated).toBe(count < before.count || last_user_name !== before.last_user_name);
          });
          if (bytesOf(items) <= maxBytes) expect(fitting).toEqual(items);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("the bytes of a text within JSON", () => {
  it("are those that it has there", () => {
    const unit = fc.oneof(
      fc.constantFrom('"', "\\", "\n", "\b", "\v", "\0", "\x1f", "\x7f", "é", "语", "😀", "\ud800", "\udc00"),
      fc.string({ unit: "binary", maxLength: 1 }),
    );
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        expect(bytesWithinJson(text)).toBe(bytesOf(text));
      }),
      { numRuns: 1000 },
    );
  });
});
