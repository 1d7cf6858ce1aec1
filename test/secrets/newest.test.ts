import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LookupError } from "../../src/contract/errors.ts";
import { createSigningClock } from "../../src/net/server-clock.ts";
import { createCachedSecret } from "../../src/secrets/cached-secret.ts";
import { createKeyLocks } from "../../src/secrets/key-locks.ts";
import { StoreOutage } from "../../src/secrets/outage.ts";
import { createPauses } from "../../src/workspace/pauses.ts";

const MINUTE_MS = 60_000;
const deadline = { remaining: () => 8000 };

/** What the store says to one fetch; `down` is no answer. */
const said = fc.array(fc.constantFrom("value", "no", "down"), { minLength: 1, maxLength: 8 });

describe("whatever comes when", () => {
  it("the secret that is kept was asked for last", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), said, fc.array(fc.boolean()), async (scheduler, answers, fresh) => {
        let fetches = 0;
        const ended = new Set<number>();
        const secret = createCachedSecret({
          fetchSecret: async () => {
            const number = fetches++;
            const answer = answers[number % answers.length];
            await scheduler.schedule(Promise.resolve(), `fetch ${number}`);
            if (answer !== "down") ended.add(number);
            if (answer === "value") return String(number);
            throw new LookupError("SECRET_UNAVAILABLE", {
              cause: answer === "down" ? new StoreOutage("down") : new Error("denied"),
            });
          },
          secretId: "workspace",
          parse: Number,
          // Nothing is young enough: every question goes to the store.
          ttlMs: 0,
          warn: () => {},
          now: () => 0,
        });
        let newestSeen = -1;
        const asks = answers.map(async (_, index) => {
          await scheduler.schedule(Promise.resolve(), `ask ${index}`);
          const ask = fresh[index] ? secret.load : secret.latest;
          await ask(deadline).catch(() => undefined);
          const held = secret.held();
          // What is held never goes back, and is not older than the newest no of the store.
          if (held) {
            expect(held.value).toBeGreaterThanOrEqual(newestSeen);
            newestSeen = held.value;
          }
        });
        await scheduler.waitFor(Promise.all(asks));
        const values = [...ended].filter((number) => answers[number % answers.length] === "value");
        const held = secret.held()?.value ?? null;
        if (held !== null) expect(values).toContain(held);
        if (values.length > 0 && Math.max(...values) === Math.max(...ended)) {
          expect(held).toBe(Math.max(...values));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("the clock is set by the refusal of what was signed last", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.integer({ min: 10, max: 600 }), { minLength: 1, maxLength: 8 }),
        async (scheduler, minutes) => {
          const clock = createSigningClock(() => 0);
          // All are signed before any is refused.
          const signed = minutes.map((skew) => ({ skew, reading: clock.read() }));
          const refusals = signed.map(async ({ skew, reading }, index) => {
            await scheduler.schedule(Promise.resolve(), `refusal ${index}`);
            expect(reading.correct(skew * MINUTE_MS)).toBe(true);
          });
          await scheduler.waitFor(Promise.all(refusals));
          expect(clock.offsetMs()).toBe((minutes.at(-1) as number) * MINUTE_MS);
        },
      ),
    );
  });

  it("the longest pause that a key was told stands", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(fc.nat(), { minLength: 1 }), async (scheduler, waits) => {
        const pauses = createPauses(() => 0);
        const told = waits.map(async (ms) => {
          await scheduler.schedule(Promise.resolve(), `pause ${ms}`);
          pauses.pause("KEY1", ms);
        });
        await scheduler.waitFor(Promise.all(told));
        expect(pauses.remaining("KEY1")).toBe(Math.max(...waits));
      }),
    );
  });

  it("a key turns good by what went out after its last refusal alone, and never more than three go out in doubt", async () => {
    const outcome = fc.constantFrom("accepted" as const, "refused" as const, "unclear" as const);
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(outcome, { minLength: 1, maxLength: 12 }),
        async (scheduler, outcomes) => {
          const locks = createKeyLocks(() => 0);
          const key = { accessKey: "KEY1", credential: "a" };
          let clock = 0;
          let out = 0;
          let refusedAt = -1;
          /** The newest acceptance of what was sent after the last refusal. */
          let isProven = false;
          const calls = outcomes.map(async (end, index) => {
            await scheduler.schedule(Promise.resolve(), `call ${index}`);
            for (;;) {
              if (locks.isLocked(key)) return;
              if (out === 0) isProven = false;
              const claim = locks.claim(key);
              if (claim instanceof Promise) {
                expect(isProven).toBe(false);
                await claim;
                continue;
              }
              out += 1;
              if (!isProven) expect(out).toBeLessThanOrEqual(3);
              const sentAt = clock++;
              await scheduler.schedule(Promise.resolve(), `answer ${index}`);
              out -= 1;
              claim.end(end);
              if (end === "refused") {
                claim.strike();
                refusedAt = clock++;
                isProven = false;
              }
              if (end === "accepted" && sentAt > refusedAt) isProven = true;
              return;
            }
          });
          await scheduler.waitFor(Promise.all(calls));
          expect(out).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
