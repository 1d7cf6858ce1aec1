import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeDingtalk } from "../../src/chat/platforms/dingtalk-message.ts";
import { escapeFeishu } from "../../src/chat/platforms/feishu-message.ts";
import { escapeSlack } from "../../src/chat/platforms/slack-message.ts";
import { breakCardFunctions } from "../../src/chat/platforms/teams-message.ts";
import { escapeWecom } from "../../src/chat/platforms/wecom-message.ts";
import { plainText } from "../../src/contract/plain-text.ts";
import chat from "../data/chat-vectors.json" with { type: "json" };
import { RUNS } from "../support/runs.ts";

const CASES = chat.neutralise.cases as unknown as {
  input: string;
  slack: string;
  feishu_markdown: string;
  dingtalk_markdown: string;
  adaptivecard_textrun: string;
}[];

describe("what a user wrote", () => {
  it.each(CASES.map((each) => [each.input, each] as const))(
    "%j is escaped as each platform needs it",
    (input, expected) => {
      const text = plainText(input);
      expect(escapeSlack(text)).toBe(expected.slack);
      expect(escapeFeishu(text)).toBe(expected.feishu_markdown);
      expect(escapeDingtalk(text)).toBe(expected.dingtalk_markdown);
      expect(breakCardFunctions(text)).toBe(expected.adaptivecard_textrun);
    },
  );
});

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        "<!channel>",
        "<@U024BE7LH>",
        "<https://evil.example|x>",
        "[x](https://evil.example)",
        "![x](y)",
        "**b**",
        "`c`",
        "~s~",
        "_i_",
        "# h",
        "> q",
        "- l",
        "|",
        "\\",
        "&lt;",
        "&#60;",
        "<at id=all></at>",
        "<a href='x'>",
        "{{DATE(2026-11-20T07:14:00Z)}}",
        "\n",
        "\u202e",
        "\u2028",
        "]]>",
        "{",
        "}",
        " ",
        "x",
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join("")),
);

describe("no name, whatever is in it,", () => {
  it("is markup to Slack", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const escaped = escapeSlack(plainText(text));
        expect(escaped).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
      }),
      { numRuns: RUNS },
    );
  });

  it("is markup to Feishu: what begins any stands there as an entity alone", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const escaped = escapeFeishu(plainText(text)).replace(/&(?:#\d+|sim);/g, "");
        expect(escaped).not.toMatch(/[&<>*_~`![\]()|#\\-]/);
      }),
      { numRuns: RUNS },
    );
  });

  it("is markup to DingTalk: what begins any stands behind a backslash or as an entity", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const escaped = escapeDingtalk(plainText(text)).replace(
          /\\[\\`*_~{}[\]()#+\-!|]|&(?:amp|lt|gt|#47);/g,
          "",
        );
        expect(escaped).not.toMatch(/:\/\/|[&<>\\`*_~{}[\]()#+\-!|]/);
      }),
      { numRuns: RUNS },
    );
  });

  it("is a function to an Adaptive Card, or a link to WeCom", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(breakCardFunctions(plainText(text))).not.toContain("{{");
        expect(escapeWecom(plainText(text))).not.toMatch(/[<>]|\]\]>|:\/\//);
      }),
      { numRuns: RUNS },
    );
  });
});
