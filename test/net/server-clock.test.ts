import { describe, expect, it } from "vitest";
import { createSigningClock } from "../../src/net/server-clock.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function setUp() {
  let wall = Date.parse("2026-11-24T08:00:00Z");
  const clock = createSigningClock(() => wall);
  const first = clock.read();
  const serverTime = (skewMs: number) => wall + skewMs;
  const jump = (ms: number) => {
    wall += ms;
  };
  return { clock, first, serverTime, jump, wallNow: () => wall };
}

describe("the clock that requests are signed by", () => {
  it("is our own at first", () => {
    const { clock, wallNow } = setUp();
    expect(clock.read().at).toBe(wallNow());
    expect(clock.offsetMs()).toBe(0);
  });

  it.each([20 * MINUTE, -20 * MINUTE, 5 * MINUTE, -5 * MINUTE, 24 * HOUR, -24 * HOUR])(
    "is put right by %d ms when a refusal shows it",
    (skew) => {
      const { clock, first, serverTime, jump, wallNow } = setUp();
      expect(first.correct(serverTime(skew))).toBe(true);
      expect(clock.offsetMs()).toBe(skew);
      jump(1000);
      expect(clock.read().at).toBe(wallNow() + skew);
    },
  );

  it.each([0, 5 * MINUTE - 1, -5 * MINUTE + 1, 24 * HOUR + 1, -24 * HOUR - 1])(
    "is not blamed for a refusal when it is %d ms off",
    (skew) => {
      const { clock, first, serverTime } = setUp();
      expect(first.correct(serverTime(skew))).toBe(false);
      expect(clock.offsetMs()).toBe(0);
    },
  );

  it("learns nothing from a time that could not be read", () => {
    const { clock, first } = setUp();
    expect(first.correct(Number.NaN)).toBe(false);
    expect(clock.offsetMs()).toBe(0);
  });

  it("explains every refusal of those that were under way by the wrong time", () => {
    const { clock, first, serverTime } = setUp();
    expect(first.correct(serverTime(20 * MINUTE))).toBe(true);
    expect(first.correct(serverTime(20 * MINUTE))).toBe(true);
    expect(clock.offsetMs()).toBe(20 * MINUTE);
  });

  it("explains no refusal of what was signed by the right time", () => {
    const { clock, first, serverTime } = setUp();
    first.correct(serverTime(20 * MINUTE));
    expect(clock.read().correct(serverTime(20 * MINUTE))).toBe(false);
  });

  it("is put back when our own has been set right meanwhile", () => {
    const { clock, first, serverTime, jump, wallNow } = setUp();
    first.correct(serverTime(20 * MINUTE));
    jump(20 * MINUTE);
    expect(clock.read().correct(serverTime(0))).toBe(true);
    expect(clock.read().at).toBe(wallNow());
  });
});
