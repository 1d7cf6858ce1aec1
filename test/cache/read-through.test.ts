import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKnown, type Known } from "../../src/cache/read-through.ts";
import { type ErrorCode, LookupError } from "../../src/contract/errors.ts";
import { aCall } from "../support/call.ts";

const TTL_MS = 30_000;

function setUp(ttlMs = TTL_MS) {
  let time = 0;
  const known = createKnown<number>({
    ttlMs,
    maxEntries: 10,
    maxWeight: 10,
    weightOf: (value) => value,
    now: () => time,
  });
  const pass = (ms: number) => {
    time += ms;
  };
  return { known, pass };
}

/** An answer that comes when the test says so. */
function pending<V>() {
  const { promise, resolve, reject } = Promise.withResolvers<V>();
  return { ask: () => promise, resolve, reject };
}

const failing = (code: ErrorCode) => async () => {
  throw new LookupError(code);
};

async function keptBy(known: Known<number>, fresh = false): Promise<number | ErrorCode> {
  try {
    return (await known.get("d1", fresh, aCall(), failing("INTERNAL"))).value;
  } catch (error) {
    return (error as LookupError).code;
  }
}

describe("a read-through cache", () => {
  it("keeps an answer for its time, and says how old it is", async () => {
    const { known, pass } = setUp();
    expect(await known.get("d1", false, aCall(), async () => 1)).toEqual({ value: 1, ageMs: 0 });
    pass(TTL_MS - 1);
    expect(await known.get("d1", false, aCall(), failing("INTERNAL"))).toEqual({
      value: 1,
      ageMs: TTL_MS - 1,
    });
    pass(1);
    expect(await keptBy(known)).toBe("INTERNAL");
  });

  it("tells in the trace whether an answer was kept, shared or asked for", async () => {
    const { known } = setUp();
    const { ask, resolve } = pending<number>();
    const calls = [aCall(), aCall(), aCall()] as const;
    const both = [known.get("d1", false, calls[0], ask), known.get("d1", false, calls[1], ask)];
    resolve(1);
    await Promise.all(both);
    await known.get("d1", false, calls[2], ask);
    expect(calls.map(({ trace }) => trace.cache)).toEqual(["miss", "shared", "hit"]);
  });

  it.each(["DESKTOP_NOT_FOUND", "AMBIGUOUS_NAME", "INVALID_REQUEST"] as const)(
    "keeps %s for ten seconds",
    async (code) => {
      const { known, pass } = setUp();
      await known.get("d1", false, aCall(), failing(code)).catch(() => {});
      pass(9999);
      expect(await keptBy(known)).toBe(code);
      pass(1);
      expect(await keptBy(known)).toBe("INTERNAL");
    },
  );

  it("keeps a failure no longer than an answer, and nothing where nothing is to be kept", async () => {
    const { known, pass } = setUp(2000);
    await known.get("d1", false, aCall(), failing("DESKTOP_NOT_FOUND")).catch(() => {});
    pass(2000);
    expect(await keptBy(known)).toBe("INTERNAL");
    const nothing = setUp(0).known;
    await nothing.get("d1", false, aCall(), async () => 1);
    expect(await keptBy(nothing)).toBe("INTERNAL");
  });

  it("forgets any other failure, and keeps the answer from before", async () => {
    const { known } = setUp();
    await known.get("d1", false, aCall(), async () => 1);
    await known.get("d1", true, aCall(), failing("UPSTREAM_UNAVAILABLE")).catch(() => {});
    expect(await keptBy(known)).toBe(1);
  });

  it("asks past what is kept for a fresh question, and past what is on its way; who comes later shares that", async () => {
    const { known } = setUp();
    const [slow, fresh] = [pending<number>(), pending<number>()];
    const first = known.get("d1", false, aCall(), slow.ask);
    const second = known.get("d1", true, aCall(), fresh.ask);
    const third = known.get("d1", false, aCall(), failing("INTERNAL"));
    slow.resolve(1);
    fresh.resolve(2);
    expect((await Promise.all([first, second, third])).map(({ value }) => value)).toEqual([1, 2, 2]);
  });

  it("lets no older answer take the place of one that is too heavy to be kept", async () => {
    const { known } = setUp();
    const slow = pending<number>();
    const first = known.get("d1", false, aCall(), slow.ask);
    await known.get("d1", true, aCall(), async () => 11);
    slow.resolve(1);
    await first;
    expect(await keptBy(known)).toBe("INTERNAL");
  });

  it("never knows less than what was asked last of all that has been answered, whatever the interleaving", async () => {
    const question = fc.record({
      fresh: fc.boolean(),
      outcome: fc.constantFrom("answer", "answer", "unknown", "down"),
      passes: fc.constantFrom(0, 0, 4000, 9000),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(question, { minLength: 2, maxLength: 8 }),
        async (scheduler, questions) => {
          let time = 0;
          const known = createKnown<number>({
            ttlMs: 15_000,
            maxEntries: 10,
            maxWeight: 10,
            weightOf: () => 1,
            now: () => time,
          });
          let asked = 0;
          let latest = 0;
          const put = async ({ fresh, outcome, passes }: (typeof questions)[number]) => {
            await scheduler.schedule(Promise.resolve(), "a question");
            time += passes;
            const call = aCall();
            const answered = await known
              .get("d1", fresh, call, async () => {
                asked += 1;
                const number = asked;
                await scheduler.schedule(Promise.resolve(), `the answer to ${number}`);
                if (outcome === "down") throw new LookupError("UPSTREAM_UNAVAILABLE");
                latest = Math.max(latest, number);
                if (outcome === "unknown")
                  throw new LookupError("DESKTOP_NOT_FOUND", { detail: String(number) });
                return number;
              })
              .then(
                ({ value }) => value,
                (error: LookupError) => Number(error.detail),
              );
            if (call.trace.cache === "hit") expect(answered).toBe(latest);
          };
          await scheduler.waitFor(Promise.all(questions.map(put)));
          const call = aCall();
          const kept = await known.get("d1", false, call, failing("INTERNAL")).then(
            ({ value }) => value,
            (error: LookupError) => Number(error.detail),
          );
          if (call.trace.cache === "hit") expect(kept).toBe(latest);
        },
      ),
      { numRuns: 300 },
    );
  });
});
