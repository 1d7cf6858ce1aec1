import { describe, expect, it } from "vitest";
import { type AlarmProperties, goesOffAt, statesOf } from "../support/cloudwatch/alarms.ts";
import { parsePattern } from "../support/cloudwatch/filter-pattern.ts";
import { createLogs } from "../support/cloudwatch/logs.ts";
import { evaluate } from "../support/cloudwatch/metric-math.ts";
import { createMetrics, statisticOf } from "../support/cloudwatch/metrics.ts";

/** What stands in for CloudWatch when the alarms are tried: held to what AWS documents. */

describe("filter patterns", () => {
  const event = { code: "CREDENTIALS_REFUSED", status: 502, nested: { a: "x" }, gone: null, flag: true };

  it.each([
    ['{ $.code = "CREDENTIALS_REFUSED" }', true],
    ['{ $.code = "CREDENTIALS_*" }', true],
    ['{ $.code = "CREDENTIALS" }', false],
    ['{ $.code != "INTERNAL" }', true],
    ['{ $.absent = "x" }', false],
    ['{ $.absent != "x" }', false],
    ["{ $.status = 502 }", true],
    ["{ $.status >= 502 }", true],
    ["{ $.status > 502 }", false],
    ["{ $.status < 503 }", true],
    ["{ $.status <= 501 }", false],
    ["{ $.code >= 1 }", false],
    ['{ $.nested.a = "x" }', true],
    ["{ $.gone IS NULL }", true],
    ["{ $.absent NOT EXISTS }", true],
    ["{ $.code NOT EXISTS }", false],
    ['{ $.code = "INTERNAL" || $.status = 502 && $.nested.a = "x" }', true],
    ['{ ($.code = "INTERNAL" || $.status = 502) && $.nested.a = "y" }', false],
  ])("%s", (pattern, expected) => {
    expect(parsePattern(pattern)(event)).toBe(expected);
  });

  it.each([
    "$.a = 1",
    "{ $.a = 1",
    "{ a = 1 }",
    '{ $.a > "x" }',
    "{ $.a = 1 } x",
    "{ $.a ~ 1 }",
    "{ $.a = % }",
  ])("refuses %s", (pattern) => {
    expect(() => parsePattern(pattern)({ a: "x" })).toThrow();
  });
});

describe("statistics", () => {
  const samples = [5, 1, 3].map((value, at) => ({ at, value }));

  it.each([
    ["Sum", 9],
    ["SampleCount", 3],
    ["Average", 3],
    ["Minimum", 1],
    ["Maximum", 5],
    ["p50", 3],
    ["p99", 5],
  ])("%s", (statistic, expected) => {
    expect(statisticOf(samples, statistic)).toBe(expected);
  });

  it("have no value over no samples", () => {
    expect(statisticOf([], "Sum")).toBeNull();
    expect(() => statisticOf(samples, "Median")).toThrow();
  });
});

describe("metric math", () => {
  const values: Record<string, number | null> = { part: 2, whole: 4, none: null, zero: 0 };

  it.each([
    ["100 * part / whole", 50],
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3 - 1", 8],
    ["100 * none / whole", null],
    ["part / zero", null],
    ["FILL(none, 0) + whole", 4],
    ["IF(part >= 2, whole, 0)", 4],
    ["IF(part < 2, whole, 0)", 0],
    ["(part == 2) + (part != 2) + (part <= 1) + (part > 1)", 2],
  ])("%s", (expression, expected) => {
    expect(evaluate(expression, (id) => values[id] ?? null)).toBe(expected);
  });

  it.each(["part +", "MAX(part)", "part ] 2", "(part"])("refuses %s", (expression) => {
    expect(() => evaluate(expression, (id) => values[id] ?? null)).toThrow();
  });
});

describe("logs", () => {
  const embedded = (changes: object) => ({
    stage: "prod",
    n: 1,
    _aws: {
      Timestamp: 60_000,
      CloudWatchMetrics: [
        { Namespace: "Ours", Dimensions: [["stage"]], Metrics: [{ Name: "n", Unit: "Count" }], ...changes },
      ],
    },
  });

  it("count what a filter matches, and its default for what it does not, in its own log group alone", () => {
    const metrics = createMetrics();
    const transformation = { MetricNamespace: "N", MetricName: "M", MetricValue: "1", DefaultValue: 0 };
    const logs = createLogs(
      [{ logGroup: "a", pattern: '{ $.x = "y" }', transformations: [transformation] }],
      metrics,
    );
    logs.write("a", '{"x":"y"}', 1);
    logs.write("a", '{"x":"z"}', 2);
    logs.write("a", "no JSON", 3);
    logs.write("b", '{"x":"y"}', 4);
    expect(metrics.samples("N", "M", {}).map(({ value }) => value)).toEqual([1, 0, 0]);
  });

  it("take embedded metrics by the time and the dimensions that the line says", () => {
    const metrics = createMetrics();
    createLogs([], metrics).write("a", JSON.stringify(embedded({})), 0);
    expect(metrics.samples("Ours", "n", { stage: "prod" })).toEqual([{ at: 60_000, value: 1 }]);
    expect(metrics.samples("Ours", "n", {})).toEqual([]);
  });

  it.each([
    ["a dimension that the line does not have", { Dimensions: [["function"]] }],
    ["a metric that the line does not have", { Metrics: [{ Name: "m" }] }],
    ["a unit that there is not", { Metrics: [{ Name: "n", Unit: "ms" }] }],
    ["a namespace that is none", { Namespace: "" }],
  ])("would drop metrics with %s without a word, so that here it is an error", (_, changes) => {
    const line = JSON.stringify(embedded(changes));
    expect(() => createLogs([], createMetrics()).write("a", line, 0)).toThrow();
  });
});

describe("alarms", () => {
  const MINUTE = 60_000;
  const alarm = (changes: Partial<AlarmProperties>): AlarmProperties => ({
    Namespace: "N",
    MetricName: "M",
    Statistic: "Sum",
    Period: 60,
    EvaluationPeriods: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    Threshold: 1,
    TreatMissingData: "notBreaching",
    ...changes,
  });

  /** The states minute by minute, for the values of each minute; `null` where there is none. */
  function states(values: readonly (number | null)[], changes: Partial<AlarmProperties> = {}): string {
    const metrics = createMetrics();
    for (const [minute, value] of values.entries())
      if (value !== null) metrics.put("N", "M", {}, { at: minute * MINUTE, value });
    return statesOf(alarm(changes), metrics, 0, values.length * MINUTE)
      .map(({ state }) => state[0])
      .join("");
  }

  it("go off at the end of the period that breaches, and are well again after it", () => {
    expect(states([0, 1, 0])).toBe("OAO");
  });

  it("want as many periods as they say, in a row or some of several", () => {
    expect(states([1, 1, 0, 1], { EvaluationPeriods: 2 })).toBe("OAOO");
    expect(states([1, 0, 1, 0, 1], { EvaluationPeriods: 5, DatapointsToAlarm: 3 })).toBe("OOOOA");
  });

  it("treat missing data as they are told", () => {
    expect(states([1, null, null])).toBe("AOO");
    expect(states([1, null, 0], { TreatMissingData: "ignore" })).toBe("AAO");
    expect(states([0, null], { TreatMissingData: "breaching" })).toBe("OA");
    expect(states([0, null], { TreatMissingData: "missing" })).toBe("OI");
  });

  it("compare in every direction", () => {
    expect(states([1, 2], { ComparisonOperator: "GreaterThanThreshold" })).toBe("OA");
    expect(states([1, 0], { ComparisonOperator: "LessThanThreshold" })).toBe("OA");
    expect(states([2, 1], { ComparisonOperator: "LessThanOrEqualToThreshold" })).toBe("OA");
  });

  it("compute expressions over metrics, period by period", () => {
    const metrics = createMetrics();
    for (const [name, value] of [
      ["part", 1],
      ["whole", 2],
    ] as const) {
      metrics.put("N", name, { a: '{"Ref":"B"}' }, { at: 0, value });
    }
    const query = (Id: string) => ({
      Id,
      MetricStat: {
        Metric: { Namespace: "N", MetricName: Id, Dimensions: [{ Name: "a", Value: { Ref: "B" } }] },
        Period: 60,
        Stat: "Sum",
      },
      ReturnData: false,
    });
    const share = { Id: "share", Expression: "100 * part / whole" };
    const half = { Metrics: [query("part"), query("whole"), share], Threshold: 50 };
    expect(goesOffAt(alarm(half), metrics, 0, MINUTE)).toBe(MINUTE);
    expect(goesOffAt(alarm({ ...half, Threshold: 51 }), metrics, 0, MINUTE)).toBeNull();
  });
});
