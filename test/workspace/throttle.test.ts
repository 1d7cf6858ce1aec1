import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readWait } from "../../src/workspace/throttle.ts";
import { RUNS } from "../support/runs.ts";

const NOW = Date.parse("2026-11-24T08:15:30.000Z");

describe("reading how long the upstream wants to be left alone", () => {
  it.each<[string, number | null]>([
    ["1", 1],
    [" 30 ", 30],
    ["3600", 3600],
    ["3601", 3600],
    ["9999999999", 3600],
    ["0", null],
    ["00000000000", null],
    ["-5", null],
    ["1.5", null],
    ["1e3", null],
    ["30s", null],
    ["x30", null],
    ["NaN", null],
    ["Infinity", null],
    ["soon", null],
    ["", null],
    ["Tue, 24 Nov 2026 08:15:40 GMT", 10],
    ["tue, 24 Nov 2026 08:15:31 GMT", 1],
    ["Tuesday, 24-Nov-26 08:15:40 GMT", 10],
    ["Tue, 24 Nov 2026 08:15:30 GMT", null],
    ["Tue, 24 Nov 2026 08:00:00 GMT", null],
    ["Wed, 25 Nov 2026 08:15:30 GMT", 3600],
    ["Tue, garbage", null],
    ["2026-11-24T08:15:40Z", null],
    ["not Tue, 24 Nov 2026 08:15:40 GMT", null],
  ])("Retry-After %j: %j", (header, seconds) => {
    expect(readWait(header, "", NOW)).toBe(seconds);
  });

  it("rounds a part of a second up", () => {
    expect(readWait("Tue, 24 Nov 2026 08:15:40 GMT", "", NOW + 999)).toBe(10);
    expect(readWait("Tue, 24 Nov 2026 08:15:40 GMT", "", NOW + 1000)).toBe(9);
  });

  it.each<[string, number | null]>([
    ["The throttling threshold has been reached: policy user over ratelimit,limit:200,time:5 minute", 300],
    ["limit:10,time:1 second", 1],
    ["Limit: 10 , Time: 1 Hour", 3600],
    ["limit:10,time:30minutes", 1800],
    ["limit:10,time:2 hour", 3600],
    ["limit:10,time:1 day", 3600],
    ["limit:10,time:0 minute", null],
    ["limit:10,time:1234567 second", null],
    ["limit:10", null],
    ["limit:x,time:5 minute", null],
    ["time:5 minute", null],
    ["limit:10,time:5 fortnight", null],
    ["", null],
  ])("the text %j: %j", (text, seconds) => {
    expect(readWait(undefined, text, NOW)).toBe(seconds);
  });

  it("believes the header before the text, and the text where the header tells nothing", () => {
    expect(readWait("7", "limit:200,time:5 minute", NOW)).toBe(7);
    expect(readWait("soon", "limit:200,time:5 minute", NOW)).toBe(300);
  });

  it("is a whole number of seconds from 1 to 3600 or none, whatever is sent", () => {
    const header = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.double().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    const text = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.integer(), fc.nat(), fc.constantFrom("second", "minute", "hour", "day"))
        .map(([limit, time, unit]) => `limit:${limit},time:${time} ${unit}`),
    );
    fc.assert(
      fc.property(header, text, fc.integer({ min: 0, max: 4e12 }), (header, text, now) => {
        const wait = readWait(header, text, now);
        if (wait === null) return;
        expect(Number.isInteger(wait)).toBe(true);
        expect(wait).toBeGreaterThanOrEqual(1);
        expect(wait).toBeLessThanOrEqual(3600);
      }),
      { numRuns: RUNS },
    );
  });
});
