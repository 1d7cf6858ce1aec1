import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Candidate } from "../../src/contract/errors.ts";
import { createNames } from "../../src/lookup/resolve-name.ts";
import { aCall } from "../support/call.ts";

const alice = { desktop_id: "d1", desktop_name: "WIN-ALICE" };

function setUp(found: readonly Candidate[], ttlMs = 30_000) {
  let time = 0;
  const asked: string[] = [];
  const resolve = createNames({
    findDesktops: async (profile, name) => {
      asked.push(`${profile}/${name}`);
      return found;
    },
    ttlMs,
    now: () => time,
  });
  const pass = (ms: number) => {
    time += ms;
  };
  return { resolve, asked, pass };
}

describe("resolving a desktop's name", () => {
  it("answers with the one desktop that bears it", async () => {
    const { resolve } = setUp([alice]);
    expect(await resolve("win-alice", null, false, aCall())).toEqual(alice);
  });

  it("lists the candidates when several bear it", async () => {
    const candidates = [alice, { desktop_id: "d2", desktop_name: "win-alice" }];
    const { resolve } = setUp(candidates);
    await expect(resolve("win-alice", null, false, aCall())).rejects.toMatchObject({
      code: "AMBIGUOUS_NAME",
      candidates,
    });
  });

  it("says that the desktop is unknown when nobody bears it, and remembers that for ten seconds", async () => {
    const { resolve, asked, pass } = setUp([]);
    await expect(resolve("x", null, false, aCall())).rejects.toMatchObject({ code: "DESKTOP_NOT_FOUND" });
    pass(9999);
    await expect(resolve("x", null, false, aCall())).rejects.toMatchObject({ code: "DESKTOP_NOT_FOUND" });
    expect(asked).toHaveLength(1);
    pass(1);
    await expect(resolve("x", null, false, aCall())).rejects.toMatchObject({ code: "DESKTOP_NOT_FOUND" });
    expect(asked).toHaveLength(2);
  });

  it("keeps an answer for its time, whatever case the name is asked in", async () => {
    const { resolve, asked, pass } = setUp([alice], 5000);
    await resolve("WIN-ALICE", null, false, aCall());
    pass(4999);
    await resolve("win-alice", null, false, aCall());
    expect(asked).toEqual(["null/WIN-ALICE"]);
    pass(1);
    await resolve("win-alice", null, false, aCall());
    expect(asked).toHaveLength(2);
  });

  it("asks again for another profile, and past the cache when it shall be fresh", async () => {
    const { resolve, asked } = setUp([alice]);
    await resolve("a", null, false, aCall());
    await resolve("a", "lab", false, aCall());
    await resolve("a", null, true, aCall());
    expect(asked).toEqual(["null/a", "lab/a", "null/a"]);
  });

  it("asks once for all who ask at the same time", async () => {
    const { resolve, asked } = setUp([alice]);
    await Promise.all(Array.from({ length: 50 }, () => resolve("a", null, false, aCall())));
    expect(asked).toHaveLength(1);
  });

  it("remembers for ten seconds that a name is ambiguous, and shows a hundred candidates at the most", async () => {
    const many = Array.from({ length: 101 }, (_, n) => ({ desktop_id: `d${n}`, desktop_name: "WIN" }));
    const { resolve, asked, pass } = setUp(many);
    for (const ms of [0, 9999]) {
      pass(ms);
      await expect(resolve("win", null, false, aCall())).rejects.toMatchObject({
        code: "AMBIGUOUS_NAME",
        candidates: many.slice(0, 100),
        detail: "Ask again with a desktop ID; the first 100 of 101 are in `candidates`.",
      });
    }
    expect(asked).toHaveLength(1);
  });

  it("knows the desktop that the last question found, whatever the interleaving", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.boolean(), { minLength: 2, maxLength: 6 }),
        async (scheduler, fresh) => {
          let asked = 0;
          const resolve = createNames({
            findDesktops: async () => {
              asked += 1;
              const found = asked % 3 === 0 ? [] : [{ desktop_id: `d${asked}`, desktop_name: "WIN" }];
              await scheduler.schedule(Promise.resolve(), `the answer to ${asked}`);
              return found;
            },
            ttlMs: 30_000,
            now: () => 0,
          });
          const put = async (isFresh: boolean) => {
            await scheduler.schedule(Promise.resolve(), "a question");
            return await resolve("win", null, isFresh, aCall()).catch((error) => error.code);
          };
          await scheduler.waitFor(Promise.all(fresh.map(put)));
          const expected =
            asked % 3 === 0 ? "DESKTOP_NOT_FOUND" : { desktop_id: `d${asked}`, desktop_name: "WIN" };
          const before = asked;
          expect(await resolve("win", null, false, aCall()).catch((error) => error.code)).toEqual(expected);
          expect(asked).toBe(before);
        },
      ),
      { numRuns: 300 },
    );
  });
});
