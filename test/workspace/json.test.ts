import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBody, topLevelKeys } from "../../src/workspace/json.ts";
import { RUNS } from "../support/runs.ts";

const parse = (text: string) => parseBody(Buffer.from(text))?.value;

describe("a body as JSON", () => {
  it("is null when there is none, or it is something else", () => {
    expect(parseBody(null)).toBeNull();
    expect(parseBody(Buffer.from(""))).toBeNull();
    expect(parseBody(Buffer.from("<html>"))).toBeNull();
  });

  it("comes with its text, without a byte order mark", () => {
    expect(parseBody(Buffer.from("\ufeff[1]"))).toEqual({ value: [1], text: "[1]", isUtf8: true });
  });

  it("says when some of it was not UTF-8", () => {
    expect(parseBody(Buffer.from('["\xe4"]', "latin1"))).toMatchObject({ isUtf8: false });
  });

  it.each([
    ['{"n":9007199254740993}', { n: "9007199254740993" }],
    ['{"n":-9007199254740993}', { n: "-9007199254740993" }],
    ["[9007199254740993]", ["9007199254740993"]],
    ["[1,9007199254740993]", [1, "9007199254740993"]],
    ['{"n":\t9007199254740993}', { n: "9007199254740993" }],
    [
      '{"n":12345678901234567890,"s":"12345678901234567890"}',
      { n: "12345678901234567890", s: "12345678901234567890" },
    ],
  ])("keeps every digit of an integer beyond 2^53: %s", (text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it.each([
    ['{"n":1e400}', { n: "1e400" }],
    ['{"n":-1.5E+999,"m":1e-400}', { n: "-1.5E+999", m: 0 }],
    ["[0e999,1e309]", [0, "1e309"]],
    [`[${"9".repeat(400)}]`, ["9".repeat(400)]],
  ])("keeps the text of a number that is beyond all bounds: %s", (text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it("touches nothing inside a text, whatever stands in it", () => {
    const texts = [
      ":12345678901234567890",
      "\\",
      '\\":1e400',
      '"',
      '\\\\"',
      "[1e999]",
      "\u0022:12345678901234567",
    ];
    const value = { n: 1, texts };
    const text = `{"x":12345678901234567890,${JSON.stringify(value).slice(1)}`;
    expect(parse(text)).toEqual({ x: "12345678901234567890", ...value });
  });

  it.each([
    "[012345678901234567]",
    "[01e999]",
    "[1e999.5]",
    "[12345678901234567x]",
    "[-]",
    '{"n":1e400,"x":"}',
  ])("makes no JSON of what is none: %s", (text) => {
    expect(parseBody(Buffer.from(text))).toBeNull();
  });

  it("reads the same as JSON.parse does, but for the numbers that this cannot hold", () => {
    const number = fc.oneof(
      fc.integer(),
      fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .filter((value) => !/^-?\d{16,}$/.test(String(value))),
      fc.constantFrom(2 ** 53 - 1, -(2 ** 53 - 1), 1e300, 0),
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        number,
        fc.string({ unit: "binary" }),
        fc.constantFrom("\\", '"', ":12345678901234567,", null, true),
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie("tree"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const text = `[12345678901234567890,${JSON.stringify(value)}]`;
        expect(parse(text)).toEqual(["12345678901234567890", JSON.parse(JSON.stringify(value))]);
      }),
      { numRuns: RUNS },
    );
  });

  it("is refused before it is parsed when it is denser than any answer", () => {
    const dense = (unit: string, count: number) => Buffer.from(`[${Array(count).fill(unit).join()}]`);
    expect(parseBody(dense("{}       ", 150_000))).not.toBeNull();
    expect(parseBody(dense("{}", 600_000))).toBeNull();
    expect(parseBody(dense("[]", 600_000))).toBeNull();
    expect(parseBody(dense("1234", 400_000))).toBeNull();
    // What is small cannot hold many.
    expect(parseBody(dense("1", 400_000))).not.toBeNull();
  });

  it("leaves all other numbers numbers, even beside one that is too long", () => {
    const numbers = { safe: 9_007_199_254_740_991, small: -7, fraction: 1234567890.125, large: 1e300 };
    const text = `{"safe":9007199254740991,"small":-7,"fraction":1234567890.125,"large":1e300,"x":true,"n":null}`;
    expect(parse(text)).toEqual({ ...numbers, x: true, n: null });
    expect(parse('{"safe":1,"exact":1234567890123456.5,"exponent":12345678901234567e1}')).toEqual({
      safe: 1,
      exact: 1234567890123456.5,
      exponent: Number("12345678901234567e1"),
    });
  });
});

describe("the keys at the top of a JSON text", () => {
  it.each([
    ["{}", []],
    ['{"a":1,"a":2}', ["a", "a"]],
    ['{ "a" \n:\t{"b":[{"c":1}]} , "\\u0064":"e\\"f\\\\" }', ["a", "d"]],
    ['{"":["x","y"],"z":"\\\\"}', ["", "z"]],
    ['["a",{"b":1}]', []],
  ])("are found as often as they are there: %s", (text, keys) => {
    expect(topLevelKeys(text)).toEqual(keys);
  });

  it("are those of the object, whatever it holds", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue(), { noNullPrototype: true }),
        (value) => {
          const text = JSON.stringify(value, null, 1);
          expect(topLevelKeys(text).sort()).toEqual(Object.keys(JSON.parse(text)).sort());
        },
      ),
      { numRuns: RUNS / 10 },
    );
  });
});
