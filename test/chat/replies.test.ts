import type { KnownBlock } from "@slack/types";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHAT_KEYS, type ChatPlatform, signedRequest } from "../../sandbox/chat/requests.ts";
import { decryptWecom, verifyWecom } from "../../src/chat/platforms/wecom-crypto.ts";
import { readFlatXml } from "../../src/chat/xml.ts";
import { faultsInCard } from "../support/adaptive-card.ts";
import { chatStage } from "../support/chat.ts";
import { feishuCardSchema } from "../support/feishu-card.ts";
import { rowOf } from "../support/world.ts";

const ID = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";

/** What that platform is sent for that command: the response's body, or what was posted. */
async function replyOf(platform: ChatPlatform, text: string, rows: readonly object[]): Promise<string> {
  const stage = chatStage({ say: () => ({ body: { desktop_detach_infos: rows } }) });
  const { statusCode, body } = await stage.ask(signedRequest(platform, { text }, stage.wallNow()));
  expect(statusCode).toBe(200);
  if (platform === "feishu") return String(stage.posted.at(-1)?.body["content"]);
  if (platform !== "wecom") return body;
  const outer = readFlatXml(body) ?? {};
  const query = {
    msg_signature: outer["MsgSignature"] ?? "",
    timestamp: outer["TimeStamp"] ?? "",
    nonce: outer["Nonce"] ?? "",
  };
  expect(verifyWecom(query, outer["Encrypt"] ?? "", { token: CHAT_KEYS.wecomToken })).toBe("ok");
  const keys = { token: "", encodingAesKey: CHAT_KEYS.wecomAesKey, receiveId: CHAT_KEYS.wecomReceiveId };
  return decryptWecom(outer["Encrypt"] ?? "", keys) ?? "";
}

const hostileRows = (name: string, count = 3) =>
  Array.from({ length: count }, (_, at) => ({
    ...rowOf(ID, name, at === 1 ? name : "2026-02-10T08:15:30.000Z"),
    desktop_name: name,
    user_group: name,
    type: at === 2 ? "GROUP" : "USER",
  }));

const HOSTILE =
  "<!channel> <@U1> <https://evil.example|x> [x](https://evil.example) ![i](y) **b** `c` <at id=all></at> {{DATE(2026-11-20T07:14:00Z)}} ]]> <a href='https://evil.example'>";

/** All texts in a JSON value, with the path to each. */
function textsIn(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, `${path}.${key}`));
}

describe("Slack's message", () => {
  it("has the name only where nothing is parsed, and escaped in the fallback", async () => {
    const message = JSON.parse(await replyOf("slack", `/unbound ${ID}`, hostileRows(HOSTILE)));
    const blocks = message.blocks as KnownBlock[];
    expect(blocks.map(({ type }) => type)).toEqual(["header", "rich_text", "context"]);
    expect(message.text).not.toMatch(/[<>]/);
    const parsed = textsIn(blocks).filter(([, text]) => text === "mrkdwn");
    expect(parsed).toEqual([]);
    expect(JSON.stringify(blocks)).not.toContain('"emoji":true');
  });

  it("is for the asker alone, or for the channel when it is told so", async () => {
    expect(JSON.parse(await replyOf("slack", `/unbound ${ID}`, [])).response_type).toBe("ephemeral");
    expect(JSON.parse(await replyOf("slack", `/unbound ${ID} public`, [])).response_type).toBe("in_channel");
  });

  it("keeps to Slack's limits when everything is as long as it may be", async () => {
    const ids = Array.from({ length: 5 }, (_, at) => ID.replace(/^./, String(at))).join(" ");
    const message = JSON.parse(
      await replyOf("slack", `/unbound ${ids} limit=1000`, hostileRows("🦀&".repeat(500), 80)),
    );
    expect(message.blocks.length).toBeLessThanOrEqual(50);
    for (const [path, text] of textsIn(message)) expect(text.length, path).toBeLessThanOrEqual(3000);
    const header = message.blocks[0] as { text: { text: string } };
    expect(header.text.text.length).toBeLessThanOrEqual(150);
    const items = JSON.stringify(message).match(/"type":"date"/g) ?? [];
    expect(items.length).toBeLessThanOrEqual(50);
  });

  it("shows times in the reader's own zone, with the configured one where that cannot be", async () => {
    expect(await replyOf("slack", `/unbound ${ID}`, [rowOf(ID, "alice")])).toContain(
      '{"type":"date","timestamp":1770711330,"format":"{date_short_pretty} at {time_secs} ({ago})","fallback":"2026-02-10 08:15:30 UTC"}',
    );
  });
});

describe("Teams' message", () => {
  it.each([
    ["an answer", `${ID}`, [rowOf(ID, "alice")]],
    ["hostile names", `${ID}`, hostileRows(HOSTILE)],
    ["nobody", `${ID}`, []],
    ["several", `${ID} ${ID.replace("4", "5")} limit=50`, hostileRows("🦀".repeat(100), 80)],
    ["more than is shown", ID, hostileRows("x", 30)],
    ["help", "help", []],
    ["a mistake", `a/b {{DATE(x)}} ${HOSTILE}`, []],
  ])("is a valid Adaptive Card 1.5 in which only times are markup: %s", async (_, text, rows) => {
    const body = await replyOf("teams", text, rows);
    expect(Buffer.byteLength(body)).toBeLessThan(80_000);
    const message = JSON.parse(body);
    expect(message).toMatchObject({
      type: "message",
      attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null }],
    });
    expect(faultsInCard(message.attachments[0].content)).toEqual([]);
    for (const [path, run] of textsIn(message.attachments[0].content.body)) {
      if (!/^\{\{DATE/.test(run)) expect(run, path).not.toContain("{{");
    }
  });

  it("is found faulty by the test's own validator when something is wrong with it", () => {
    expect(faultsInCard({ type: "AdaptiveCard", version: "1.5", body: [{ type: "Nonsense" }] })).not.toEqual(
      [],
    );
  });
});

describe("Feishu's card", () => {
  it.each([
    ["an answer", `/unbound ${ID}`, [rowOf(ID, "alice")]],
    ["hostile names", `/unbound ${ID}`, hostileRows(HOSTILE)],
    [
      "several, as long as they may be",
      `/unbound ${ID} ${ID.replace("4", "5")} limit=50`,
      hostileRows("*🦀".repeat(500), 80),
    ],
    ["help", "/unbound help", []],
  ])("is of card JSON 2.0, below 30 kB: %s", async (_, text, rows) => {
    const content = await replyOf("feishu", text, rows);
    expect(feishuCardSchema.safeParse(JSON.parse(content)).error?.issues).toBeUndefined();
    expect(Buffer.byteLength(content)).toBeLessThan(30_000);
  });

  it("has a name in markdown as entities alone", async () => {
    const card = JSON.parse(await replyOf("feishu", `/unbound ${ID}`, hostileRows(HOSTILE)));
    const [markdown] = card.body.elements.filter(({ tag }: { tag: string }) => tag === "markdown");
    const ours = /<local_datetime millisecond='\d+' format_type='(?:date_num|time_sec)'><\/local_datetime>/g;
    const rest = (markdown.content as string)
      .replace(ours, "")
      .replace(/&(?:#\d+|sim);/g, "")
      .replace(/^- \*\*/gm, "")
      .replace(/\*\* \(|\)/g, "");
    expect(rest).not.toMatch(/[<>*_`[\]!#|~\\]/);
  });

  it("shows all rows that were asked for, if they fit", async () => {
    const rows = Array.from({ length: 60 }, (_, at) => rowOf(ID, `user-${at}`));
    expect((await replyOf("feishu", `/unbound ${ID} limit=50`, rows)).match(/date_num/g)).toHaveLength(50);
  });
});

describe("DingTalk's message", () => {
  it("is markdown in which a name is none, and mentions nobody", async () => {
    const message = JSON.parse(await replyOf("dingtalk", `unbound ${ID}`, hostileRows(HOSTILE)));
    expect(message).toMatchObject({ msgtype: "markdown", at: { isAtAll: false } });
    const rest = (message.markdown.text as string)
      .replace(/^(?:#### |> |- \*\*|\*\*)/gm, "")
      .replace(/\\[\\`*_~{}[\]()#+\-!|]|&(?:amp|lt|gt|#47);/g, "")
      .replace(/\*\*(?: |$)/gm, "")
      .replace(/ \(|\) /g, "");
    expect(rest).not.toMatch(/[<>*_`[\]!#|~\\]/);
  });

  it("prints times with their offset, and stays below 20 kB", async () => {
    const text = await replyOf("dingtalk", `unbound ${ID}`, [rowOf(ID, "alice")]);
    expect(JSON.parse(text).markdown.text).toContain("- **alice** (users) 2026\\-02\\-10 08:15:30 UTC");
    const ids = `${ID} ${ID.replace("4", "5")} ${ID.replace("4", "6")}`;
    const long = await replyOf("dingtalk", `unbound ${ids} limit=50`, hostileRows("*🦀".repeat(500), 80));
    expect(Buffer.byteLength(long)).toBeLessThan(20_000);
    expect(JSON.parse(long).markdown.text).toContain("…");
  });

  it("stays below 20 kB with five desktops, a long filter and a name of nothing but what is escaped", async () => {
    const name = "&".repeat(250);
    const ids = Array.from({ length: 5 }, (_, at) => ID.replace(/^./, String(at))).join(" ");
    const text = await replyOf("dingtalk", `/unbound ${ids} user="${name}"`, hostileRows(name, 80));
    expect(JSON.parse(text).markdown.text).toContain("10 of 80");
    expect(Buffer.byteLength(text)).toBeLessThan(20_000);
  });
});

describe("WeCom's message", () => {
  it("is encrypted and signed text from us to the sender, in which a name is no link and closes no element", async () => {
    const xml = readFlatXml(await replyOf("wecom", ID, hostileRows(HOSTILE))) ?? {};
    expect(xml).toMatchObject({
      ToUserName: "user-made-up",
      FromUserName: CHAT_KEYS.wecomReceiveId,
      MsgType: "text",
    });
    expect(xml["Content"]).not.toMatch(/[<>]/);
    expect(xml["Content"]).toContain("2026-02-10 08:15:30 UTC");
  });

  it("is cut after a whole line at 2048 bytes, and keeps its small print", async () => {
    const { Content = "" } =
      readFlatXml(await replyOf("wecom", `${ID} limit=50`, hostileRows("用户".repeat(30), 80))) ?? {};
    expect(Buffer.byteLength(Content)).toBeLessThanOrEqual(2048);
    expect(Content).toMatch(/\n…\n\nProject: prod\. Times: UTC\. Request ID: /);
  });
});

describe("the reply to any name", () => {
  it("is valid on every platform", async () => {
    const names = fc.string({ unit: "binary", maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        const rows = hostileRows(name);
        const teams = JSON.parse(await replyOf("teams", ID, rows));
        expect(faultsInCard(teams.attachments[0].content)).toEqual([]);
        const feishu = JSON.parse(await replyOf("feishu", ID, rows));
        expect(feishuCardSchema.safeParse(feishu).success).toBe(true);
        expect(JSON.parse(await replyOf("slack", ID, rows)).text).not.toMatch(/[<>]/);
        expect(readFlatXml(await replyOf("wecom", ID, rows))?.["Content"]).not.toMatch(/[<>]/);
      }),
      { numRuns: 300 },
    );
  });
});
