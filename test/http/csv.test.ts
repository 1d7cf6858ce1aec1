import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNBINDING_COLUMNS, type Unbinding } from "../../src/contract/unbinding.ts";
import { toCsv } from "../../src/http/csv.ts";

/** RFC 4180, read a character at a time: it shares nothing with what it checks. */
function parseCsv(csv: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (let at = 0; at < csv.length; at++) {
    const char = csv[at] as string;
    if (isQuoted) {
      if (char !== '"') cell += char;
      else if (csv[at + 1] === '"') cell += csv[at++];
      else isQuoted = false;
    } else if (char === '"') isQuoted = true;
    else if (char === ",") [row, cell] = [[...row, cell], ""];
    else if (char === "\r" && csv[at + 1] === "\n") {
      rows.push([...row, cell]);
      [row, cell] = [[], ""];
      at += 1;
    } else cell += char;
  }
  expect([row, cell, isQuoted]).toEqual([[], "", false]);
  return rows;
}

const text = fc.oneof(
  fc.string(),
  fc.string({
    unit: fc.constantFrom(
      ",",
      '"',
      "\r",
      "\n",
      "=",
      "+",
      "-",
      "@",
      "\t",
      "a",
      "'",
      "\0",
      "＝",
      "＋",
      "－",
      "＠",
    ),
  }),
);
const rowArbitrary = fc.record(
  Object.fromEntries(UNBINDING_COLUMNS.map((column) => [column, fc.option(text)])),
) as unknown as fc.Arbitrary<Unbinding>;

/** What a spreadsheet may take for the beginning of a formula. */
const FORMULA = /^(?:[=+\-@＝＋－＠]|\p{Cc})/u;

describe("CSV", () => {
  it.each(["=1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "\0=1", "＝1", "＋1", "－1", "＠A1"])(
    "disarms %j",
    (value) => {
      const row = { user_name: value } as unknown as Unbinding;
      expect(parseCsv(toCsv([row]))[1]).toContain(`'${value}`);
    },
  );

  it("says what the rows say when it is read again, but for the apostrophe before a formula", () => {
    fc.assert(
      fc.property(fc.array(rowArbitrary, { maxLength: 5 }), (rows) => {
        const [header, ...read] = parseCsv(toCsv(rows));
        expect(header).toEqual(UNBINDING_COLUMNS);
        const disarmed = (value: string | null) => (FORMULA.test(value ?? "") ? `'${value}` : (value ?? ""));
        expect(read).toEqual(rows.map((row) => UNBINDING_COLUMNS.map((column) => disarmed(row[column]))));
      }),
      { numRuns: 10_000 },
    );
  }, 60_000);

  it("has no cell that a spreadsheet takes for a formula", () => {
    fc.assert(
      fc.property(fc.array(rowArbitrary, { maxLength: 5 }), (rows) => {
        for (const cell of parseCsv(toCsv(rows)).flat()) expect(cell).not.toMatch(FORMULA);
      }),
      { numRuns: 2000 },
    );
  }, 60_000);
});
