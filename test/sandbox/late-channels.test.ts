import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serveLateChannels } from "../../sandbox/chat/late-channels.ts";
import { CHAT_KEYS } from "../../sandbox/chat/requests.ts";
import type { Serving } from "../../sandbox/serve.ts";

let serving: Serving;

beforeEach(async () => {
  serving = await serveLateChannels();
});

afterEach(() => serving.close());

async function call(path: string, body?: object, headers: Record<string, string> = {}): Promise<unknown> {
  const init = body && { method: "POST", headers, body: JSON.stringify(body) };
  return (await fetch(`${serving.url}${path}`, init)).json();
}

const TOKEN_PATH = "/open-apis/auth/v3/tenant_access_token/internal";
const APP = { app_id: CHAT_KEYS.feishuAppId, app_secret: CHAT_KEYS.feishuAppSecret };

describe("where the platforms take late answers", () => {
  it("keeps what was posted, for the message alone that it answers", async () => {
    expect(await call("/slack/1", { text: "one" })).toEqual({ ok: true });
    expect(await call("/dingtalk/2", { text: "two" })).toEqual({ errcode: 0, errmsg: "ok" });
    expect(await call("/slack/1", { text: "three" })).toEqual({ ok: true });
    expect(await call("/kept/1")).toEqual(['{"text":"one"}', '{"text":"three"}']);
    expect(await call("/kept/2")).toEqual(['{"text":"two"}']);
    expect(await call("/kept/3")).toEqual([]);
  });

  it("takes a reply on Feishu with the token that it gave to the app, and with no other", async () => {
    const path = "/open-apis/im/v1/messages/om_7/reply";
    expect(await call(TOKEN_PATH, { ...APP, app_secret: "other" })).toMatchObject({ code: 10_014 });
    const garbled = await fetch(`${serving.url}${TOKEN_PATH}`, { method: "POST", body: "no JSON" });
    expect(await garbled.json()).toMatchObject({ code: 10_014 });
    const { tenant_access_token: token } = (await call(TOKEN_PATH, APP)) as Record<string, unknown>;
    const reply = { content: "{}" };
    expect(await call(path, reply, { authorization: "Bearer other" })).toMatchObject({ code: 99_991_663 });
    expect(await call("/kept/7")).toEqual([]);
    expect(await call(path, reply, { authorization: `Bearer ${token}` })).toMatchObject({ code: 0 });
    expect(await call("/kept/7")).toEqual(['{"content":"{}"}']);
  });

  it("forgets the oldest rather than keep everything", async () => {
    for (let id = 0; id <= 1000; id++) await call(`/slack/${id}`, {});
    expect(await call("/kept/0")).toEqual([]);
    expect(await call("/kept/1")).toEqual(["{}"]);
  });
});
