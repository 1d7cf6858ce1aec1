import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CHAT_KEYS, type ChatRequest, chatSecretOf, signedRequest } from "../../sandbox/chat/requests.ts";
import type { Platform, Received } from "../../src/chat/platform.ts";
import { dingtalk } from "../../src/chat/platforms/dingtalk.ts";
import { slack } from "../../src/chat/platforms/slack.ts";
import { teams } from "../../src/chat/platforms/teams.ts";
import { cpuMsOf } from "../support/cpu.ts";

const ID = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";
const NOW = Date.parse("2026-11-24T08:00:00Z");

/** What a platform makes of a request. */
function receive(platform: Platform, { method, headers, body }: ChatRequest): Received {
  const tools = { post: noPost, now: () => 0, wallNow: () => NOW, randomBytes: Buffer.alloc };
  const channel = platform.open(chatSecretOf()[platform.name], tools);
  return channel.receive({ raw: Buffer.from(body), method, headers, query: {} }, NOW);
}

const noPost = async () => {
  throw new Error("nothing is sent here");
};

const typedIn = (received: Received) => (received.kind === "message" ? received.message.text : received.kind);

/** The body with some of its fields changed; `undefined` takes one out. */
function changed(request: ChatRequest, fields: Record<string, unknown>): ChatRequest {
  return { ...request, body: JSON.stringify({ ...JSON.parse(request.body), ...fields }) };
}

function signedForTeams(request: ChatRequest): ChatRequest {
  const key = Buffer.from(CHAT_KEYS.teamsToken, "base64");
  const authorization = `HMAC ${createHmac("sha256", key).update(request.body).digest("base64")}`;
  return { ...request, headers: { ...request.headers, authorization } };
}

function signedForSlack(request: ChatRequest): ChatRequest {
  const stamp = request.headers["x-slack-request-timestamp"];
  const signature = createHmac("sha256", CHAT_KEYS.slackSigningSecret)
    .update(`v0:${stamp}:${request.body}`)
    .digest("hex");
  return { ...request, headers: { ...request.headers, "x-slack-signature": `v0=${signature}` } };
}

describe("DingTalk's message", () => {
  const request = signedRequest("dingtalk", { text: ID }, NOW);

  it("is a text unless it says that it is something else", () => {
    expect(typedIn(receive(dingtalk, changed(request, { msgtype: undefined })))).toContain(ID);
    expect(typedIn(receive(dingtalk, changed(request, { msgtype: "picture" })))).toBe("ignored");
  });
});

describe("Teams' activity", () => {
  const request = signedRequest("teams", { text: ID }, NOW);
  const withFields = (fields: Record<string, unknown>) =>
    receive(teams, signedForTeams(changed(request, fields)));

  it("is a message unless it says that it is something else", () => {
    expect(typedIn(withFields({ type: undefined }))).toContain(ID);
    expect(typedIn(withFields({ type: "messageReaction" }))).toBe("ignored");
  });

  it("is read without the tags around the words, in no time even if it is nothing but tags", async () => {
    expect(typedIn(withFields({ text: `<div><p style="x">${ID}</p></div>` })).trim()).toBe(ID);
    expect(await cpuMsOf(() => withFields({ text: "<p ".repeat(20_000) }))).toBeLessThan(1000);
  });
});

describe("Slack's request", () => {
  it("that tells of a button is not taken for a command without words", () => {
    const payload = JSON.stringify({ type: "block_actions", trigger_id: "1.2.3" });
    const request = signedForSlack({
      ...signedRequest("slack", { text: "/unbound" }, NOW),
      body: new URLSearchParams({ payload }).toString(),
    });
    expect(receive(slack, request)).toEqual({ kind: "ignored" });
  });
});
