import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Outgoing } from "../../src/chat/post.ts";
import type { LedgerEvent } from "../../src/ledger/event.ts";
import type { Message } from "../../src/watch/channel.ts";
import type { ChannelSettings, ChannelTools, Send } from "../../src/watch/channels/chat-channel.ts";
import { dingtalkSend, signedUrl } from "../../src/watch/channels/dingtalk.ts";
import { feishuAppSend, feishuBotSend, signFeishu } from "../../src/watch/channels/feishu.ts";
import { slackSend } from "../../src/watch/channels/slack.ts";
import { teamsSend } from "../../src/watch/channels/teams.ts";
import { webhookSend } from "../../src/watch/channels/webhook.ts";
import { wecomSend } from "../../src/watch/channels/wecom.ts";
import { decodeWebhookSecret } from "../../src/watch/watch-secret.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const TIME = { remaining: () => 5000 };

export function anEvent(more: Partial<LedgerEvent> = {}): LedgerEvent {
  return {
    event: "desktop.unbound",
    event_id: "0123456789abcdef0123456789abcdef",
    profile: "prod",
    desktop_id: "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55",
    desktop_name: "WIN-ALICE",
    user_id: "id-alice",
    user_name: "alice",
    user_group: "administrators",
    type: "USER",
    unbound_at: "2026-02-10T08:15:30.000Z",
    detach_time: "2026-02-10T08:15:30.000Z",
    observed_at: "2026-02-10T08:17:00.000Z",
    confirmed: true,
    schema_version: 1,
    ...more,
  };
}

const aMessage = (events: readonly LedgerEvent[], more: Partial<Message> = {}): Message => ({
  id: "0123456789abcdef",
  events,
  notices: [],
  isPlain: false,
  ...more,
});

type Open = (settings: ChannelSettings, tools: ChannelTools) => Send;

const SETTINGS: ChannelSettings = {
  url: "https://example.com/hook?key=made-up",
  secret: "made-up",
  language: "en",
  timeZone: "Asia/Shanghai",
};

/** What goes out to the platform. */
async function posted(
  open: Open,
  message: Message,
  settings: Partial<ChannelSettings> = {},
): Promise<Outgoing> {
  const out: Outgoing[] = [];
  const post: ChannelTools["post"] = async (outgoing) => {
    out.push(outgoing);
    return { kind: "sent", body: "ok" };
  };
  const send = open({ ...SETTINGS, ...settings }, { post, wallNow: () => NOW });
  expect(await send(message, TIME)).toMatchObject({ kind: "sent" });
  return out[0] as Outgoing;
}

const feishuApp: Open = (settings, tools) =>
  feishuAppSend(
    {
      ...settings,
      base: "https://open.feishu.cn",
      chatId: "oc_made_up",
      tokens: { get: async () => "t-made-up", forget: () => undefined },
    },
    tools,
  );

/** Each platform's own limit, of the body, or of what it counts. */
const LIMITS: Record<
  string,
  { open: Open; bytes: (json: string) => number; most: (isPlain: boolean) => number }
> = {
  slack: { open: slackSend, bytes: sizeOf, most: (isPlain) => (isPlain ? 3000 : 40_000) },
  teams: { open: teamsSend, bytes: sizeOf, most: () => 18_000 },
  "feishu bot": { open: feishuBotSend, bytes: sizeOf, most: () => 20_000 },
  "feishu app": { open: feishuApp, bytes: sizeOf, most: () => 20_000 },
  dingtalk: { open: dingtalkSend, bytes: sizeOf, most: () => 20_000 },
  wecom: {
    open: wecomSend,
    bytes: (json) => {
      const body = JSON.parse(json);
      return sizeOf(body.markdown?.content ?? body.text.content);
    },
    most: (isPlain) => (isPlain ? 2048 : 4096),
  },
};

function sizeOf(text: string): number {
  return Buffer.byteLength(text);
}

const hostile = fc.string({ unit: "binary", maxLength: 300 });
const event = fc
  .record({ user: hostile, desktop: hostile, group: hostile, time: fc.option(hostile) })
  .map(({ user, desktop, group, time }) =>
    anEvent({
      user_name: user,
      desktop_name: desktop,
      user_group: group,
      detach_time: time,
      unbound_at: time === null ? "2026-02-10T08:15:30.000Z" : null,
    }),
  );

describe.each(Object.entries(LIMITS))("a digest on %s", (_, { open, bytes, most }) => {
  it("fits, whatever the names are, and says how many are left out", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 60 }),
        fc.boolean(),
        async (events, isPlain) => {
          const many = Array.from({ length: 20 }, () => events).flat();
          const { json } = await posted(open, aMessage(many, { isPlain }));
          expect(bytes(json)).toBeLessThanOrEqual(most(isPlain));
          JSON.parse(json);
        },
      ),
      { numRuns: 15, seed: 7 },
    );
    const thousand = Array.from({ length: 1000 }, (_, n) => anEvent({ user_name: `user-${n}` }));
    const { json } = await posted(open, aMessage(thousand));
    const shown = json.match(/user(?:\\\\|&#45;)?-?\d+/g) ?? [];
    // The last number is the line's; the summary has another.
    const left = [...json.matchAll(/and (\d+) more/g)].map(([, count]) => Number(count));
    const rows = new Set(shown.map((name) => /\d+$/.exec(name)?.[0])).size;
    expect(rows).toBeGreaterThan(5);
    expect(left).toContain(1000 - rows);
  });

  it("has one line for a message about the watch", async () => {
    const notices = [
      { profile: "prod", notice: { kind: "watching" as const, desktops: 4812 } },
      { profile: "lab", notice: { kind: "watching" as const, desktops: 1 } },
    ];
    const { json } = await posted(open, aMessage([], { notices }));
    expect(json.match(/Watching/g)?.length).toBeLessThanOrEqual(2);
    expect(json).toMatch(/4812 desktops .*1 desktop\b/);
    expect(json).toContain("Unbound");
  });

  it("lets no name become markup, a mention or a link", async () => {
    const user = '<at user_id="all">x</at> <@all> [a](https://evil.example) <!channel> {{DATE(2020)}} **b**';
    const { json } = await posted(
      open,
      aMessage([anEvent({ user_name: user, desktop_name: "<font color=red>" })]),
    );
    for (const text of parsedTexts(JSON.parse(json))) {
      for (const acting of ["<at ", "<@all>", "<!channel>", "<font", "{{DATE(2020", "<a "])
        expect(text).not.toContain(acting);
      expect(text).not.toMatch(/(?<!\\)\]\(https/);
    }
  });
});

/** The texts that a platform looks for markup in; all others are shown as they are. */
function parsedTexts(value: unknown, name = ""): string[] {
  if (typeof value === "string") return ["markdown", "mrkdwn", "TextBlock"].includes(name) ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  const fields = value as Record<string, unknown>;
  if (Array.isArray(value)) return value.flatMap((each) => parsedTexts(each));
  const inner =
    typeof fields["content"] === "string" && fields["msg_type"] ? JSON.parse(fields["content"]) : [];
  const kind = fields["tag"] === "markdown" ? "markdown" : fields["type"] === "TextBlock" ? "TextBlock" : "";
  return Object.entries(fields)
    .flatMap(([key, each]) => {
      if (key === "markdown")
        return Object.entries(each as object).flatMap(([part, text]) =>
          part === "title" ? [] : parsedTexts(text, "markdown"),
        );
      if (key === "blocks" || key === "fallbackText") return [];
      return parsedTexts(each, kind);
    })
    .concat(parsedTexts(inner));
}

describe("signatures", () => {
  it("of Feishu's bot are those of the vectors, in the body", async () => {
    expect(signFeishu("100", "demo")).toBe("jquNHnVOwmDRfw+vqTIrY5dooJAgi5EcRtLsQE4wfXg=");
    expect(signFeishu("1599360473", "demo")).toBe("l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=");
    const { json, url } = await posted(feishuBotSend, aMessage([anEvent()]), { secret: "demo" });
    const stamp = String(NOW / 1000);
    expect(JSON.parse(json)).toMatchObject({
      timestamp: stamp,
      sign: signFeishu(stamp, "demo"),
      msg_type: "interactive",
      card: { schema: "2.0" },
    });
    expect(url).toBe(SETTINGS.url);
    const { json: unsigned } = await posted(feishuBotSend, aMessage([anEvent()]), { secret: null });
    expect(JSON.parse(unsigned)).not.toHaveProperty("sign");
  });

  it("of DingTalk are those of the vector, encoded once, and leave the URL as it was pasted", async () => {
    const url = "https://oapi.dingtalk.com/robot/send?access_token=made%2Fup";
    expect(signedUrl(url, "1767225600000", "this is secret")).toBe(
      `${url}&timestamp=1767225600000&sign=Ihwj8FyPJfT4YIXi%2FadIQljYfR8hNknkj4tQ%2Bv3VTqM%3D`,
    );
    const sent = await posted(dingtalkSend, aMessage([anEvent()]), { url, secret: "this is secret" });
    expect(sent.url).toContain(`timestamp=${NOW}&sign=`);
  });

  it("of Standard Webhooks are over ID, time and body; the ID is the event's", async () => {
    const secret = `whsec_${Buffer.from("made-up-key-of-a-test").toString("base64")}`;
    const key = decodeWebhookSecret(secret);
    const open: Open = ({ url }, tools) => webhookSend({ url, key }, tools);
    const { json, headers } = await posted(open, aMessage([anEvent()]));
    expect(JSON.parse(json)).toEqual(anEvent());
    const stamp = String(NOW / 1000);
    const signed = `${anEvent().event_id}.${stamp}.${json}`;
    expect(headers).toEqual({
      "webhook-id": anEvent().event_id,
      "webhook-timestamp": stamp,
      "webhook-signature": `v1,${createHmac("sha256", "made-up-key-of-a-test").update(signed).digest("base64")}`,
    });
  });

  it("of Feishu's app are its token; the UUID is the message's", async () => {
    const { json, headers, url } = await posted(feishuApp, aMessage([anEvent()]));
    expect(headers).toEqual({ authorization: "Bearer t-made-up" });
    expect(url).toBe("https://open.feishu.cn/open-apis/im/v1/messages?receive_id_type=chat_id");
    const body = JSON.parse(json);
    expect(body).toMatchObject({
      receive_id: "oc_made_up",
      msg_type: "interactive",
      uuid: "0123456789abcdef",
    });
    expect(JSON.parse(body.content)).toMatchObject({ schema: "2.0" });
  });
});

describe("times", () => {
  it("are the reader's own where the platform can, else the channel's", async () => {
    const { json: ofSlack } = await posted(slackSend, aMessage([anEvent()]));
    expect(ofSlack).toContain('"timestamp":1770711330');
    const { json: ofTeams } = await posted(teamsSend, aMessage([anEvent()]));
    expect(ofTeams).toContain("{{DATE(2026-02-10T08:15:30Z, SHORT)}}");
    const { json: ofFeishu } = await posted(feishuBotSend, aMessage([anEvent()]));
    expect(ofFeishu).toContain("millisecond='1770711330000'");
    const { json: ofWecom } = await posted(wecomSend, aMessage([anEvent()]));
    expect(ofWecom).toContain("2026-02-10 16:15:30 +08:00");
  });

  it("that nobody knows are told as such, and an unconfirmed event says so", async () => {
    const unknown = anEvent({ unbound_at: null, detach_time: null, confirmed: false });
    const { json } = await posted(wecomSend, aMessage([unknown]));
    expect(json).toContain("seen at 2026-02-10 16:17:00 +08:00");
    expect(json).toContain("not confirmed");
    const { json: unread } = await posted(
      wecomSend,
      aMessage([anEvent({ unbound_at: null, detach_time: "last Tuesday" })]),
    );
    expect(unread).toContain("last Tuesday (no time zone)");
  });

  it("and names of nobody and of nothing to see fall back", async () => {
    const { json } = await posted(
      slackSend,
      aMessage([anEvent({ user_name: "\u202e\u200b", user_id: null })]),
    );
    expect(json).toContain("someone");
    const { json: chinese } = await posted(wecomSend, aMessage([anEvent()]), { language: "zh-CN" });
    expect(chinese).toContain("Unbound 桌面解绑：1 条");
  });
});
