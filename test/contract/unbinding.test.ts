import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MalformedRow, toUnbindings, UNBINDING_COLUMNS } from "../../src/contract/unbinding.ts";
import { writeInstant } from "../../src/time/instant.ts";
import { RUNS } from "../support/runs.ts";

/** The first row of what `fields` becomes. */
const rowOf = (fields: Record<string, unknown>) => toUnbindings([fields])[0]?.row;

const nothing = {
  desktop_id: null,
  desktop_name: null,
  user_id: null,
  user_name: null,
  user_group: null,
  type: null,
  unbound_at: null,
  detach_time: null,
};

describe("a row of the upstream", () => {
  it("becomes an unbinding with every column, in the order in which they are shown", () => {
    const row = rowOf({
      type: "USER",
      detach_time: "2020-01-08T03:16:01:599000Z",
      user_group: "sudo",
      user_name: "alice",
      user_id: "u1",
      desktop_name: "WIN-ALICE",
      desktop_id: "d1",
    });
    expect(row).toEqual({
      desktop_id: "d1",
      desktop_name: "WIN-ALICE",
      user_id: "u1",
      user_name: "alice",
      user_group: "sudo",
      type: "USER",
      unbound_at: "2020-01-08T03:16:01.599Z",
      detach_time: "2020-01-08T03:16:01:599000Z",
    });
    expect(Object.keys(row ?? {})).toEqual(UNBINDING_COLUMNS);
  });

  it("has null for what is absent or null", () => {
    expect(rowOf({})).toEqual(nothing);
    expect(rowOf({ user_id: null, user_name: undefined, detach_time: null })).toEqual(nothing);
  });

  it("passes unknown values through, and what it does not know by", () => {
    expect(rowOf({ type: "ROBOT", user_group: "", surprise: { deep: true } })).toEqual({
      ...nothing,
      type: "ROBOT",
      user_group: "",
    });
  });

  it.each([
    [7, "7"],
    [-7, "-7"],
    [-0, "0"],
    [1e21, "1000000000000000000000"],
    [1.5, "1.5"],
  ])("shows the number %d as %j", (number, digits) => {
    expect(rowOf({ user_id: number, detach_time: number })).toMatchObject({
      user_id: digits,
      detach_time: digits,
    });
  });

  it("reads milliseconds since the epoch, as a number and as digits", () => {
    const expected = { unbound_at: "2022-05-11T11:45:42.000Z", detach_time: "1652269542000" };
    expect(rowOf({ detach_time: 1_652_269_542_000 })).toMatchObject(expected);
    expect(rowOf({ detach_time: "1652269542000" })).toMatchObject(expected);
  });

  it("keeps a time that it cannot read as it came, blanks and all, and invents no zone for it", () => {
    const detach_time = " 2022-01-25 09:24:27 ";
    expect(rowOf({ detach_time })).toMatchObject({ unbound_at: null, detach_time });
  });

  it("does not fail because of a time that is no text", () => {
    expect(rowOf({ detach_time: true })).toMatchObject({ unbound_at: null, detach_time: "true" });
    expect(rowOf({ detach_time: { at: [1] } })).toMatchObject({
      unbound_at: null,
      detach_time: '{"at":[1]}',
    });
  });

  it("is refused by its number and field, never its value, when it is not of the documented shape", () => {
    const refusal = (...rows: unknown[]) => {
      try {
        return toUnbindings(rows);
      } catch (error) {
        return error;
      }
    };
    const told = (message: string) => expect.objectContaining({ name: "MalformedRow", message });
    expect(refusal({}, "secret")).toEqual(told("row 1 is no object"));
    expect(refusal(null)).toEqual(told("row 0 is no object"));
    expect(refusal([])).toEqual(told("row 0 is no object"));
    for (const name of ["desktop_id", "desktop_name", "user_id", "user_name", "user_group", "type"]) {
      for (const value of [true, {}, ["secret"]]) {
        expect(refusal({ [name]: value })).toEqual(told(`row 0: ${name} is neither text nor number`));
      }
    }
  });

  it("is refused when its time is nested deeper than can be written", () => {
    const detach_time: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
    expect(() => toUnbindings([{ detach_time }])).toThrow(
      expect.objectContaining({ name: "MalformedRow", message: "row 0: detach_time is nested too deep" }),
    );
  });
});

describe("the rows of the upstream", () => {
  it("stand newest first, those without a readable time last in the order received", () => {
    const times = ["yesterday", "1922-01-01T00:00:00Z", null, "2024-01-01T00:00:00Z", "2023-01-01T00:00:00Z"];
    const rows = toUnbindings(times.map((detach_time, user_id) => ({ detach_time, user_id })));
    expect(rows.map(({ row }) => row.user_id)).toEqual(["3", "4", "1", "0", "2"]);
    expect(rows.map(({ at }) => at)).toEqual([
      Date.parse("2024-01-01T00:00:00Z"),
      Date.parse("2023-01-01T00:00:00Z"),
      Date.parse("1922-01-01T00:00:00Z"),
      null,
      null,
    ]);
  });

  it("keep the order received where times are equal", () => {
    const day = fc.constantFrom("2022-01-01T00:00:00Z", "2023-01-01T00:00:00Z", "never", null);
    fc.assert(
      fc.property(fc.array(day, { maxLength: 40 }), (days) => {
        const sorted = toUnbindings(days.map((detach_time, index) => ({ detach_time, user_id: index })));
        const indices = sorted.map(({ row }) => Number(row.user_id));
        expect(sorted).toHaveLength(days.length);
        sorted.slice(1).forEach(({ at }, before) => {
          const earlier = sorted[before]?.at ?? null;
          if (earlier === at) expect(indices[before]).toBeLessThan(indices[before + 1] as number);
          else expect(at ?? Number.NEGATIVE_INFINITY).toBeLessThan(earlier as number);
        });
      }),
      { numRuns: RUNS },
    );
  });

  it("become text and nulls or are refused as malformed, whatever JSON they are", () => {
    const field = fc.constantFrom(...UNBINDING_COLUMNS, "surprise", "__proto__", "constructor");
    const row = fc.oneof(
      { weight: 4, arbitrary: fc.dictionary(field, fc.oneof(fc.string(), fc.double(), fc.jsonValue())) },
      { weight: 1, arbitrary: fc.jsonValue() },
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 4 }), (rows) => {
        let flat: ReturnType<typeof toUnbindings>;
        try {
          flat = toUnbindings(rows);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedRow);
          return;
        }
        expect(flat).toHaveLength(rows.length);
        for (const { row, at } of flat) {
          expect(Object.keys(row)).toEqual(UNBINDING_COLUMNS);
          for (const value of Object.values(row))
            expect(value === null || typeof value === "string").toBe(true);
          expect(row.unbound_at).toBe(at === null ? null : writeInstant(at));
        }
      }),
      { numRuns: RUNS },
    );
  });
});
