import { describe, expect, it } from "vitest";
import { parseBody } from "../../src/workspace/json.ts";

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
