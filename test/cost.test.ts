import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  alarmMetrics,
  costTable,
  customMetrics,
  monthlyCost,
  PRICES,
  REQUEST,
  SIZES,
} from "../tools/cost/cost.ts";
import { anApi, UNBINDINGS } from "./support/api.ts";

const PAGE = readFileSync("docs/cost.md", "utf8");

describe("what a month costs", () => {
  it("is what it was reckoned by hand for a small one", () => {
    const items = Object.fromEntries(
      monthlyCost(SIZES[0] as (typeof SIZES)[number]).map((i) => [i.what, i.dollars]),
    );
    // 2,000 requests of 300 ms at half a GB.
    expect(items["Lambda"]).toBeCloseTo(0.0004 + 300 * 0.0000133334, 6);
    expect(items["API Gateway"]).toBeCloseTo(0.002, 6);
    expect(items["dashboard"]).toBe(3);
    expect(items["X-Ray, every request traced"]).toBeCloseTo(0.01, 6);
    expect(items["one secret"]).toBeCloseTo(0.4 + 864 * 0.000005, 6);
  });

  it("grows with use, and has chat's table and second secret only where there is chat", () => {
    const totals = SIZES.map((size) => monthlyCost(size).reduce((sum, { dollars }) => sum + dollars, 0));
    expect([...totals].sort((a, b) => a - b)).toEqual(totals);
    const names = SIZES.map((size) => monthlyCost(size).map(({ what }) => what));
    expect(names[0]).not.toContain("DynamoDB");
    expect(names[1]).toEqual(expect.arrayContaining(["DynamoDB", "two secrets"]));
  });

  it("counts the metrics and alarms that are deployed", () => {
    const settings = {
      service: "s",
      stage: "prod",
      requestBudgetMs: 8000,
      alarmP99Ms: null,
      alarmKeyHours: 24,
      hasConsole: false,
      hasSweep: false,
      watchMinutes: null,
      actions: [],
    };
    expect(customMetrics({ ...settings, hasChat: false })).toBe(15);
    expect(customMetrics({ ...settings, hasChat: true })).toBe(20);
    // Each alarm on a share looks at two metrics.
    expect(alarmMetrics({ ...settings, hasChat: false })).toEqual({ alarms: 13, metrics: 15 });
    expect(alarmMetrics({ ...settings, hasChat: true })).toEqual({ alarms: 23, metrics: 27 });
  });

  it("reckons with no less log than a request writes", async () => {
    const api = anApi({ env: { STAGE: "prod", _X_AMZN_TRACE_ID: `Root=1-67891233-${"a".repeat(24)}` } });
    await api.ask(UNBINDINGS);
    const own = api.lines.reduce((sum, line) => sum + JSON.stringify(line).length, 0);
    // Lambda's start and report lines and the access log are some 1,300 bytes.
    expect(own + 1300).toBeLessThan(REQUEST.logBytes);
  });
});

describe("the page on cost", () => {
  it("has the table that the function gives, and the date of the prices", () => {
    expect(PAGE).toContain(costTable());
    expect(PAGE).toContain(PRICES.asOf);
  });

  it("says how many custom metrics there are and what they cost", () => {
    expect(PAGE).toMatch(/15 custom metrics.*\$4\.50/s);
    expect(PAGE).toMatch(/20.*\$6\.00/s);
  });
});
