import { describe, expect, test } from "vitest";
import { alarms } from "../../deploy/observe/alarms.ts";
import { filters, PLATFORM_WAITS_MS } from "../../deploy/observe/filters.ts";
import type { Settings } from "../../deploy/observe/settings.ts";
import { PLATFORMS } from "../../src/chat/platforms.ts";
import { parsePattern } from "../support/cloudwatch/filter-pattern.ts";

const SETTINGS: Settings = {
  service: "workspace-unbindings",
  stage: "prod",
  requestBudgetMs: 8000,
  alarmP99Ms: null,
  alarmKeyHours: 24,
  hasConsole: false,
  hasChat: true,
  hasSweep: false,
  watchMinutes: null,
  actions: [],
};

const thresholdOf = (alarm: string, changes: Partial<Settings> = {}) =>
  alarms({ ...SETTINGS, ...changes })[alarm]?.Properties["Threshold"];

describe("the alarm for slow calls", () => {
  test.each([
    ["all the time that a call may take", {}, 7600],
    ["what the operator wants", { alarmP99Ms: 4000 }, 4000],
    ["no more than a call can take, or it could never go off", { alarmP99Ms: 9000 }, 7600],
    ["a shorter time when calls have less", { requestBudgetMs: 2000, alarmP99Ms: 4000 }, 1900],
  ])("is set to %s", (_, changes, expected) => {
    for (const alarm of ["HttpSlowAlarm", "InvokeSlowAlarm"])
      expect(thresholdOf(alarm, changes)).toBe(expected);
  });

  test("of the worker is set to finding and sending, and below its time-out of 20 s", () => {
    expect(thresholdOf("ChatDashworkerSlowAlarm")).toBe(10_450);
    expect(thresholdOf("ChatDashworkerSlowAlarm", { requestBudgetMs: 28_000 })).toBeLessThan(20_000);
  });
});

test("the alarm for temporary keys follows the parameter", () => {
  expect(thresholdOf("KeyExpiresAlarm")).toBe(86_400);
  expect(thresholdOf("KeyExpiresAlarm", { alarmKeyHours: 2 })).toBe(7200);
});

describe("an answer in chat is late", () => {
  const pattern = filters(SETTINGS)["LateInChat"]?.Properties["FilterPattern"] as string;
  const isLate = (platform: string, ms: number, message = "request") =>
    parsePattern(pattern)({ message, route: `/chat/${platform}`, duration_ms: ms });
  /** What takes its time beyond the lookup, by design: see chat-function.ts. */
  const DELIVERY_MS = 900;
  const waiting = PLATFORMS.filter(({ lookupMs }) => Number.isFinite(lookupMs));

  test("on every platform that waits for a limited time", () => {
    expect(waiting.map(({ name }) => name).sort()).toEqual(Object.keys(PLATFORM_WAITS_MS).sort());
    for (const { name } of waiting) expect(isLate(name, PLATFORM_WAITS_MS[name] as number), name).toBe(true);
  });

  test("never while it takes no longer than it may by design", () => {
    for (const { name, lookupMs } of waiting) expect(isLate(name, lookupMs + DELIVERY_MS), name).toBe(false);
    expect(isLate("webhook", 8000)).toBe(false);
    expect(isLate("slack", 3000, "audit")).toBe(false);
  });
});
