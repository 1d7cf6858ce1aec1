import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chatSecretOf, signedRequest } from "../../sandbox/chat/requests.ts";
import { PLATFORMS } from "../../src/chat/platforms.ts";
import { parseObject } from "../../src/chat/read-json.ts";
import type { PlatformAnswer, Verdict } from "../../src/chat/verdict.ts";
import { chatStage } from "../support/chat.ts";
import { rowsOf } from "../support/world.ts";

const HTML = "<!DOCTYPE html><html><body>Sign in to the network</body></html>";

/** What a platform's answer means. */
function judged(name: string, status: number, body: string | null | object, headers = {}): Verdict {
  const platform = PLATFORMS.find((each) => each.name === name);
  if (!platform) throw new Error(`no platform ${name}`);
  const text = typeof body === "object" && body !== null ? JSON.stringify(body) : body;
  return platform.judge({ status, headers, body: text });
}

const kindOf = (verdict: Verdict) =>
  verdict.kind === "retry" ? `retry ${verdict.afterSeconds}` : verdict.kind;

describe("a platform's answer", () => {
  it.each<[string, number, string | null | object, string]>([
    ["slack", 200, "ok", "sent"],
    ["slack", 200, { ok: true }, "sent"],
    ["slack", 200, { ok: false, error: "expired_url" }, "broken"],
    ["slack", 404, { ok: false, error: "used_url" }, "broken"],
    ["slack", 200, "invalid_payload", "refused"],
    ["slack", 400, "invalid_payload", "refused"],
    ["slack", 400, "no_text", "refused"],
    ["slack", 400, "too_many_attachments", "refused"],
    ["slack", 400, "user_not_found", "broken"],
    ["slack", 404, "channel_not_found", "broken"],
    ["slack", 410, "channel_is_archived", "broken"],
    ["slack", 403, "action_prohibited", "broken"],
    ["slack", 403, "posting_to_general_channel_denied", "broken"],
    ["slack", 404, "no_service", "broken"],
    ["slack", 404, "no_service_id", "broken"],
    ["slack", 404, "no_active_hooks", "broken"],
    ["slack", 404, "no_team", "broken"],
    ["slack", 403, "team_disabled", "broken"],
    ["slack", 403, "invalid_token", "broken"],
    ["slack", 200, "something_new", "broken"],
    ["slack", 200, "", "lost"],
    ["slack", 200, HTML, "lost"],
    ["slack", 200, null, "lost"],
    ["slack", 200, { ok: 1 }, "lost"],
    ["slack", 500, "rollup_error", "retry 30"],
    ["slack", 302, "ok", "broken"],
    ["teams", 200, "1", "sent"],
    ["teams", 202, "", "sent"],
    ["teams", 204, "", "lost"],
    ["teams", 400, { error: { code: "InvalidRequestContent", message: "x" } }, "refused"],
    ["teams", 401, { error: { code: "DirectApiAuthorizationRequired", message: "x" } }, "broken"],
    ["teams", 403, "", "broken"],
    ["teams", 404, { error: { code: "WorkflowNotFound", message: "x" } }, "broken"],
    ["teams", 410, "", "broken"],
    ["teams", 502, HTML, "retry 30"],
    ["feishu", 200, { code: 0, msg: "success" }, "sent"],
    ["feishu", 200, { StatusCode: 0, StatusMessage: "success", code: 0 }, "sent"],
    ["feishu", 200, { code: 9499, msg: "Bad Request" }, "refused"],
    ["feishu", 200, { code: 19021, msg: "sign match fail" }, "broken"],
    ["feishu", 200, { code: 19022, msg: "Ip Not Allowed" }, "broken"],
    ["feishu", 200, { code: 19024, msg: "Key Words Not Found" }, "broken"],
    ["feishu", 200, { code: 11232, msg: "frequency limited" }, "retry 60"],
    ["feishu", 200, { code: 19036, msg: "too large" }, "refused"],
    ["feishu", 400, { code: 99991663, msg: "Invalid access token" }, "broken"],
    ["feishu", 200, { code: 12345 }, "broken"],
    ["feishu", 200, HTML, "lost"],
    ["feishu", 200, "[]", "lost"],
    ["feishu", 200, { msg: "success" }, "lost"],
    ["feishu", 200, { code: "0" }, "lost"],
    ["feishu", 500, { code: 0 }, "retry 30"],
    ["feishu", 502, HTML, "retry 30"],
    ["dingtalk", 200, { errcode: 0, errmsg: "ok" }, "sent"],
    ["dingtalk", 200, { errcode: 310000, errmsg: "sign not match, more: …" }, "broken"],
    ["dingtalk", 200, { errcode: 310000 }, "broken"],
    ["dingtalk", 200, { errcode: 130101, errmsg: "send too fast" }, "retry 60"],
    ["dingtalk", 200, { errcode: 410100 }, "retry 60"],
    ["dingtalk", 200, { status: 1111, wait: 5, punish: "deny" }, "retry 60"],
    ["dingtalk", 200, { status: 1111, wait: 90, errcode: 130101 }, "retry 90"],
    ["dingtalk", 200, { errcode: 90030 }, "retry 3600"],
    ["dingtalk", 200, { errcode: 300001 }, "broken"],
    ["dingtalk", 200, { errcode: 300005, errmsg: "token is not exist" }, "broken"],
    ["dingtalk", 200, { errcode: 400101 }, "broken"],
    ["dingtalk", 200, { errcode: 400013 }, "broken"],
    ["dingtalk", 200, { errcode: 400102 }, "broken"],
    ["dingtalk", 200, { errcode: 400106 }, "broken"],
    ["dingtalk", 200, { errcode: 40035 }, "refused"],
    ["dingtalk", 200, { errcode: 43004 }, "refused"],
    ["dingtalk", 200, { errcode: 400105 }, "refused"],
    ["dingtalk", 200, { errcode: 460101 }, "refused"],
    ["dingtalk", 200, { errcode: -1 }, "retry 30"],
    ["dingtalk", 200, { errcode: 77 }, "broken"],
    ["dingtalk", 200, HTML, "lost"],
    ["wecom", 200, { errcode: 0, errmsg: "ok" }, "sent"],
    ["wecom", 200, { errcode: 93000, errmsg: "invalid webhook url" }, "broken"],
    ["wecom", 200, { errcode: 45009 }, "retry 60"],
    ["wecom", 200, { errcode: 45033 }, "retry 60"],
    ["wecom", 200, { errcode: 40058 }, "refused"],
    ["wecom", 200, { errcode: 40008 }, "refused"],
    ["wecom", 200, "", "lost"],
    ["webhook", 200, "", "sent"],
    ["webhook", 204, null, "sent"],
    ["webhook", 410, "", "broken"],
    ["webhook", 400, "", "refused"],
    ["webhook", 503, "", "retry 30"],
  ])("of %s, %i %j, is %s", (name, status, body, expected) => {
    expect(kindOf(judged(name, status, body))).toBe(expected);
  });

  it.each(PLATFORMS)("of $name tells how long to wait, within a day", ({ name }) => {
    expect(kindOf(judged(name, 429, "", { "retry-after": "7" }))).toBe("retry 7");
    expect(kindOf(judged(name, 429, "", { "retry-after": "0" }))).toBe("retry 1");
    expect(kindOf(judged(name, 429, "", { "retry-after": "999999999" }))).toBe("retry 86400");
    expect(kindOf(judged(name, 429, ""))).toBe("retry 60");
    expect(kindOf(judged(name, 429, "", { "retry-after": "soon" }))).toBe("retry 60");
    expect(kindOf(judged(name, 503, "", { "retry-after": "9" }))).toBe("retry 9");
  });

  it("names the setting that DingTalk's one code for all of them stands for", () => {
    const reasonOf = (errmsg: string) => judged("dingtalk", 200, { errcode: 310000, errmsg });
    expect(reasonOf("invalid timestamp")).toMatchObject({ reason: expect.stringMatching(/clock/) });
    expect(reasonOf("keywords not in content")).toMatchObject({ reason: expect.stringMatching(/keyword/) });
    expect(reasonOf("ip 1.2.3.4 not in whitelist")).toMatchObject({ reason: expect.stringMatching(/IP/) });
  });

  it.each(PLATFORMS)("of $name that nobody knows is never taken for a success", ({ name, judge }) => {
    const scalar = fc.oneof(fc.integer(), fc.string({ maxLength: 12 }), fc.boolean(), fc.constant(null));
    const json = fc
      .dictionary(fc.constantFrom("code", "errcode", "ok", "status", "error", "errmsg", "x"), scalar)
      .map((fields) => JSON.stringify(fields));
    const body = fc.oneof(json, fc.string({ maxLength: 40 }), fc.constant(null), fc.constant(HTML));
    const status = fc.oneof(fc.constant(200), fc.integer({ min: 200, max: 599 }));
    const isYes = ({ status: given, body: text }: PlatformAnswer) => {
      const { code, errcode, ok } = parseObject(text) ?? {};
      const isSuccess = given >= 200 && given < 300;
      if (name === "teams") return given === 200 || given === 202;
      if (name === "webhook") return isSuccess;
      if (name === "slack") return isSuccess && (text?.trim() === "ok" || ok === true);
      return isSuccess && (name === "feishu" ? code : errcode) === 0;
    };
    fc.assert(
      fc.property(fc.record({ status, body, headers: fc.constant({}) }), (answer) => {
        const verdict = judge(answer);
        if (verdict.kind === "sent") expect(isYes(answer)).toBe(true);
        else expect(verdict.reason).toMatch(/^[\x20-\x7e]{1,200}$/);
      }),
    );
  });
});

const ID = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";
const messageTo = (returnTo: Record<string, string>) => ({
  id: null,
  text: ID,
  sender: {},
  language: null,
  timeZone: null,
  returnTo,
});

const JOBS = {
  slack: messageTo({ response_url: "https://hooks.slack.com/commands/T0MADEUP/1/made-up" }),
  dingtalk: messageTo({ session_webhook: "https://oapi.dingtalk.com/robot/sendBySession?session=made-up" }),
  feishu: messageTo({ message_id: "om_1" }),
};

describe("a late answer", () => {
  it.each<[keyof typeof JOBS, string]>([
    ["slack", '{"ok":false,"error":"expired_url"}'],
    ["slack", HTML],
    ["dingtalk", '{"errcode":310000,"errmsg":"sign not match"}'],
    ["dingtalk", '{"errcode":130101,"errmsg":"send too fast"}'],
    ["dingtalk", HTML],
    ["feishu", '{"code":230002,"msg":"Bot is NOT in the chat"}'],
    ["feishu", HTML],
    ["feishu", ""],
  ])("that %s refuses in a 200 with %s has failed, and is kept", async (platform, body) => {
    const stage = chatStage({
      say: () => rowsOf(ID, "alice"),
      answerPost: ({ url }) => (url.includes("tenant_access_token") ? undefined : { body }),
    });
    const work = stage.work({ platform, message: JOBS[platform], requestId: "request-0001" });
    await expect(work).rejects.toMatchObject({ name: "NotDelivered" });
    expect(stage.log).toContainEqual(
      expect.objectContaining({ message: "late_answer_failed", level: "WARN" }),
    );
  });

  it("that meets a page of somebody else's in Feishu's place is no fault of the sender's, nor of ours", async () => {
    for (const body of [HTML, "", "null", '{"code":0}']) {
      const stage = chatStage({ say: () => rowsOf(ID, "alice"), answerPost: () => ({ body }) });
      const { statusCode } = await stage.ask(signedRequest("feishu", { text: ID }, stage.wallNow()));
      expect(statusCode).toBe(200);
      expect(JSON.stringify(stage.log)).not.toMatch(/INVALID_REQUEST|INTERNAL/);
      expect(stage.log).toContainEqual(
        expect.objectContaining({ message: "late_answer_failed", reason: expect.stringMatching(/^lost: /) }),
      );
      const work = stage.work({ platform: "feishu", message: JOBS.feishu, requestId: "request-0001" });
      await expect(work).rejects.toMatchObject({ name: "NotDelivered" });
      expect(JSON.stringify(stage.log)).not.toMatch(/INVALID_REQUEST|INTERNAL/);
    }
  });

  it("asks for another token after Feishu refused the one that was kept", async () => {
    const codes = [99991663, 0];
    const stage = chatStage({
      say: () => rowsOf(ID, "alice"),
      answerPost: ({ url }) =>
        url.includes("tenant_access_token") ? undefined : { body: JSON.stringify({ code: codes.shift() }) },
    });
    const job = { platform: "feishu", message: JOBS.feishu, requestId: "request-0001" };
    await expect(stage.work(job)).rejects.toThrow("99991663");
    await stage.work(job);
    expect(stage.posted.filter(({ url }) => url.includes("tenant_access_token"))).toHaveLength(2);
  });

  it("is told in the log when Feishu's keys cannot be had, since nobody else can be told", async () => {
    const stage = chatStage({ chatSecret: () => ({ ...chatSecretOf(), feishu: {} }) });
    const job = { platform: "feishu", message: JOBS.feishu, requestId: "request-0001" };
    await expect(stage.work(job)).rejects.toThrow("SECRET_INVALID");
    expect(stage.log).toContainEqual(
      expect.objectContaining({ message: "late_answer_failed", reason: "SECRET_INVALID" }),
    );
  });
});
