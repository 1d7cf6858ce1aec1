import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Template } from "./support/cloudformation.ts";
import { type Account, createAccount } from "./support/cloudwatch/account.ts";
import type { Invocation } from "./support/container.ts";
import { ask, batch, fine, type Installation, install, lookup } from "./support/installation.ts";
import { packageCopy } from "./support/packaged.ts";
import { settle } from "./support/settle.ts";
import { sweep } from "./support/sweep.ts";

/**
 * Every alarm of the packaged template goes off when it should, by lines that the built functions wrote: metric filters,
 * embedded metrics and alarms are evaluated as AWS documents them (test/cloudwatch). What an invocation came to is played
 * back at the times that a case wants.
 */

// Each case starts processes, and some use up all the time that a call may take.
vi.setConfig({ testTimeout: 120_000 });

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** A period of every alarm begins here. */
const START = Date.parse("2026-11-24T09:00:00Z");
/** Short enough to be used up in a test, long enough for a good call on a slow machine. */
const BUDGET_MS = 3000;

const ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:";

let template: Template;
let installation: Installation;
/** A run of the watch when all is well. */
let seeing: Invocation;
beforeAll(async () => {
  const { template: packaged } = await packageCopy({
    workspaceSecretArn: `${ARN}workspace-AbCdEf`,
    chatSecretArn: `${ARN}chat-AbCdEf`,
    sweep: "on",
    watch: "on",
    watchSecretArn: `${ARN}watch-AbCdEf`,
    sweepBucket: "desktops-of-example-com",
    requestBudgetMs: String(BUDGET_MS),
  });
  template = settle(packaged);
  installation = await install(template);
  seeing = await (await installation.start("watch")).invoke({});
}, 240_000);
afterAll(() => installation.close());
afterEach(() => {
  installation.surroundings = fine();
});

/** In chat, anything that is no UUID is a name. */
const GOOD = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";
const BAD = "0f6d2a91-7c44-4b0a-b5f3-1e8c9d7a2b10";
const GONE = "a5b3c4d1-7f6e-4b90-83a4-be5f60718293";

const account = () => createAccount(template);
const unavailable = () => ({ status: 503 });
const refusing = () => ({ status: 401, body: { error_code: "APIGW.0301" } });

/** Plays something back at a regular pace. */
function every(ms: number, forMs: number, play: (at: number, index: number) => void, from = START): void {
  for (let at = from, index = 0; at < from + forMs; at += ms, index++) play(at, index);
}

const lineOf = ({ lines }: Invocation) => JSON.parse(lines.at(-1) as string);

async function once(name: "http" | "chat", request: Parameters<typeof ask>[1], env?: Record<string, string>) {
  const container = await installation.start(name, env);
  return await ask(container, request);
}

/** While the watch runs as it should. */
function alarmsIn(theAccount: Account, forMs: number): string[] {
  every(5 * MINUTE, forMs, (at) => theAccount.invoked("Watch", seeing, at));
  return [...theAccount.goingOff(START, START + forMs).keys()];
}

/** The alarms that a case has made go off, so that none is forgotten. */
const tried = new Set<string>();
function expectAlarm(theAccount: Account, alarm: string, withinMs: number): void {
  tried.add(alarm);
  const at = theAccount.goesOffAt(alarm, START, START + withinMs);
  expect(at, alarm).not.toBeNull();
}

describe("CredentialsRefusedAlarm", () => {
  it.each([
    ["a lookup", lookup("d1"), 502],
    ["a batch, which is answered with 200", batch("d1", "d2"), 200],
  ])("goes off after %s with a refused key", async (_, request, status) => {
    installation.surroundings.huawei = refusing;
    const refused = await once("http", request);
    expect(refused.result?.statusCode).toBe(status);
    const cloud = account();
    cloud.requested("Http", refused, START);
    expectAlarm(cloud, "CredentialsRefusedAlarm", 2 * MINUTE);
  });

  it("goes off after a batch of invoke and after a question in chat, too", async () => {
    installation.surroundings.huawei = refusing;
    const invoke = await installation.start("invoke");
    for (const [id, refused] of [
      ["Invoke", await invoke.invoke({ desktop_ids: ["d1"] })],
      ["Chat", await once("chat", installation.typed("slack", GOOD))],
    ] as const) {
      const cloud = account();
      cloud.invoked(id, refused, START);
      expectAlarm(cloud, "CredentialsRefusedAlarm", 2 * MINUTE);
    }
  });
});

describe("FaultsAlarm", () => {
  it("goes off when a function starts with a faulty configuration", async () => {
    const { initLines } = await installation.start("http", { RESULT_TTL_SECONDS: "soon" });
    expect(initLines.join()).toContain("configuration_invalid");
    const cloud = account();
    cloud.log("Http", initLines, START);
    expectAlarm(cloud, "FaultsAlarm", 2 * MINUTE);
  });
});

describe("an outage of Huawei's, or of ours", () => {
  it("is seen within ten minutes at one request a minute, whenever it begins", async () => {
    installation.surroundings.huawei = unavailable;
    const failed = await once("http", lookup("d1"));
    expect(failed.result?.statusCode).toBe(503);
    for (let offset = 0; offset < 5 * MINUTE; offset += 20 * SECOND) {
      const cloud = account();
      every(MINUTE, 15 * MINUTE, (at) => cloud.requested("Http", failed, at + offset));
      expectAlarm(cloud, "OutageAlarm", offset + 10 * MINUTE);
    }
  });

  it("is seen when it takes half of the requests, and is none when it takes one now and then", async () => {
    installation.surroundings.huawei = (id) => (id === BAD ? unavailable() : fine().huawei(id));
    const container = await installation.start("http");
    const [good, bad] = [await ask(container, lookup(GOOD)), await ask(container, lookup(BAD))];
    const half = account();
    every(30 * SECOND, 15 * MINUTE, (at, index) => half.requested("Http", index % 2 === 0 ? bad : good, at));
    expectAlarm(half, "OutageAlarm", 10 * MINUTE);
    const few = account();
    every(MINUTE, 60 * MINUTE, (at, index) => few.requested("Http", index % 5 < 2 ? bad : good, at));
    expect(alarmsIn(few, 60 * MINUTE)).toEqual([]);
  });

  it("is seen by invoke's callers and in chat, where the gateway sees nothing", async () => {
    installation.surroundings.huawei = unavailable;
    const invoke = await installation.start("invoke");
    const inChat = await once("chat", installation.typed("slack", GOOD));
    expect(inChat.result?.statusCode).toBe(200);
    const worker = await installation.start("chat-worker");
    const job = await aJob();
    installation.surroundings.huawei = unavailable;
    for (const [id, failed] of [
      ["Invoke", await invoke.invoke({ desktop_id: "d1" })],
      ["Chat", inChat],
      ["ChatDashworker", await worker.invoke(job)],
    ] as const) {
      const cloud = account();
      every(MINUTE, 15 * MINUTE, (at) => cloud.invoked(id, failed, at));
      expectAlarm(cloud, `${id}OutageAlarm`, 10 * MINUTE);
    }
  });

  it("that takes a few of many is seen when it goes on", async () => {
    installation.surroundings.huawei = (id) => (id === BAD ? unavailable() : fine().huawei(id));
    const container = await installation.start("http");
    const good = await ask(container, lookup(GOOD));
    const bad = await ask(container, lookup(BAD));
    const goodInChat = await once("chat", installation.typed("slack", GOOD));
    const badInChat = await once("chat", installation.typed("slack", BAD));
    const cloud = account();
    every(10 * SECOND, 15 * MINUTE, (at, index) => {
      cloud.requested("Http", index % 6 === 0 ? bad : good, at);
      cloud.requested("Chat", index % 6 === 0 ? badInChat : goodInChat, at);
    });
    expectAlarm(cloud, "ServerErrorsAlarm", 15 * MINUTE);
    expectAlarm(cloud, "ChatServerErrorsAlarm", 15 * MINUTE);
    expect(alarmsIn(cloud, 15 * MINUTE)).not.toContain("OutageAlarm");
    expect(alarmsIn(cloud, 15 * MINUTE)).not.toContain("ChatOutageAlarm");
  });
});

describe("UpstreamThrottledAlarm", () => {
  it("goes off when Huawei has been limiting our calls for a quarter of an hour, and not for a moment", async () => {
    installation.surroundings.huawei = () => ({ status: 429, headers: { "retry-after": "30" } });
    const throttled = await once("http", lookup("d1"));
    expect(lineOf(throttled)).toMatchObject({ code: "UPSTREAM_THROTTLED" });
    const sustained = account();
    every(2 * MINUTE, 15 * MINUTE, (at) => sustained.requested("Http", throttled, at));
    expectAlarm(sustained, "UpstreamThrottledAlarm", 15 * MINUTE);
    const passing = account();
    every(10 * SECOND, MINUTE, (at) => passing.requested("Http", throttled, at));
    expect(alarmsIn(passing, 30 * MINUTE)).toEqual([]);
  });
});

describe("KeyExpiresAlarm", () => {
  it("goes off a day before a temporary key expires, stays while nobody asks, and ends with a newer key", async () => {
    const expiringIn = async (hours: number) => {
      const expires_at = new Date(Date.now() + hours * 3_600_000).toISOString();
      installation.surroundings.secret = { security_token: "made-up-token", expires_at };
      return await once("http", lookup(`d${hours}`));
    };
    const soon = await expiringIn(23);
    const later = await expiringIn(25);
    const cloud = account();
    cloud.requested("Http", soon, START);
    expectAlarm(cloud, "KeyExpiresAlarm", 5 * MINUTE);
    expect(cloud.lastState("KeyExpiresAlarm", START, START + 60 * MINUTE)).toBe("ALARM");
    cloud.requested("Http", later, START + 60 * MINUTE);
    expect(cloud.lastState("KeyExpiresAlarm", START, START + 65 * MINUTE)).toBe("OK");
  });
});

describe("a function that is slow", () => {
  it("is seen when calls take all the time that they may have", async () => {
    installation.surroundings.huawei = () => ({ delayMs: 10_000 });
    const invoke = await installation.start("invoke");
    const slow = {
      Http: await once("http", lookup("d1")),
      Invoke: await invoke.invoke({ desktop_id: "d1" }),
    };
    for (const [id, invocation] of Object.entries(slow)) {
      const cloud = account();
      every(MINUTE, 15 * MINUTE, (at) => cloud.invoked(id, invocation, at));
      expectAlarm(cloud, `${id}SlowAlarm`, 15 * MINUTE);
    }
  });

  it("is seen in chat when a platform has stopped waiting, which one day or another all do", async () => {
    // The platform does not take the answer, nor Lambda the job that would send it later.
    installation.surroundings.platform = { delayMs: 10_000 };
    installation.surroundings.lambda = { delayMs: 10_000 };
    const late = await once("chat", installation.typed("feishu", GOOD));
    expect(lineOf(late)).toMatchObject({ route: "/chat/feishu" });
    expect(lineOf(late).duration_ms).toBeGreaterThan(2800);
    const cloud = account();
    every(4 * MINUTE, 15 * MINUTE, (at) => cloud.requested("Chat", late, at));
    expectAlarm(cloud, "ChatSlowAlarm", 15 * MINUTE);
    expect(alarmsIn(cloud, 15 * MINUTE)).not.toContain("ChatErrorsAlarm");
  });

  it("is seen of the worker when finding and sending take all their time", async () => {
    const job = await aJob();
    installation.surroundings.huawei = () => ({ delayMs: 10_000 });
    installation.surroundings.platform = { delayMs: 3500, body: { ok: true } };
    const worker = await installation.start("chat-worker");
    const slow = await worker.invoke(job);
    expect(slow.error).toBeUndefined();
    const cloud = account();
    every(MINUTE, 15 * MINUTE, (at) => cloud.invoked("ChatDashworker", slow, at));
    expectAlarm(cloud, "ChatDashworkerSlowAlarm", 15 * MINUTE);
  });
});

/** What `chat` hands to the worker when Huawei takes longer than Slack waits. */
async function aJob(): Promise<unknown> {
  installation.surroundings.huawei = () => ({ delayMs: 10_000 });
  const handedOver = await once("chat", installation.typed("slack", GOOD));
  installation.surroundings = fine();
  expect(lineOf(handedOver)).toMatchObject({ outcome: "ok", status: 200 });
  return installation.lastJob();
}

describe("a function that fails without an answer", () => {
  const crashed: Invocation = { error: "Runtime.ExitError", lines: [], durationMs: 10 };

  it.each(["Http", "Chat"])("%sErrorsAlarm goes off at once", (id) => {
    const cloud = account();
    cloud.requested(id, crashed, START);
    expectAlarm(cloud, `${id}ErrorsAlarm`, 2 * MINUTE);
  });

  it("InvokeErrorsAlarm goes off when it goes on, since callers' mistakes are thrown as well", async () => {
    const invoke = await installation.start("invoke");
    const mistaken = await invoke.invoke({ desktop_id: "not/one" });
    expect(mistaken.error).toBe("INVALID_REQUEST");
    const few = account();
    every(2 * MINUTE, 15 * MINUTE, (at) => few.invoked("Invoke", mistaken, at));
    expect(alarmsIn(few, 15 * MINUTE)).toEqual([]);
    const many = account();
    every(MINUTE, 15 * MINUTE, (at) => many.invoked("Invoke", crashed, at));
    expectAlarm(many, "InvokeErrorsAlarm", 15 * MINUTE);
  });

  it("ChatDashworkerErrorsAlarm and ChatUnansweredAlarm go off when an answer cannot be sent", async () => {
    const job = await aJob();
    installation.surroundings.platform = { status: 500 };
    const worker = await installation.start("chat-worker");
    const failed = await worker.invoke(job);
    expect(failed.error).toBe("NotDelivered");
    expect(failed.lines.join("\n")).toContain("late_answer_failed");
    const cloud = account();
    cloud.invoked("ChatDashworker", failed, START);
    // Lambda does not try again, and hands the event to the failure destination.
    cloud.queued("ChatUnanswered", START + SECOND);
    expectAlarm(cloud, "ChatDashworkerErrorsAlarm", 2 * MINUTE);
    expectAlarm(cloud, "ChatUnansweredAlarm", 2 * MINUTE);
  });

  it.each(["Http", "Invoke", "Chat", "ChatDashworker"])("%sThrottlesAlarm goes off at once", (id) => {
    const cloud = account();
    cloud.throttled(id, START);
    expectAlarm(cloud, `${id}ThrottlesAlarm`, 2 * MINUTE);
  });
});

describe("a sweep that did not come to its end", () => {
  it("is seen when it failed", async () => {
    const { error } = await sweep({ list: ["d1"], say: () => refusing() });
    expect(error).not.toBeNull();
    const cloud = account();
    cloud.ended("Sweep", "Failed", START);
    expectAlarm(cloud, "SweepFailedAlarm", 2 * MINUTE);
  });

  it("is seen when somebody stopped it", () => {
    const cloud = account();
    cloud.ended("Sweep", "Aborted", START);
    expectAlarm(cloud, "SweepAbortedAlarm", 2 * MINUTE);
  });
});

describe("the watch", () => {
  const bound = { user_id: "u1", user_name: "alice", user_group: "users", type: "USER" };
  const aDesktop = (...attach_user_infos: object[]) => ({
    body: {
      total_count: 1,
      desktops: [{ desktop_id: GOOD, computer_name: "WIN-ALICE", attach_user_infos }],
    },
  });
  const run = async (aheadMs = 0) =>
    (await installation.start("watch", { CLOCK_AHEAD_MS: String(aheadMs) })).invoke({});
  /** As long as one fact stays as it is. */
  function expectWhile(alarm: string, invocation: Invocation, withinMs: number): void {
    const cloud = account();
    every(5 * MINUTE, withinMs, (at) => cloud.invoked("Watch", invocation, at));
    expectAlarm(cloud, alarm, withinMs);
  }

  it("is blind when three intervals pass without a complete list, whether it runs or not", async () => {
    expect(seeing.result?.runs).toMatchObject([{ complete: true }]);
    installation.surroundings.fleet = unavailable();
    const blind = await run();
    expect(blind.result?.runs).toMatchObject([{ complete: false }]);
    expectWhile("WatchBlindAlarm", blind, 15 * MINUTE);
    expectAlarm(account(), "WatchBlindAlarm", 15 * MINUTE);
  });

  it("says that a channel takes nothing, that a message waits, and that it was given up", async () => {
    installation.surroundings.fleet = aDesktop(bound);
    await run();
    installation.surroundings.fleet = aDesktop();
    installation.surroundings.huawei = () => ({
      body: { desktop_detach_infos: [{ desktop_id: GOOD, ...bound, detach_time: "2026-11-24T08:15:30Z" }] },
    });
    installation.surroundings.platform = { status: 500 };
    const first = await run();
    expect(lineOf(first)).toMatchObject({ events: 1, told: 0, failing_channels: 0 });
    const quiet = account();
    every(5 * MINUTE, 60 * MINUTE, (at) => quiet.invoked("Watch", first, at));
    expect(alarmsIn(quiet, 60 * MINUTE)).toEqual([]);
    const later = await run(2 * 60 * MINUTE);
    expectWhile("WatchChannelsAlarm", later, 20 * MINUTE);
    expectWhile("WatchOutboxAlarm", later, 20 * MINUTE);
    const atLast = await run(8 * 24 * 60 * MINUTE);
    expect(lineOf(atLast)).toMatchObject({ given_up: 1 });
    const cloud = account();
    cloud.invoked("Watch", atLast, START);
    expectAlarm(cloud, "WatchUntoldAlarm", 2 * MINUTE);
  });

  it("fails when its secret cannot be used, which Lambda hands to the queue", async () => {
    installation.surroundings.watchSecret = () => ({ watch: { channels: [{ name: "team", to: "pager" }] } });
    const failed = await run();
    expect(failed.error).toBe("SECRET_INVALID");
    const cloud = account();
    cloud.invoked("Watch", failed, START);
    cloud.queued("WatchFailed", START + SECOND);
    expectAlarm(cloud, "WatchErrorsAlarm", 2 * MINUTE);
    expectAlarm(cloud, "WatchFailedAlarm", 2 * MINUTE);
  });

  it("is slow when runs take all the time that there is, and throttled when two are under way", () => {
    const slow = account();
    every(5 * MINUTE, 15 * MINUTE, (at) => slow.invoked("Watch", { ...seeing, durationMs: 270_000 }, at));
    expectAlarm(slow, "WatchSlowAlarm", 15 * MINUTE);
    const throttled = account();
    throttled.throttled("Watch", START);
    expectAlarm(throttled, "WatchThrottlesAlarm", 2 * MINUTE);
  });
});

describe("a good day", () => {
  it("raises no alarm: callers' mistakes, one failure, a slow answer that follows in chat", async () => {
    installation.surroundings.huawei = (id) => {
      if (id === GONE) return { status: 404, body: { error_code: "WKS.0202" } };
      return id === BAD ? unavailable() : fine().huawei(id);
    };
    const http = await installation.start("http");
    const requests = await inTurn([lookup(GOOD), batch(GOOD, GONE), lookup(GONE), lookup("not%2Fone")], http);
    const bad = await ask(http, lookup(BAD));
    const invoke = await installation.start("invoke");
    const invocation = await invoke.invoke({ desktop_id: GOOD });
    const chat = await installation.start("chat");
    const job = await aJob();
    const answers = await inTurn(
      [installation.typed("slack", GOOD), installation.typed("teams", GONE)],
      chat,
    );
    // As long as Teams and WeCom are let wait by design.
    const patient = { ...(answers[1] as Invocation), durationMs: 3600 };
    patient.lines = patient.lines.map((line) => line.replace(/"duration_ms":\d+/, '"duration_ms":3600'));
    const worker = await installation.start("chat-worker");
    const late = await worker.invoke(job);
    const cloud = account();
    every(15 * SECOND, 60 * MINUTE, (at, index) => {
      cloud.requested("Http", requests[index % requests.length] as Invocation, at);
      cloud.invoked("Invoke", invocation, at);
      cloud.requested("Chat", [...answers, patient][index % 3] as Invocation, at);
      cloud.invoked("ChatDashworker", late, at);
      if (index % 40 === 0) cloud.requested("Http", bad, at);
    });
    cloud.ended("Sweep", "Succeeded", START);
    expect(alarmsIn(cloud, 60 * MINUTE)).toEqual([]);
  });

  async function inTurn(requests: Parameters<typeof ask>[1][], container: Parameters<typeof ask>[0]) {
    const invocations: Invocation[] = [];
    for (const request of requests) invocations.push(await ask(container, request));
    return invocations;
  }
});

describe("two stages", () => {
  it("do not count for each other", async () => {
    installation.surroundings.huawei = unavailable;
    const invoke = await installation.start("invoke", { STAGE: "another" });
    const failed = await invoke.invoke({ desktop_id: "d1" });
    const cloud = account();
    every(MINUTE, 15 * MINUTE, (at) => cloud.log("Invoke", failed.lines, at));
    expect(alarmsIn(cloud, 15 * MINUTE)).toEqual([]);
  });
});

it("no alarm is left that has not been made to go off", () => {
  expect([...tried].sort()).toEqual([...account().alarms.keys()].sort());
});
