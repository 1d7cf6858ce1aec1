import { describe, expect, it } from "vitest";
import { parseFeishuApp, parseWatchSecret } from "../../src/watch/watch-secret.ts";

const OTHERWISE = { language: "en", timeZone: "UTC" } as const;
const SLACK = { name: "ops", to: "slack", url: "https://hooks.slack.com/services/T0/B0/made-up" };
const KEY = "whsec_bWFkZS11cC1rZXktb2YtYS10ZXN0";

const parse = (channels: unknown, hosts: readonly string[] = []) =>
  parseWatchSecret(JSON.stringify({ watch: { channels } }), hosts, OTHERWISE);

/** The words of a refusal; empty when the secret is taken. */
function refusalOf(secret: unknown, hosts: readonly string[] = []): string {
  try {
    parseWatchSecret(JSON.stringify(secret), hosts, OTHERWISE);
    return "";
  } catch (error) {
    expect(error).toMatchObject({ code: "SECRET_INVALID" });
    return (error as { detail: string }).detail;
  }
}

const refusalOfChannel = (channel: object, hosts: readonly string[] = []) =>
  refusalOf({ watch: { channels: [channel] } }, hosts);

describe("the section watch of a secret", () => {
  it.each([{}, { watch: null }, { watch: { channels: [] } }])("may name no channel: %j", (secret) => {
    expect(parseWatchSecret(JSON.stringify(secret), [], OTHERWISE)).toEqual([]);
  });

  it("fills in what a channel leaves out", () => {
    expect(parse([SLACK])).toEqual([
      {
        ...SLACK,
        secret: null,
        chatId: null,
        profiles: null,
        hidesUsers: false,
        language: "en",
        timeZone: "UTC",
      },
    ]);
  });

  it("takes all that a channel may have", () => {
    const own = { profiles: ["prod"], hide_users: true, language: "zh-CN", time_zone: "Asia/Shanghai" };
    expect(parse([{ ...SLACK, ...own }])).toMatchObject([
      { profiles: ["prod"], hidesUsers: true, language: "zh-CN", timeZone: "Asia/Shanghai" },
    ]);
    expect(parse([{ name: "chat", to: "feishu", chat_id: "oc_1" }])).toMatchObject([
      { chatId: "oc_1", url: null },
    ]);
  });

  it.each([
    [{ watch: 1 }, "watch must be an object"],
    [{ watch: { channels: {} } }, "watch.channels must be a list"],
    [{ watch: { channels: [1] } }, "watch.channels.0 must be an object"],
    [{ watch: { channels: [], extra: 1 } }, "watch has a key that is not known"],
    [{ watch: { channels: [SLACK, SLACK] } }, "watch.channels has a name twice"],
  ])("is refused as a whole: %j", (secret, fault) => {
    expect(refusalOf(secret)).toContain(fault);
  });

  it.each([
    [{ name: "" }, "channels.0.name is empty"],
    [{ name: "a#b" }, "channels.0.name must have no #"],
    [{ name: "x".repeat(65) }, "channels.0.name is too long"],
    [{ to: "pager" }, "channels.0.to must be one of slack"],
    [{ colour: "red" }, "has a key that is not known"],
    [{ profiles: "prod" }, "channels.0.profiles must be a list"],
    [{ profiles: [] }, "channels.0.profiles is empty"],
    [{ hide_users: "yes" }, "channels.0.hide_users must be true or false"],
    [{ language: "fr" }, "channels.0.language must be one of"],
    [{ time_zone: "Mars/Base" }, "channels.0.time_zone must be the name of a time zone"],
    [{ chat_id: "oc_1" }, "channels.0.chat_id is for feishu"],
    [{ url: undefined }, "channels.0.url is missing"],
    [{ to: "feishu", url: undefined }, "channels.0.url is missing (or chat_id)"],
    [{ to: "feishu", chat_id: "oc_1" }, "chat_id goes without url and secret"],
    [{ to: "webhook" }, "channels.0.secret is missing"],
    [{ to: "webhook", secret: "whsec_" }, "secret must be whsec_ and base64"],
  ])("refuses a channel with %j", (change, fault) => {
    const detail = refusalOfChannel({ ...SLACK, ...change });
    expect(detail).toContain(fault);
    // A URL is a secret of its own.
    expect(detail).not.toContain("made-up");
  });
});

describe("the URL of a channel", () => {
  it.each([
    ["slack", "https://hooks.slack.com/services/x"],
    ["slack", "https://hooks.slack-gov.com/services/x"],
    ["teams", "https://a1.environment.api.powerplatform.com/x"],
    ["teams", "https://prod-1.westeurope.logic.azure.com/x"],
    ["feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/x"],
    ["dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=x"],
    ["wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x"],
  ])("of %s may be %s", (to, url) => {
    expect(refusalOfChannel({ name: "a", to, url })).toBe("");
  });

  it.each([
    ["slack", "http://hooks.slack.com/services/x"],
    ["slack", "https://hooks.slack.com.evil.example/x"],
    ["slack", "https://hooks.slack.com@evil.example/x"],
    ["slack", "https://user:pass@hooks.slack.com/x"],
    ["slack", "https://hooks.slack.com:8443/x"],
    ["slack", "https://qyapi.weixin.qq.com/x"],
    ["teams", "https://evil-logic.azure.com/x"],
    ["teams", "https://logic.azure.com/x"],
    ["webhook", "https://anything.example/x"],
    ["wecom", "no URL"],
  ])("of %s may not be %s", (to, url) => {
    expect(refusalOfChannel({ name: "a", to, url, secret: KEY })).toContain("url must be https");
  });

  it("may be on a host that the operator lists, over http only on this machine", () => {
    const hook = { name: "a", to: "webhook", secret: KEY };
    const hosts = ["hooks.example.com", "127.0.0.1:9000"];
    expect(refusalOfChannel({ ...hook, url: "https://hooks.example.com/x" }, hosts)).toBe("");
    expect(refusalOfChannel({ ...hook, url: "http://127.0.0.1:9000/x" }, hosts)).toBe("");
    expect(refusalOfChannel({ ...hook, url: "http://hooks.example.com/x" }, hosts)).toContain("url must be");
    expect(refusalOfChannel({ ...hook, url: "http://127.0.0.1:9001/x" }, hosts)).toContain("url must be");
  });
});

describe("the app of Feishu", () => {
  it("is there with both its ID and its secret", () => {
    const app = { app_id: "cli_1", app_secret: "made-up" };
    expect(parseFeishuApp(JSON.stringify({ feishu: app }))).toEqual({
      appId: "cli_1",
      appSecret: "made-up",
      base: "https://open.feishu.cn",
    });
    const elsewhere = { ...app, api_base: "https://open.larksuite.com" };
    expect(parseFeishuApp(JSON.stringify({ feishu: elsewhere }))?.base).toBe("https://open.larksuite.com");
    for (const feishu of [undefined, null, 1, { app_id: "cli_1" }, { app_secret: "made-up" }])
      expect(parseFeishuApp(JSON.stringify({ feishu }))).toBeNull();
  });
});
