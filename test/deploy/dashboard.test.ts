import { describe, expect, test } from "vitest";
import { observability } from "../../deploy/observe/plugin.ts";
import type { Settings } from "../../deploy/observe/settings.ts";
import { FUNCTION_METRICS, STAGE_METRICS } from "../../src/observe/metrics.ts";

type Metric = (string | Record<string, unknown>)[];

interface Widget {
  type: string;
  x: number;
  y: number;
  width: number;
  height: number;
  properties: { title: string; metrics?: Metric[]; alarms?: string[]; query?: string };
}

const SETTINGS: Settings = {
  service: "workspace-unbindings",
  stage: "prod",
  requestBudgetMs: 8000,
  alarmP99Ms: null,
  alarmKeyHours: 24,
  hasConsole: true,
  hasChat: true,
  hasSweep: true,
  watchMinutes: 5,
  actions: [{ Ref: "AlarmTopic" }],
};
const PLAIN: Settings = {
  ...SETTINGS,
  hasChat: false,
  hasConsole: false,
  hasSweep: false,
  watchMinutes: null,
};
const FUNCTIONS = ["http", "invoke", "chat", "chat-worker", "watch"];

/** The widgets as CloudFormation would fill them in: a reference goes by its name. */
function widgets(settings: Settings): Widget[] {
  const body = observability(settings)["Dashboard"]?.Properties["DashboardBody"] as { "Fn::Sub": string };
  return JSON.parse(body["Fn::Sub"].replace(/\$\{([\w:.]+)\}/g, "$1")).widgets;
}

const metricsIn = (settings: Settings) =>
  widgets(settings).flatMap(({ properties }) => properties.metrics ?? []);
/** Name and function of each metric of ours. */
const oursIn = (settings: Settings) =>
  metricsIn(settings)
    .filter(([namespace]) => namespace === "WorkspaceUnbindings")
    .map(([, name, , stage, , of]) => ({ name, stage, of: typeof of === "string" ? of : null }));

describe("the dashboard", () => {
  test("shows every metric that a request's line has, of this stage alone, and no other", () => {
    const shown = oursIn(SETTINGS);
    expect(new Set(shown.map(({ stage }) => stage))).toEqual(new Set(["prod"]));
    const ofStage = shown.filter(({ of }) => of === null).map(({ name }) => name);
    expect([...new Set(ofStage)].sort()).toEqual([...STAGE_METRICS].sort());
    for (const name of FUNCTION_METRICS) {
      const of = shown.filter((each) => each.name === name).map((each) => each.of);
      expect([...new Set(of)].sort(), name).toEqual([...FUNCTIONS].sort());
    }
  });

  test("shows every function of Lambda's, those that are not deployed excepted", () => {
    const lambdas = (settings: Settings) =>
      new Set(
        metricsIn(settings)
          .filter(([namespace]) => namespace === "AWS/Lambda")
          .map(([, , , id]) => id),
      );
    const always = ["Http", "Invoke", "Docs", "Doctor"].map((id) => `${id}LambdaFunction`);
    expect(lambdas(PLAIN)).toEqual(new Set(always));
    expect(lambdas(SETTINGS)).toEqual(
      new Set([
        ...always,
        "ConsoleLambdaFunction",
        "ChatLambdaFunction",
        "ChatDashworkerLambdaFunction",
        "WatchLambdaFunction",
      ]),
    );
  });

  test("shows both objectives, each as a number over the time that is looked at and as a line", () => {
    const titles = widgets(SETTINGS).map(({ properties }) => properties.title);
    expect(titles).toEqual(
      expect.arrayContaining([
        "Requests without a 5xx of ours (objective: 99.5 %)",
        "API, p95 (objective: under 2000 ms)",
      ]),
    );
    const numbers = widgets(SETTINGS).filter(({ properties }) => "setPeriodToTimeRange" in properties);
    expect(numbers).toHaveLength(2);
  });

  test("shows the state of every alarm", () => {
    for (const settings of [SETTINGS, PLAIN]) {
      const alarms = Object.entries(observability(settings))
        .filter(([, { Type }]) => Type === "AWS::CloudWatch::Alarm")
        .map(([id]) => `${id}.Arn`);
      const [shown] = widgets(settings).flatMap(({ properties }) =>
        properties.alarms ? [properties.alarms] : [],
      );
      expect(shown?.sort()).toEqual(alarms.sort());
    }
  });

  test("has only expressions whose metrics are on the same widget", () => {
    for (const { properties } of widgets(SETTINGS)) {
      const facts = (properties.metrics ?? []).map((metric) => metric.at(-1) as Record<string, unknown>);
      const ids = facts.map(({ id }) => id);
      for (const { expression } of facts) {
        for (const [id] of String(expression ?? "").matchAll(/\b[a-z]\w*\b/g)) expect(ids).toContain(id);
      }
    }
  });

  test("lies within its 24 columns, without overlaps, under titles", () => {
    const taken = new Set<string>();
    for (const { x, y, width, height, properties } of widgets(SETTINGS)) {
      expect(properties.title.length).toBeGreaterThan(5);
      expect(x + width).toBeLessThanOrEqual(24);
      for (let column = x; column < x + width; column++) {
        for (let line = y; line < y + height; line++) {
          expect(taken.has(`${column} ${line}`), properties.title).toBe(false);
          taken.add(`${column} ${line}`);
        }
      }
    }
  });
});
