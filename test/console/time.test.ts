import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rulerFor } from "../../console/src/ruler.ts";
import { createTimes, fromField, toField } from "../../console/src/time.ts";

const at = (text: string) => Date.parse(text);
const before = process.env["TZ"];

describe("how long ago", () => {
  const english = createTimes("en", "utc");
  const chinese = createTimes("zh", "utc");

  it.each([
    ["2026-03-01T12:00:00Z", "2026-03-01T12:00:30Z", "now"],
    ["2026-03-01T12:00:00Z", "2026-03-01T12:03:00Z", "3 minutes ago"],
    ["2026-03-01T23:30:00Z", "2026-03-02T00:45:00Z", "1 hour ago"],
    ["2026-03-01T08:00:00Z", "2026-03-01T23:00:00Z", "15 hours ago"],
    ["2026-03-01T08:00:00Z", "2026-03-02T07:00:00Z", "yesterday"],
    ["2026-03-01T00:05:00Z", "2026-03-02T23:55:00Z", "yesterday"],
    ["2026-02-28T23:55:00Z", "2026-03-02T00:05:00Z", "2 days ago"],
    ["2026-02-01T12:00:00Z", "2026-03-01T12:00:00Z", "28 days ago"],
    ["2026-01-01T12:00:00Z", "2026-02-28T12:00:00Z", "last month"],
    ["2026-01-05T12:00:00Z", "2026-03-04T12:00:00Z", "2 months ago"],
    ["2025-12-20T12:00:00Z", "2026-02-10T12:00:00Z", "2 months ago"],
    ["2025-03-01T12:00:00Z", "2026-02-10T12:00:00Z", "11 months ago"],
    ["2025-01-31T12:00:00Z", "2026-12-01T12:00:00Z", "last year"],
    ["2024-12-31T12:00:00Z", "2026-01-01T12:00:00Z", "2 years ago"],
    ["2016-08-20T21:11:00Z", "2026-01-01T12:00:00Z", "10 years ago"],
  ])("%s, at %s, was %s", (then, now, words) => {
    expect(english.relative(at(then), at(now))).toBe(words);
  });

  it("is said in Chinese as well", () => {
    expect(chinese.relative(at("2026-03-01T08:00:00Z"), at("2026-03-02T07:00:00Z"))).toBe("昨天");
  });

  it("is not said of a moment in the future, which only a wrong clock can make", () => {
    expect(english.relative(at("2026-03-01T12:00:30Z"), at("2026-03-01T12:00:00Z"))).toBe("now");
    expect(english.relative(at("2026-03-02T12:00:00Z"), at("2026-03-01T12:00:00Z"))).toBe("");
  });
});

describe("the device's zone", () => {
  beforeEach(() => {
    process.env["TZ"] = "Asia/Shanghai";
  });
  afterEach(() => {
    if (before === undefined) delete process.env["TZ"];
    else process.env["TZ"] = before;
  });

  it("is named with every time, and decides what yesterday is", () => {
    const times = createTimes("en", "local");
    expect(times.zoneName).toBe("Asia/Shanghai");
    expect(times.absolute(at("2026-02-10T08:15:30Z"))).toBe("10 Feb 2026, 16:15:30 GMT+8");
    // Seven in the morning and nine in the evening of the same day there.
    expect(times.relative(at("2026-03-01T23:00:00Z"), at("2026-03-02T13:00:00Z"))).toBe("14 hours ago");
    expect(createTimes("en", "utc").relative(at("2026-03-01T23:00:00Z"), at("2026-03-02T13:00:00Z"))).toBe(
      "yesterday",
    );
  });

  it("is what fields for dates speak, there and back", () => {
    expect(toField(at("2026-02-10T08:15:30Z"), "local")).toBe("2026-02-10T16:15");
    expect(fromField("2026-02-10T16:15", "local")).toBe(at("2026-02-10T08:15:00Z"));
    expect(fromField("2026-02-10T16:15", "utc")).toBe(at("2026-02-10T16:15:00Z"));
    expect(fromField("", "utc")).toBeNull();
  });
});

describe("the ruler", () => {
  it.each([
    [
      "two hours",
      "2026-03-01T10:10:00Z",
      "2026-03-01T11:20:00Z",
      "minute",
      ["10:15", "10:30", "10:45", "11:00", "11:15"],
    ],
    ["days", "2026-03-01T10:00:00Z", "2026-03-05T10:00:00Z", "day", ["03-02", "03-03", "03-04", "03-05"]],
    ["a year", "2025-11-01T10:00:00Z", "2026-11-24T10:00:00Z", "month", ["01-01", "04-01", "07-01", "10-01"]],
    [
      "a decade",
      "2016-08-20T10:00:00Z",
      "2026-11-24T10:00:00Z",
      "year",
      ["2018", "2020", "2022", "2024", "2026"],
    ],
  ])("has its ticks over %s where the calendar has its own", (_, from, to, unit, ticks) => {
    const ruler = rulerFor(at(from), at(to), "utc");
    expect(ruler.unit).toBe(unit);
    const texts = ruler.ticks.map((tick) => new Date(tick.at).toISOString());
    for (const [index, tick] of ticks.entries()) expect(texts[index]).toContain(tick);
    expect(texts).toHaveLength(ticks.length);
    for (const { position } of ruler.ticks) expect(position).toBeGreaterThanOrEqual(0);
  });

  it("ends, over all the years that can be written", () => {
    const { ticks } = rulerFor(at("0001-01-01T00:00:00Z"), at("9999-01-01T00:00:00Z"), "utc");
    expect(ticks.length).toBeGreaterThan(10);
    expect(ticks.length).toBeLessThanOrEqual(100);
  });
});
