import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clip, firstVisible, plainText } from "../../src/contract/plain-text.ts";
import { RUNS } from "../support/runs.ts";

/** Every code point of Unicode that is a character by itself, half surrogate pairs aside. */
function* codePoints(): Generator<string> {
  for (let at = 0; at <= 0x10ffff; at++) {
    if (at < 0xd800 || at > 0xdfff) yield String.fromCodePoint(at);
  }
}

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;
const BREAK = /[\t\n\v\f\r\x85\u2028\u2029]/;

describe("plain text", () => {
  it("has none of what Unicode calls a control, a format character or ignorable, and all else as it was", () => {
    const kept: string[] = [];
    let dropped = 0;
    for (const char of codePoints()) {
      const plain = plainText(`a${char}b`);
      if (BREAK.test(char)) expect(plain, char).toBe("a b");
      else if (!INVISIBLE.test(char)) kept.push(plain === `a${char}b` ? "" : char);
      else if (plain === "ab") dropped += 1;
      else expect.unreachable(`U+${char.codePointAt(0)?.toString(16)} is still there`);
    }
    expect(kept.filter((char) => char !== "")).toEqual([]);
    expect(dropped).toBeGreaterThan(4000);
  });

  it("is one line of well-formed text, whatever it was, and stays as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        const plain = plainText(text);
        expect(INVISIBLE.test(plain) || BREAK.test(plain)).toBe(false);
        expect(plain.isWellFormed()).toBe(true);
        expect(plainText(plain)).toBe(plain);
      }),
      { numRuns: RUNS },
    );
    expect(plainText("a\u202egnp.exe\r\nline\u00002\u200b\ufeff\u2066x\u2069")).toBe("agnp.exe line2x");
    expect(plainText("O'Brien 张伟 🦀 Ünïcödé")).toBe("O'Brien 张伟 🦀 Ünïcödé");
    expect(plainText("half \ud83e pair")).toBe("half \ufffd pair");
  });
});

describe("the first of several texts that can be seen", () => {
  const unseen = fc.constantFrom(
    "\u200b",
    "\u00ad",
    "\u3164",
    "\u{e0041}",
    "\u2800",
    " ",
    "\u00a0",
    "\u3000",
    "\n",
    "\u202e",
  );
  const nothing = fc.oneof(
    fc.constant(null),
    fc.constant(undefined),
    fc.array(unseen, { maxLength: 5 }).map((chars) => chars.join("")),
  );

  it("is the fallback when the others hold nothing but what cannot be seen", () => {
    fc.assert(
      fc.property(fc.array(nothing, { maxLength: 3 }), (texts) => {
        expect(firstVisible(...texts, "u-1", "other")).toBe("u-1");
        expect(firstVisible(...texts)).toBe("");
      }),
      { numRuns: RUNS },
    );
  });

  it("is plain, and the text itself where there is anything to see in it", () => {
    expect(firstVisible("\u200bali\u202ece", "u-1")).toBe("alice");
    expect(firstVisible(" alice ", "u-1")).toBe(" alice ");
  });
});

describe("a text that is cut", () => {
  it("is cut between code points, with a mark of the cut", () => {
    expect(clip("🦀🦀🦀", 3)).toBe("🦀🦀🦀");
    expect(clip("🦀🦀🦀🦀", 3)).toBe("🦀🦀…");
    expect([...clip("🦀".repeat(1_000_000), 64)]).toHaveLength(64);
  });
});
