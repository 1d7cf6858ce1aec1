import { afterEach, describe, expect, it } from "vitest";
import { wallNow } from "../../src/time/clocks.ts";
import { leaveNothingBehind } from "./support/left-behind.ts";
import { expectSuccess, ROWS, setUp } from "./support/service.ts";
import { after, answer, silence } from "./support/upstream.ts";

afterEach(leaveNothingBehind);

const ok = answer(200, ROWS);

describe("the time of a call", () => {
  it.each([300, 250, 100, 0, -100])("ends before Lambda's does when %i ms of that are left", async (left) => {
    const { ask, upstream } = await setUp({ upstream: [ok, silence] });
    // Loading the AWS SDK is not what is measured here.
    expectSuccess(await ask({ desktop: "first" }));
    const startedAt = performance.now();
    const { status, body } = await ask({ remainingMs: left });
    expect([status, body.code]).toEqual([504, "DEADLINE_EXCEEDED"]);
    expect(performance.now() - startedAt).toBeLessThan(Math.max(left, 200));
    expect(upstream.heard.length).toBeLessThanOrEqual(2);
  });

  it("cuts an attempt short when it is over, and says that it was ours", async () => {
    const { ask, upstream } = await setUp({ upstream: silence, env: { REQUEST_BUDGET_MS: "700" } });
    expect((await ask()).body.code).toBe("DEADLINE_EXCEEDED");
    expect(upstream.heard).toHaveLength(1);
  });

  it("includes the time for the secret", async () => {
    const { ask, upstream } = await setUp({
      upstream: ok,
      store: () => undefined,
      env: { REQUEST_BUDGET_MS: "300" },
    });
    expect((await ask()).body.code).toBe("DEADLINE_EXCEEDED");
    expect(upstream.heard).toEqual([]);
  });

  it("does not go into a wait that would outlast it", async () => {
    const { ask, waits } = await setUp({
      upstream: answer(429, {}, { "retry-after": "2" }),
      env: { REQUEST_BUDGET_MS: "2000" },
    });
    expect((await ask()).body).toMatchObject({ code: "UPSTREAM_THROTTLED", retry_after_seconds: 2 });
    expect(waits).toEqual([]);
  });
});

describe("a clock that jumps", () => {
  it.each([-86_400_000, 86_400_000])(
    "neither prolongs nor cuts a kept answer's life: %i ms",
    async (jump) => {
      let offset = 0;
      const { ask, upstream, pass } = await setUp({
        upstream: ok,
        world: { wallNow: () => wallNow() + offset },
      });
      expectSuccess(await ask());
      offset = jump;
      pass(29_000);
      const kept = await ask();
      expect(kept.body["age_seconds"]).toBeGreaterThanOrEqual(29);
      expect(kept.body["age_seconds"]).toBeLessThanOrEqual(30);
      expect(upstream.heard).toHaveLength(1);
      pass(1000);
      expect((await ask()).body["age_seconds"]).toBe(0);
      expect(upstream.heard).toHaveLength(2);
    },
  );

  it("neither prolongs nor cuts the secret's life", async () => {
    let offset = 0;
    const { ask, store, pass } = await setUp({ upstream: ok, world: { wallNow: () => wallNow() + offset } });
    expectSuccess(await ask({ desktop: "d1" }));
    offset = -86_400_000;
    pass(299_000);
    await ask({ desktop: "d2" });
    expect(store.calls()).toBe(1);
    pass(1000);
    await ask({ desktop: "d3" });
    expect(store.calls()).toBe(2);
  });
});

describe("many who ask the same at once", () => {
  it("get fifty answers of one attempt and one look into the store", async () => {
    const { ask, upstream, store } = await setUp({ upstream: after(50, ok) });
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask()));
    for (const answered of answers) expectSuccess(answered);
    expect(upstream.heard).toHaveLength(1);
    expect(store.calls()).toBe(1);
  });

  it("share a failure no longer than it takes", async () => {
    const { ask, upstream } = await setUp({ upstream: after(50, answer(400)) });
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask()));
    expect(new Set(answers.map(({ body }) => body.code))).toEqual(new Set(["UPSTREAM_REJECTED"]));
    expect(upstream.heard).toHaveLength(1);
    upstream.react(ok);
    expectSuccess(await ask());
  });

  it("leave nothing going on when they have all run out of time", async () => {
    const { ask, upstream } = await setUp({ upstream: silence });
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask({ remainingMs: 400 })));
    expect(new Set(answers.map(({ body }) => body.code))).toEqual(new Set(["DEADLINE_EXCEEDED"]));
    await expect.poll(() => upstream.sockets()).toEqual([]);
  });

  it("each wait as long as they can, though the first has little time", async () => {
    const { ask, upstream } = await setUp({ upstream: after(300, ok) });
    const [hurried, patient] = await Promise.all([ask({ remainingMs: 450 }), ask({ remainingMs: 5000 })]);
    expect(hurried?.body.code).toBe("DEADLINE_EXCEEDED");
    expectSuccess(patient as NonNullable<typeof patient>);
    expect(upstream.heard).toHaveLength(1);
  });
});
