import { describe, expect, it } from "vitest";
import { faultOf, regexesIn } from "../tools/regexes.ts";

const regex = (source: string, flags = "") => ({ file: "a.ts", line: 1, source, flags });

describe("the check of regular expressions", () => {
  it("finds each of them, wherever it stands", () => {
    const code = [
      "const a: RegExp = /x+/giu;",
      "export const b = <T,>(t: T) => String(t).replace(/y/, '/no/');",
      "// /not this/",
      "const c = { d: [/z\\/z/] as const };",
    ].join("\n");
    expect(regexesIn("a.ts", code).found).toEqual([
      { file: "a.ts", line: 1, source: "x+", flags: "giu" },
      { file: "a.ts", line: 2, source: "y", flags: "" },
      { file: "a.ts", line: 4, source: "z\\/z", flags: "" },
    ]);
  });

  it("names the places where one is made from a text, since nobody can look at it", () => {
    expect(regexesIn("a.ts", "\nnew RegExp(text);\nRegExp(text, 'g');").made).toEqual(["a.ts:2", "a.ts:3"]);
  });

  it("reads what has types and elements in it, and refuses what it cannot read", () => {
    expect(regexesIn("a.tsx", "const a = (b?: string) => <p title={/q/.source}>{b}</p>;").found).toHaveLength(
      1,
    );
    expect(() => regexesIn("a.ts", "const = ;")).toThrow("a.ts cannot be parsed");
  });

  it.each([
    "^(a+)+$",
    '^application\\/json(?:\\s*;\\s*(?:charset\\s*=\\s*"?utf-?8"?)?\\s*)*$',
    "x.*y.*z$",
    "\\s+$",
  ])("refuses what takes more than linear time: %s", async (source) => {
    expect(await faultOf(regex(source))).toMatch(/exponential|polynomial/);
  });

  it.each(["^[a-z]+$", "^\\d{1,6}$", "[&<>]"])("passes what takes linear time: %s", async (source) => {
    expect(await faultOf(regex(source))).toBeNull();
  });
});
