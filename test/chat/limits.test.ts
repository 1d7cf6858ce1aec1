import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChatPlatform, signedRequest } from "../../sandbox/chat/requests.ts";
import type { Card, Row, Section } from "../../src/chat/card.ts";
import { LANGUAGES } from "../../src/chat/language.ts";
import { dingtalkMessage } from "../../src/chat/platforms/dingtalk-message.ts";
import { feishuReply } from "../../src/chat/platforms/feishu-message.ts";
import { slackMessage } from "../../src/chat/platforms/slack-message.ts";
import { teamsMessage } from "../../src/chat/platforms/teams-message.ts";
import { wecomText } from "../../src/chat/platforms/wecom-message.ts";
import { plainText } from "../../src/contract/plain-text.ts";
import { faultsInCard } from "../support/adaptive-card.ts";
import { chatStage } from "../support/chat.ts";
import { feishuCardSchema } from "../support/feishu-card.ts";
import { rowOf } from "../support/world.ts";

const bytesOf = (message: unknown) => Buffer.byteLength(JSON.stringify(message));

/** Nothing but what becomes longer on its way: by escaping, as JSON, in UTF-8. */
const text = (maxLength: number) =>
  fc
    .tuple(
      fc.constantFrom('"', "\\", "&", "<", "://", "🦀", "用", "-", "a", "'", "www.", "{{", "\u0001"),
      fc.integer({ min: 0, max: maxLength }),
    )
    .map(([char, count]) => plainText(char.repeat(count)));

const row: fc.Arbitrary<Row> = fc.record({
  user: text(64),
  about: text(64),
  at: fc.option(fc.integer({ min: 0, max: 4_000_000_000_000 })),
  time: text(80).map((rest) => `t${rest}`),
});
const sectionOf = (maxRows: number): fc.Arbitrary<Section> =>
  fc.record({
    name: fc.option(text(200)),
    id: fc.option(text(64)),
    lines: fc.array(text(2500), { maxLength: 4 }),
    rows: fc.array(row, { maxLength: maxRows, size: "max" }),
    lead: fc.option(text(100)),
    commands: fc.array(text(500), { maxLength: 10 }),
  });
const card: fc.Arbitrary<Card> = fc.record({
  language: fc.constantFrom(...LANGUAGES),
  tone: fc.constantFrom("found", "none", "hint", "fault"),
  // Title, notes and summary are ours, and never empty; nor is a time.
  title: text(1000).map((rest) => `Who${rest}`),
  sections: fc.oneof(
    fc.array(sectionOf(50), { maxLength: 5, size: "max" }),
    fc.array(sectionOf(1), { maxLength: 60, size: "max" }),
  ),
  notes: fc.array(
    text(3000).map((rest) => `Request ID: ${rest}`),
    { minLength: 1, maxLength: 4 },
  ),
  summary: text(1000).map((rest) => `Who${rest}`),
  isPublic: fc.boolean(),
});

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** What is wrong with a message, as the platform would see it. */
const FAULTS: Readonly<Record<string, (card: Card) => string[]>> = {
  slack(shown) {
    const message = slackMessage(shown);
    const { blocks } = message;
    const [first] = blocks;
    return [
      ...(blocks.length > 50 ? ["too many blocks"] : []),
      ...(first?.type === "header" && first.text.text.length > 150 ? ["a long header"] : []),
      ...(textsIn(message).some((each) => each.length > 3000) ? ["a long text"] : []),
      ...(/"(?:text|fallback)":""|"elements":\[\]/.test(JSON.stringify(blocks)) ? ["an empty element"] : []),
    ];
  },
  teams(shown) {
    const message = teamsMessage(shown);
    return bytesOf(message) > 25_000 ? ["too large"] : [];
  },
  feishu(shown) {
    const body = feishuReply(shown, "om_made_up");
    const isCard = feishuCardSchema.safeParse(JSON.parse(JSON.parse(body).content)).success;
    return [...(Buffer.byteLength(body) > 30_000 ? ["too large"] : []), ...(isCard ? [] : ["no card"])];
  },
  dingtalk: (shown) => (bytesOf(dingtalkMessage(shown)) > 20_000 ? ["too large"] : []),
  wecom: (shown) => (Buffer.byteLength(wecomText(shown)) > 2048 ? ["too large"] : []),
};

const ID = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";

describe.each(Object.entries(FAULTS))("a message for %s", (_, faultsOf) => {
  it("is within the platform's limits, whatever is in the card", () => {
    fc.assert(
      fc.property(card, (shown) => {
        expect(faultsOf(shown)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

describe("an answer that is cut", () => {
  const long = (char: string, count: number) =>
    Array.from({ length: count }, (_, at) => ({
      ...rowOf(ID, char.repeat(64), `2026-02-10T08:15:${String(59 - (at % 60)).padStart(2, "0")}.000Z`),
      user_group: char.repeat(64),
    }));

  /** The body as it is sent. */
  async function sent(platform: ChatPlatform, rows: readonly object[]): Promise<string> {
    const stage = chatStage({ say: () => ({ body: { desktop_detach_infos: rows } }) });
    const request = signedRequest(platform, { text: `/unbound ${ID} limit=50` }, stage.wallNow());
    const { body } = await stage.ask(request);
    return platform === "feishu" ? JSON.stringify(stage.posted.at(-1)?.body) : body;
  }

  it.each<[ChatPlatform, string, number]>([
    ["dingtalk", "\\", 20_000],
    ["dingtalk", "<\\", 20_000],
    ["teams", '"', 25_000],
    ["teams", "🦀", 25_000],
    ["feishu", '"', 30_000],
    ["feishu", "🦀", 30_000],
  ])("fits %s with fifty rows of %s, says so, and uses the room there is", async (platform, char, limit) => {
    const body = await sent(platform, long(char, 50));
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(limit);
    expect(Buffer.byteLength(body)).toBeGreaterThan(limit * 0.8);
    expect(body).toContain("…");
    expect(body).toContain("Request ID");
    if (platform === "teams") expect(faultsInCard(JSON.parse(body).attachments[0].content)).toEqual([]);
  });

  it.each<ChatPlatform>(["dingtalk", "teams", "feishu", "slack"])(
    "is whole on %s with fifty ordinary rows",
    async (platform) => {
      const rows = Array.from({ length: 50 }, (_, at) => rowOf(ID, `user.${at}`));
      const body = await sent(platform, rows);
      for (const name of ["user.0", "user.49"]) expect(body).toContain(name);
    },
  );
});

const UNSEEN = ["\u200b", "\u202e\u2066", "\u3164", "\u{e0061}", "\u2800 ", "\u00ad"];

describe("names of which nothing can be seen", () => {
  const PLATFORMS: ChatPlatform[] = ["slack", "teams", "feishu", "dingtalk"];

  it.each(PLATFORMS.flatMap((platform) => UNSEEN.map((name) => [platform, name] as const)))(
    "fall back to the IDs on %s: %j",
    async (platform, name) => {
      const user = "u-1234";
      const rows = [{ ...rowOf(ID, name), desktop_name: name, user_id: user, user_group: name }];
      const stage = chatStage({ say: () => ({ body: { desktop_detach_infos: rows } }) });
      const { body } = await stage.ask(signedRequest(platform, { text: `/unbound ${ID}` }, stage.wallNow()));
      const shown = platform === "feishu" ? JSON.stringify(stage.posted.at(-1)?.body) : body;
      expect(shown.replace(/\\\\-|&#45;/g, "-")).toContain(user);
      expect(shown.replace(/\\\\-|&#45;/g, "-")).toContain(`${ID}: 1 unbinding, last ${user}`);
      expect(shown).not.toMatch(/"text":""|\(\)|\*\*\*\*/);
      for (const char of name.trim()) expect(shown).not.toContain(char);
    },
  );
});
