import { describe, expect, it } from "vitest";
import { type ChatPlatform, chatSecretOf, signedRequest } from "../../sandbox/chat/requests.ts";
import type { Job } from "../../src/chat/job.ts";
import { LookupError } from "../../src/contract/errors.ts";
import { TransportFault } from "../../src/net/transport.ts";
import { type ChatPlay, chatStage, type Posted } from "../support/chat.ts";
import { rowsOf, TWO_PROFILES } from "../support/world.ts";

const ID = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";
const REPLY_URL = "https://hooks.slack.com/commands/T0MADEUP/1/made-up";
const LATE: ChatPlatform[] = ["slack", "feishu", "dingtalk"];
const WAITS_MS: Partial<Record<ChatPlatform, number>> = {
  slack: 1800,
  feishu: 1800,
  dingtalk: 1800,
  teams: 3500,
  wecom: 3500,
};

/** An upstream that takes that long, by the stage's clock. */
function slowBy(ms: number, play: ChatPlay = {}) {
  const jobs: Job[] = [];
  const stage = chatStage({
    startWorker: (job) => void jobs.push(job),
    ...play,
    say: ({ remainingMs }) => {
      stage.pass(Math.min(ms, remainingMs));
      // What the transport makes of it.
      if (remainingMs < ms) throw new LookupError("DEADLINE_EXCEEDED");
      return rowsOf(ID, "alice");
    },
  });
  return { stage, jobs };
}

const requestOf = (platform: ChatPlatform, now: number, id?: string) =>
  signedRequest(platform, { text: `/unbound ${ID}`, replyUrl: REPLY_URL, id }, now);

/** What a person reads, wherever it went. */
const textOf = (posted: readonly Posted[]) => JSON.stringify(posted.map(({ body }) => body));

describe.each(LATE)("on %s", (platform) => {
  it("a lookup gets the time that the platform waits, and no more", async () => {
    const { stage } = slowBy(0);
    await stage.ask(requestOf(platform, stage.wallNow()));
    expect(stage.heard[0]?.remainingMs).toBe(WAITS_MS[platform]);
  });

  it("a lookup that takes longer is acknowledged, and the worker answers, once", async () => {
    const { stage, jobs } = slowBy(2000);
    const { statusCode, body } = await stage.ask(requestOf(platform, stage.wallNow()));
    expect(statusCode).toBe(200);
    expect(body).toMatch(platform === "feishu" ? /^\{\}$/ : /Still looking; the answer follows here/);
    expect(stage.posted).toEqual([]);
    expect(jobs).toHaveLength(1);
    await stage.work(JSON.parse(JSON.stringify(jobs[0])));
    expect(textOf(stage.posted.slice(-1))).toContain("alice");
    const sent = stage.posted.length;
    await stage.work(jobs[0]);
    expect(stage.posted).toHaveLength(sent);
  });

  it("the answer goes to the platform's own later channel", async () => {
    const { stage, jobs } = slowBy(2000);
    await stage.ask(requestOf(platform, stage.wallNow(), "1"));
    await stage.work(jobs[0]);
    const url = {
      slack: REPLY_URL,
      dingtalk: REPLY_URL,
      feishu: "https://open.feishu.cn/open-apis/im/v1/messages/om_1/reply",
    };
    expect(stage.posted.at(-1)?.url).toBe(url[platform as "slack"]);
  });

  it("a lookup that takes longer and has no worker is to be asked again", async () => {
    const { stage } = slowBy(2000, { startWorker: undefined as never });
    const { body } = await stage.ask(requestOf(platform, stage.wallNow()));
    expect(platform === "feishu" ? textOf(stage.posted) : body).toContain("ask again in a few seconds");
  });

  it("a worker that cannot be started leaves the person no less informed", async () => {
    const failing = () => Promise.reject(new Error("AccessDenied"));
    const { stage } = slowBy(2000, { startWorker: failing });
    const { body } = await stage.ask(requestOf(platform, stage.wallNow()));
    expect(platform === "feishu" ? textOf(stage.posted) : body).toContain("ask again in a few seconds");
    expect(stage.log).toContainEqual(expect.objectContaining({ message: "worker_not_started" }));
  });

  it("the worker tells the person itself when it fails", async () => {
    const { stage, jobs } = slowBy(2000);
    await stage.ask(requestOf(platform, stage.wallNow()));
    const failing = chatStage({
      say: () => ({ status: 503, body: { error_code: "APIGW.0613", error_msg: "x" } }),
    });
    await failing.work(jobs[0]);
    expect(textOf(failing.posted.slice(-1))).toContain("Nothing is wrong with your command");
  });

  it("the worker throws when the answer could not be sent, so that the event is kept", async () => {
    const { stage, jobs } = slowBy(2000);
    await stage.ask(requestOf(platform, stage.wallNow()));
    const failing = chatStage({
      say: () => rowsOf(ID, "alice"),
      answerPost: () => ({ status: 500 }),
    });
    await expect(failing.work(jobs[0])).rejects.toThrow("answered 500");
    expect(failing.log).toContainEqual(
      expect.objectContaining({
        message: "late_answer_failed",
        level: "WARN",
        reason: expect.stringMatching(/^retry: [a-z.]+: answered 500$/),
      }),
    );
  });

  it("the worker answers nobody who has been taken off the list meanwhile", async () => {
    const { stage, jobs } = slowBy(2000);
    await stage.ask(requestOf(platform, stage.wallNow()));
    const secret = chatSecretOf() as Record<string, object>;
    const closed = chatStage({
      say: () => rowsOf(ID, "alice"),
      chatSecret: () => ({ ...secret, [platform]: { ...secret[platform], allow: {} } }),
    });
    await closed.work(jobs[0]);
    expect(closed.heard).toEqual([]);
    expect(textOf(closed.posted.slice(-1))).toContain("not on the list");
  });
});

describe.each<ChatPlatform>(["teams", "wecom"])("on %s", (platform) => {
  it("a lookup gets three and a half seconds, and no later channel is looked for", async () => {
    const { stage, jobs } = slowBy(4000);
    const { statusCode, body } = await stage.ask(requestOf(platform, stage.wallNow()));
    expect(stage.heard[0]?.remainingMs).toBe(3500);
    expect(statusCode).toBe(200);
    if (platform === "teams") expect(body).toContain("ask again in a few seconds");
    expect(jobs).toEqual([]);
    expect(stage.posted).toEqual([]);
  });
});

describe("a signed webhook", () => {
  it("has the time that every program has, and an honest error when that is over", async () => {
    const { stage, jobs } = slowBy(9000);
    const { statusCode, body } = await stage.ask(requestOf("webhook", stage.wallNow()));
    expect(stage.heard[0]?.remainingMs).toBe(8000);
    expect(statusCode).toBe(504);
    expect(JSON.parse(body)).toMatchObject({ code: "DEADLINE_EXCEEDED", retryable: true });
    expect(jobs).toEqual([]);
  });
});

describe("the time that a request waited for its container", () => {
  it.each([
    ["is taken off", 700, 1100],
    ["counts as none when the gateway's clock is ahead", -5000, 1800],
    ["is not believed when it is longer than anybody would wait", 60_000, 1800],
  ])("%s", async (_, waitedMs, remaining) => {
    const { stage } = slowBy(0);
    await stage.ask(requestOf("slack", stage.wallNow()), { receivedAt: stage.wallNow() - waitedMs });
    expect(stage.heard[0]?.remainingMs).toBe(remaining);
  });
});

describe("the two secrets", () => {
  it("are fetched side by side", async () => {
    const asked: string[] = [];
    const both = Promise.withResolvers<void>();
    const stage = chatStage({
      say: () => rowsOf(ID, "alice"),
      world: {
        fetchSecret: async (id) => {
          asked.push(id);
          if (asked.length === 2) both.resolve();
          await both.promise;
          return JSON.stringify(id === "chat/test" ? chatSecretOf() : TWO_PROFILES);
        },
      },
    });
    expect((await stage.ask(requestOf("slack", stage.wallNow()))).body).toContain("alice");
    expect(asked.sort()).toEqual(["chat/test", "workspace/test"]);
  });
});

describe("an answer that cannot ride in the response", () => {
  it("is handed to the worker when it could not be sent, and acknowledged", async () => {
    const jobs: Job[] = [];
    const stage = chatStage({
      say: () => rowsOf(ID, "alice"),
      startWorker: (job) => void jobs.push(job),
      answerPost: () => new TransportFault("timeout", "no answer within 5000 ms"),
    });
    const { statusCode } = await stage.ask(requestOf("feishu", stage.wallNow()));
    expect(statusCode).toBe(200);
    expect(jobs).toHaveLength(1);
    expect(stage.log).toContainEqual(expect.objectContaining({ message: "late_answer_failed" }));
  });

  it("asks for the app's token once, until shortly before it ends", async () => {
    const appId = `cli_${Math.random()}`;
    const section = { ...(chatSecretOf()["feishu"] as object), app_id: appId };
    const stage = chatStage({ say: () => rowsOf(ID, "alice"), chatSecret: () => ({ feishu: section }) });
    const tokens = () => stage.posted.filter(({ url }) => url.includes("tenant_access_token")).length;
    await stage.ask(requestOf("feishu", stage.wallNow()));
    await stage.ask(requestOf("feishu", stage.wallNow()));
    expect(tokens()).toBe(1);
    stage.pass(7200_000 - 60_000);
    await stage.ask(requestOf("feishu", stage.wallNow()));
    expect(tokens()).toBe(2);
  });

  it("goes to Lark's API when the secret says so", async () => {
    const section = { ...(chatSecretOf()["feishu"] as object), api_base: "https://open.larksuite.com" };
    const stage = chatStage({ say: () => rowsOf(ID, "alice"), chatSecret: () => ({ feishu: section }) });
    await stage.ask(requestOf("feishu", stage.wallNow()));
    expect(new Set(stage.posted.map(({ url }) => new URL(url).host))).toEqual(
      new Set(["open.larksuite.com"]),
    );
  });

  it("is a failure when Feishu says so in its body", async () => {
    const stage = chatStage({
      say: () => rowsOf(ID, "alice"),
      answerPost: () => ({ body: '{"code":99991663,"msg":"invalid token"}' }),
    });
    const job = { platform: "feishu", message: messageTo({ message_id: "om_1" }), requestId: "request-0001" };
    await expect(stage.work(job)).rejects.toThrow(/99991663/);
  });
});

const messageTo = (returnTo: Record<string, string>) => ({
  id: null,
  text: ID,
  sender: {},
  language: null,
  timeZone: null,
  returnTo,
});

describe("the worker", () => {
  it.each([
    [
      "an HTTP request",
      { version: "2.0", rawPath: "/chat/slack", requestContext: { http: { method: "POST" } }, body: "{}" },
    ],
    ["a platform without a later channel", { platform: "teams", message: messageTo({}), requestId: "r" }],
    ["an unknown platform", { platform: "irc", message: messageTo({}), requestId: "r" }],
    ["nothing", null],
    [
      "a job with more in it",
      { platform: "slack", message: messageTo({}), requestId: "r", url: "https://evil.example" },
    ],
  ])("takes no %s for a job", async (_, event) => {
    const stage = chatStage();
    await expect(stage.work(event)).rejects.toThrow("INVALID_REQUEST");
    expect(stage.posted).toEqual([]);
    expect(stage.heard).toEqual([]);
  });

  it("tells the person when the chat secret cannot be read either", async () => {
    const stage = chatStage({ chatSecret: () => "no object" });
    await stage.work({
      platform: "slack",
      message: messageTo({ response_url: REPLY_URL }),
      requestId: "request-0001",
    });
    expect(textOf(stage.posted)).toContain("The service account cannot read Workspace (SECRET_INVALID)");
  });

  it("writes no URL, text or name into the log", async () => {
    const { stage, jobs } = slowBy(2000);
    await stage.ask(requestOf("slack", stage.wallNow()));
    await stage.work(jobs[0]);
    const log = JSON.stringify(stage.log);
    for (const secret of [REPLY_URL, "hooks.slack.com/commands", "alice", "mallory", "made-up-slack"]) {
      expect(log).not.toContain(secret);
    }
  });
});

describe("a faulty configuration of chat", () => {
  it("answers INTERNAL to everything and names all its faults in the log, none with a value", async () => {
    const env = {
      CHAT_SECRET_ID: "",
      CHAT_LANGUAGE: "klingon",
      CHAT_TIME_ZONE: "Mars/Olympus",
      CHAT_REPLY_HOSTS: "https://x/",
    };
    const stage = chatStage({ env });
    const { statusCode, body } = await stage.ask(requestOf("slack", stage.wallNow()));
    expect([statusCode, JSON.parse(body).code]).toEqual([500, "INTERNAL"]);
    const faults = stage.log.find(({ message }) => message === "configuration_invalid")?.["faults"];
    expect(faults).toMatch(/CHAT_SECRET_ID.*CHAT_LANGUAGE.*CHAT_TIME_ZONE.*CHAT_REPLY_HOSTS/);
    expect(faults).not.toMatch(/klingon|Olympus/);
    await expect(stage.work({})).rejects.toThrow("INTERNAL");
  });

  it("is none when a language or zone is given in another case", async () => {
    const stage = chatStage({
      env: { CHAT_LANGUAGE: "ZH-cn", CHAT_TIME_ZONE: "asia/shanghai" },
      say: () => rowsOf(ID, "alice"),
    });
    const { body } = await stage.ask(requestOf("dingtalk", stage.wallNow()));
    expect(body).toContain("解绑记录");
    expect(body).toContain("16:15:30 \\\\+08:00");
  });

  it("is no matter of the language when the platform tells the reader's", async () => {
    const stage = chatStage({ say: () => rowsOf(ID, "alice") });
    const request = signedRequest("teams", { text: ID, locale: "zh-CN" }, stage.wallNow());
    expect((await stage.ask(request)).body).toContain("解绑记录");
  });
});
