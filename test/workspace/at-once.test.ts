import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { UpstreamAnswer } from "../../src/net/transport.ts";
import { createCredentials } from "../../src/secrets/credentials.ts";
import { sleep } from "../../src/time/clocks.ts";
import { createWorkspaceClient } from "../../src/workspace/client.ts";
import { regionEndpoint } from "../../src/workspace/paths.ts";
import { refOf } from "../../src/workspace/profile.ts";
import { aCall } from "../support/call.ts";
import { anAnswer } from "../support/upstream.ts";

const good = anAnswer(200, { desktop_detach_infos: [] });
const refused = anAnswer(401, { error_code: "APIGW.0301", error_msg: "verify aksk signature fail" });
const down = anAnswer(503, "");
const limited = anAnswer(429, { error_code: "APIGW.0308" }, { "retry-after": "2" });

const secretWith = (key: string) =>
  JSON.stringify({
    access_key: `HPUAEXAMPLE${key}`,
    secret_key: `ExampleSecretKey${key}`,
    project_id: "0123456789abcdef0123456789abcdef",
    region: "cn-north-4",
  });

/** As the secret above has it. */
const refTo = (name: string) =>
  refOf({
    ...{ name, projectId: "0123456789abcdef0123456789abcdef", accessKey: "", secretKey: "" },
    ...{ endpoint: regionEndpoint("cn-north-4"), securityToken: null, expiresAt: null },
  });
const PROFILE = refTo("default");

const LATENCY_MS = 100;

beforeEach(() => void vi.useFakeTimers({ now: Date.parse("2026-11-24T08:00:00Z") }));
afterEach(() => void vi.useRealTimers());

/** The client with real credentials and waits, before an upstream that takes its time and sees who asks when. */
function setUp(answerTo: (key: string, number: number) => UpstreamAnswer) {
  const startedAt = Date.now();
  const now = () => Date.now() - startedAt;
  const sent: { key: string; at: number }[] = [];
  let out = 0;
  const seen = { atOnce: 0, stored: secretWith("A"), latencyMs: LATENCY_MS };
  const parts = { now, wallNow: () => Date.now(), warn: () => {} };
  const credentials = createCredentials({
    ...parts,
    fetchSecret: async () => seen.stored,
    secretId: "workspace",
    ttlMs: 300_000,
    endpointOverride: null,
  });
  const client = createWorkspaceClient({
    ...parts,
    credentials,
    random: () => 0.5,
    sleep,
    async send({ headers }) {
      const key = /Access=HPUAEXAMPLE(\w+)/.exec(headers["authorization"] ?? "")?.[1] ?? "";
      sent.push({ key, at: now() });
      const answer = answerTo(key, sent.length);
      out += 1;
      seen.atOnce = Math.max(seen.atOnce, out);
      await sleep(seen.latencyMs);
      out -= 1;
      return answer;
    },
  });
  /** What so many calls at once come to. */
  async function ask(count: number, budgetMs = 8000) {
    const endsAt = now() + budgetMs;
    const deadline = { remaining: () => endsAt - now() };
    const calls = Array.from({ length: count }, (_, index) =>
      client.fetchHistory(PROFILE, `d${index}`, aCall({ deadline })).then(
        () => "good",
        (error) => error.code as string,
      ),
    );
    await vi.runAllTimersAsync();
    const outcomes = await Promise.all(calls);
    return Object.fromEntries(
      [...new Set(outcomes)].map((each) => [each, outcomes.filter((outcome) => outcome === each).length]),
    );
  }
  return { ask, sent, seen, credentials, client };
}

describe("many calls at once with a key in doubt", () => {
  it("send it out no more than three times when it is refused", async () => {
    const { ask, sent } = setUp(() => refused);
    expect(await ask(100)).toEqual({ CREDENTIALS_REFUSED: 100 });
    expect(sent).toHaveLength(3);
    expect(await ask(100)).toEqual({ CREDENTIALS_REFUSED: 100 });
    expect(sent).toHaveLength(3);
  });

  it("all go out as soon as it is accepted", async () => {
    const { ask, sent } = setUp(() => good);
    expect(await ask(100)).toEqual({ good: 100 });
    expect(sent.filter(({ at }) => at === 0)).toHaveLength(3);
    expect(sent.filter(({ at }) => at === LATENCY_MS)).toHaveLength(97);
  });

  it("try it three at a time while the upstream says nothing of it", async () => {
    const { ask, seen } = setUp(() => down);
    expect(await ask(20, 60_000)).toEqual({ UPSTREAM_UNAVAILABLE: 20 });
    expect(seen.atOnce).toBe(3);
  });

  it("do not wait for their turn past their own time", async () => {
    const { ask, sent } = setUp(() => good);
    expect(await ask(5, LATENCY_MS - 1)).toEqual({ good: 3, DEADLINE_EXCEEDED: 2 });
    expect(sent).toHaveLength(3);
  });

  it("try it one at a time when its pause after refusals has ended, until it is accepted", async () => {
    let answer = refused;
    const { ask, sent } = setUp(() => answer);
    await ask(3);
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    expect(await ask(100)).toEqual({ CREDENTIALS_REFUSED: 100 });
    expect(sent).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    answer = good;
    expect(await ask(100)).toEqual({ good: 100 });
    expect(sent).toHaveLength(104);
  });

  it("go on with the store's newer key, which is in doubt as well", async () => {
    const { ask, sent, seen, credentials } = setUp((key) => (key === "A" ? refused : good));
    await credentials.current(null, aCall());
    seen.stored = secretWith("B");
    expect(await ask(100)).toEqual({ good: 100 });
    expect(sent.filter(({ key }) => key === "A").length).toBeLessThanOrEqual(3);
    expect(sent.filter(({ key }) => key === "B")).toHaveLength(100);
  });

  it("start with three when it was good a moment ago, and send no more once it turned bad", async () => {
    let answer = good;
    const { ask, sent } = setUp(() => answer);
    await ask(100);
    answer = refused;
    expect(await ask(100)).toEqual({ CREDENTIALS_REFUSED: 100 });
    expect(sent).toHaveLength(103);
  });

  it("send no more than is under way when it turns bad in the middle", async () => {
    let isGood = true;
    const { client, sent } = setUp(() => (isGood ? good : refused));
    // As a batch does it: twenty at a time, one after the other.
    const ids = Array.from({ length: 200 }, (_, index) => `d${index}`).values();
    const outcomes: string[] = [];
    const worker = async () => {
      for (const id of ids) {
        await client.fetchHistory(PROFILE, id, aCall()).then(
          () => outcomes.push("good"),
          (error) => outcomes.push(error.code),
        );
      }
    };
    const batch = Promise.all(Array.from({ length: 20 }, worker));
    await vi.advanceTimersByTimeAsync(5 * LATENCY_MS + 1);
    isGood = false;
    const before = sent.length;
    await vi.runAllTimersAsync();
    await batch;
    expect(before).toBeGreaterThan(40);
    expect(sent.length - before).toBeLessThanOrEqual(20);
    expect(outcomes).toHaveLength(200);
  });

  it("start with three again when nothing was accepted within a second", async () => {
    const { client, seen, sent } = setUp(() => good);
    const ask = (count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, index) => client.fetchHistory(PROFILE, `d${index}`, aCall())),
      );
    seen.latencyMs = 2400;
    const slow = ask(1);
    await vi.advanceTimersByTimeAsync(1);
    seen.latencyMs = LATENCY_MS;
    const quick = ask(1);
    await vi.advanceTimersByTimeAsync(1500);
    const late = ask(10);
    await vi.advanceTimersByTimeAsync(1);
    // The slow one is still out.
    expect(sent).toHaveLength(4);
    await vi.runAllTimersAsync();
    await Promise.all([slow, quick, late]);
    expect(sent).toHaveLength(12);
  });

  it("trust it no longer once it is refused", async () => {
    let answer = good;
    const { ask, sent } = setUp(() => answer);
    await ask(1);
    answer = refused;
    expect(await ask(2)).toEqual({ CREDENTIALS_REFUSED: 2 });
    expect(await ask(100)).toEqual({ CREDENTIALS_REFUSED: 100 });
    expect(sent).toHaveLength(4);
  });
});

describe("a key in doubt", () => {
  it("is not asked with again by calls that slept while it was locked", async () => {
    const { ask, sent } = setUp((_, number) => (number <= 10 ? down : refused));
    await ask(20);
    const refusals = sent.length - 10;
    expect(refusals).toBeGreaterThan(0);
    expect(refusals).toBeLessThanOrEqual(3);
  });

  it("stays in doubt when an answer to an earlier request accepts it after all", async () => {
    const { ask, client, sent, seen } = setUp((_, number) => (number === 1 ? good : refused));
    seen.latencyMs = 1000;
    const early = client.fetchHistory(PROFILE, "early", aCall());
    await vi.advanceTimersByTimeAsync(1);
    seen.latencyMs = LATENCY_MS;
    const others = Promise.allSettled(["d1", "d2"].map((id) => client.fetchHistory(PROFILE, id, aCall())));
    await vi.advanceTimersByTimeAsync(LATENCY_MS);
    await others;
    await vi.advanceTimersByTimeAsync(1000);
    await early;
    expect(await ask(100)).toEqual({ CREDENTIALS_REFUSED: 100 });
    expect(sent.length).toBeLessThanOrEqual(4);
  });

  it.each([403, 404])("is not proved by a %d that need not be Huawei's", async (status) => {
    const { ask, sent } = setUp((_, number) => (number === 1 ? anAnswer(status, "<html>") : refused));
    await ask(1);
    expect(await ask(100)).toEqual({ CREDENTIALS_REFUSED: 100 });
    expect(sent).toHaveLength(4);
  });

  it("is waited for as long as the call has time, since what hangs may be refused yet", async () => {
    const { ask, seen, sent } = setUp(() => refused);
    seen.latencyMs = 2400;
    expect(await ask(20)).toEqual({ CREDENTIALS_REFUSED: 20 });
    expect(sent).toHaveLength(3);
  });

  it("is not proved by a call that a bug of ours ended", async () => {
    const { ask, client, sent } = setUp((_, number) => {
      if (number === 1) throw new TypeError("bug");
      return refused;
    });
    await expect(client.fetchHistory(PROFILE, "d1", aCall())).rejects.toThrow("bug");
    expect(await ask(100)).toEqual({ CREDENTIALS_REFUSED: 100 });
    expect(sent).toHaveLength(4);
  });

  it("is another profile's no business: who waits goes on with the profile that was asked for", async () => {
    const profilesWith = (defaultName: string) =>
      JSON.stringify({
        default: defaultName,
        profiles: { x: JSON.parse(secretWith("X")), y: JSON.parse(secretWith("Y")) },
      });
    const { client, seen, sent, credentials } = setUp(() => refused);
    seen.stored = profilesWith("x");
    await credentials.current(null, aCall());
    const calls = Promise.allSettled(
      Array.from({ length: 5 }, (_, index) => client.fetchHistory(refTo("x"), `d${index}`, aCall())),
    );
    await vi.advanceTimersByTimeAsync(1);
    seen.stored = profilesWith("y");
    await vi.runAllTimersAsync();
    const outcomes = await calls;
    expect(outcomes.map(({ status }) => status)).toEqual(Array(5).fill("rejected"));
    expect(new Set(sent.map(({ key }) => key))).toEqual(new Set(["X"]));
  });
});

describe("a limit that one call was told", () => {
  it("is kept by another that is under way, even though the first one waits and asks again", async () => {
    const { ask, sent } = setUp((_, number) => [limited, down][number - 1] ?? good);
    expect(await ask(2)).toEqual({ good: 2 });
    // The second would else have been back after its own wait of 50 ms.
    expect(sent.map(({ at }) => at)).toEqual([0, 0, LATENCY_MS + 2000, LATENCY_MS + 2000]);
  });
});
