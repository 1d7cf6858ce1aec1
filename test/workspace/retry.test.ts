import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LookupError } from "../../src/contract/errors.ts";
import type { Again, Failure } from "../../src/workspace/answer.ts";
import {
  createRetryBudget,
  decide,
  FRESH_TALLY,
  MAX_ATTEMPTS,
  type Means,
  type Move,
} from "../../src/workspace/retry.ts";
import { RUNS } from "../support/runs.ts";

function aFailure(again: Again, overrides: Partial<Failure> = {}): Failure {
  return {
    ok: false,
    error: new LookupError("UPSTREAM_UNAVAILABLE"),
    again,
    waitSeconds: null,
    serverTime: null,
    text: "",
    encodedAuthorizationMessage: null,
    ...overrides,
  };
}

const throttled = (waitSeconds: number | null = null) =>
  aFailure("transient", { error: new LookupError("UPSTREAM_THROTTLED"), waitSeconds });

const MEANS: Means = { remainingMs: 8000, random: () => 0.5, spendRetry: () => true };

const waitOf = (move: Move) => (move.kind === "retry" ? move.afterMs : "give-up");

/** What is decided of these failures, one after the other in one call. */
function play(failures: readonly Failure[], means: Means = MEANS): (number | "give-up")[] {
  let tally = FRESH_TALLY;
  const waits: (number | "give-up")[] = [];
  for (const failure of failures) {
    const move = decide(failure, tally, means);
    waits.push(waitOf(move));
    if (move.kind === "give-up") break;
    tally = move.tally;
  }
  return waits;
}

const repeat = (failure: Failure) => Array.from({ length: 9 }, () => failure);

describe("deciding what follows a failed attempt", () => {
  it("tries three times in all what is likely to pass, and waits longer each time", () => {
    expect(play(repeat(aFailure("transient")))).toEqual([50, 100, "give-up"]);
  });

  it("begins at a second where the upstream limits us, and waits no longer than two", () => {
    expect(play(repeat(throttled()))).toEqual([500, 1000, "give-up"]);
    expect(
      waitOf(decide(throttled(), { ...FRESH_TALLY, counted: 1 }, { ...MEANS, random: () => 0.999 })),
    ).toBeCloseTo(1998);
  });

  it.each<Again>(["never", "credentials"])("gives up at once when asking again is no remedy: %s", (again) => {
    expect(play([aFailure(again)])).toEqual(["give-up"]);
  });

  it("tries an unreadable answer once more, and not a second time", () => {
    expect(play(repeat(aFailure("once")))).toEqual([50, "give-up"]);
    expect(play([aFailure("once"), aFailure("transient"), aFailure("transient")])).toEqual([
      50,
      100,
      "give-up",
    ]);
    expect(play([aFailure("once"), aFailure("transient"), aFailure("once")])).toEqual([50, 100, "give-up"]);
    expect(play([aFailure("transient"), aFailure("once"), aFailure("once")])).toEqual([50, 100, "give-up"]);
    const second = { ...FRESH_TALLY, sawUnreadable: true };
    expect(waitOf(decide(aFailure("once"), second, MEANS))).toBe("give-up");
    expect(waitOf(decide(aFailure("transient"), second, MEANS))).toBe(50);
  });

  it("makes up for a stale socket at once and beside the count, but only the first time", () => {
    expect(play(repeat(aFailure("free")))).toEqual([0, 50, 100, "give-up"]);
    expect(play([aFailure("free"), ...repeat(aFailure("transient"))])).toEqual([0, 50, 100, "give-up"]);
  });

  it("makes up for a stale socket without drawing on the budget, for a reset only by drawing on it", () => {
    const spent = { ...MEANS, spendRetry: () => false };
    expect(play([aFailure("free"), aFailure("free")], spent)).toEqual([0, "give-up"]);
    expect(play([aFailure("uncounted")], spent)).toEqual(["give-up"]);
    expect(play(repeat(aFailure("uncounted")))).toEqual([0, 50, 100, "give-up"]);
  });

  it("waits as long as the upstream says, when the call has the time", () => {
    expect(play([throttled(7)])).toEqual([7000]);
    expect(play([aFailure("transient", { waitSeconds: 7 })])).toEqual([7000]);
    expect(play([throttled(8)])).toEqual(["give-up"]);
    expect(play([throttled(3600)])).toEqual(["give-up"]);
  });

  it("does not wait until there is no time left to ask in", () => {
    const means = { ...MEANS, remainingMs: 50 };
    expect(play([aFailure("transient")], means)).toEqual(["give-up"]);
    expect(play([aFailure("transient")], { ...means, remainingMs: 51 })).toEqual([50]);
  });

  it("draws on the budget only for a retry that it makes", () => {
    let drawn = 0;
    const means: Means = {
      ...MEANS,
      spendRetry: () => {
        drawn += 1;
        return true;
      },
    };
    play(repeat(aFailure("transient")), means);
    play([throttled(3600)], means);
    play([aFailure("never")], means);
    play([aFailure("free")], means);
    expect(drawn).toBe(2);
  });

  it("never waits longer than asked or than two seconds, nor past the call's time", () => {
    const failure = fc.record({
      again: fc.constantFrom<Again>("never", "transient", "once", "free", "uncounted", "credentials"),
      waitSeconds: fc.option(fc.integer({ min: 1, max: 3600 })),
      code: fc.constantFrom("UPSTREAM_THROTTLED" as const, "UPSTREAM_UNAVAILABLE" as const),
    });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(failure),
        random,
        fc.integer({ min: -100, max: 10_000 }),
        fc.boolean(),
        (plays, random, remainingMs, hasBudget) => {
          const failures = plays.map(({ again, waitSeconds, code }) =>
            aFailure(again, { waitSeconds, error: new LookupError(code) }),
          );
          const waits = play(failures, { remainingMs, random: () => random, spendRetry: () => hasBudget });
          const retries = waits.filter((wait) => wait !== "give-up");
          expect(retries.length).toBeLessThanOrEqual(MAX_ATTEMPTS);
          retries.forEach((wait, index) => {
            expect(wait).toBeGreaterThanOrEqual(0);
            if (wait === 0) return;
            expect(wait).toBeLessThan(remainingMs);
            const asked = plays[index]?.waitSeconds;
            if (asked) expect(wait).toBe(asked * 1000);
            else expect(wait).toBeLessThan(2000);
          });
        },
      ),
      { numRuns: RUNS },
    );
  });
});

describe("the retry budget", () => {
  it("allows ten retries at first, and then one for every ten calls", () => {
    const budget = createRetryBudget();
    const takeAll = () => {
      let taken = 0;
      while (budget.spend()) taken += 1;
      return taken;
    };
    expect(takeAll()).toBe(10);
    for (let call = 0; call < 9; call++) budget.credit();
    expect(takeAll()).toBe(0);
    budget.credit();
    budget.credit();
    expect(takeAll()).toBe(1);
  });

  it("saves up no more than ten", () => {
    const budget = createRetryBudget();
    for (let call = 0; call < 1000; call++) budget.credit();
    for (let retry = 0; retry < 10; retry++) expect(budget.spend()).toBe(true);
    expect(budget.spend()).toBe(false);
  });
});
