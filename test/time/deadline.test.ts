import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LookupError } from "../../src/contract/errors.ts";
import { createInvokeFunction } from "../../src/invoke/invoke-function.ts";
import { startDeadline } from "../../src/time/deadline.ts";
import { RUNS } from "../support/runs.ts";
import { stage } from "../support/world.ts";

describe("the deadline of a call", () => {
  it("is our own budget outside Lambda", () => {
    expect(startDeadline(8000, undefined, () => 500).remaining()).toBe(8000);
  });

  it("is our own budget while Lambda has more time", () => {
    expect(startDeadline(8000, 8250, () => 500).remaining()).toBe(8000);
    expect(startDeadline(8000, 30_000, () => 500).remaining()).toBe(8000);
  });

  it("leaves a quarter of a second of Lambda's time for our answer", () => {
    expect(startDeadline(8000, 8249, () => 500).remaining()).toBe(7999);
    expect(startDeadline(8000, 300, () => 500).remaining()).toBe(50);
  });

  it("has passed when Lambda has no more than that left", () => {
    expect(startDeadline(8000, 250, () => 500).remaining()).toBe(0);
    expect(startDeadline(8000, 100, () => 500).remaining()).toBe(-150);
  });

  it("comes nearer with the clock and passes", () => {
    let now = 500;
    const deadline = startDeadline(1000, undefined, () => now);
    now = 1200;
    expect(deadline.remaining()).toBe(300);
    now = 1600;
    expect(deadline.remaining()).toBe(-100);
  });
});

describe("a call", () => {
  const answers = fc.record({
    status: fc.constantFrom(200, 200, 401, 404, 429, 429, 500, 503),
    ms: fc.nat(6000),
    retryAfter: fc.option(fc.nat(20)),
    isGarbled: fc.boolean(),
  });

  it("is never longer than its time, whatever the upstream does, and begins no attempt after it", async () => {
    const call = fc.record({
      budgetMs: fc.integer({ min: 100, max: 9000 }),
      lambdaMs: fc.integer({ min: 0, max: 12_000 }),
      script: fc.array(answers, { minLength: 1, maxLength: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(call, async ({ budgetMs, lambdaMs, script }) => {
        const allowedMs = Math.max(0, Math.min(budgetMs, lambdaMs - 250));
        const service = stage({
          env: { REQUEST_BUDGET_MS: String(budgetMs) },
          say: ({ number, remainingMs }) => {
            expect(remainingMs).toBeGreaterThan(0);
            const { status, ms, retryAfter, isGarbled } = script[
              number % script.length
            ] as (typeof script)[number];
            service.pass(Math.min(ms, remainingMs));
            // What the transport makes of an answer that does not come in time.
            if (ms > remainingMs) throw new LookupError("DEADLINE_EXCEEDED");
            return {
              status,
              ...(retryAfter !== null && { headers: { "retry-after": String(retryAfter) } }),
              ...(isGarbled && { body: "{" }),
            };
          },
        });
        const { now } = service.world as { now: () => number };
        const invoke = createInvokeFunction(service.composition);
        const context = { awsRequestId: "r", getRemainingTimeInMillis: () => lambdaMs - now() } as never;
        const outcome = await invoke({ desktop_id: "desktop-1" }, context).then(
          () => "ok",
          (error: Error) => error.name,
        );
        expect(now()).toBeLessThanOrEqual(allowedMs);
        if (allowedMs === 0) expect(outcome).toBe("DEADLINE_EXCEEDED");
      }),
      { numRuns: RUNS },
    );
  });
});
