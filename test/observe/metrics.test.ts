import { describe, expect, it } from "vitest";
import { createLog } from "../../src/observe/log.ts";
import type { LogFields } from "../../src/observe/log-fields.ts";

interface Directive {
  Namespace: string;
  Dimensions: string[][];
  Metrics: { Name: string; Unit: string }[];
}

function lineOf(fields: LogFields, level: "debug" | "error" = "debug") {
  const lines: string[] = [];
  createLog({ level, write: (line) => lines.push(line), wallNow: () => 1_795_500_000_000 }).request(
    "info",
    {},
    fields,
  );
  expect(lines).toHaveLength(1);
  const line = JSON.parse(lines[0] as string);
  const directives: Directive[] = line._aws.CloudWatchMetrics;
  return { line, directives };
}

const FIELDS: LogFields = {
  function: "http",
  outcome: "ok",
  profile: "prod",
  desktop_id: "d1",
  lookups: 1,
  duration_ms: 12,
  attempts: 0,
};

describe("metrics in the request line", () => {
  it("has every dimension and every metric that it declares beside it, as the format wants", () => {
    for (const fields of [FIELDS, { ...FIELDS, outcome: "error", code: "UPSTREAM_TIMEOUT" }]) {
      const { line, directives } = lineOf(fields);
      for (const { Dimensions, Metrics } of directives) {
        for (const name of Dimensions.flat()) expect(line[name]).toEqual(expect.any(String));
        for (const { Name } of Metrics) expect(line[Name]).toEqual(expect.any(Number));
        expect(Metrics.length).toBeGreaterThan(0);
      }
      expect(line._aws.Timestamp).toBe(1_795_500_000_000);
    }
  });

  it("counts requests by outcome, and by code where there is one", () => {
    expect(lineOf(FIELDS).directives[1]).toMatchObject({ Dimensions: [["function", "outcome"]] });
    const failed = lineOf({ ...FIELDS, outcome: "error", code: "UPSTREAM_TIMEOUT" });
    expect(failed.directives[1]).toMatchObject({
      Dimensions: [["function", "outcome", "code"]],
      Metrics: [{ Name: "requests" }],
    });
    expect(failed.line.requests).toBe(1);
  });

  it("has no dimension that tells a person or a desktop", () => {
    const dimensions = lineOf(FIELDS).directives.flatMap(({ Dimensions }) => Dimensions.flat());
    expect(new Set(dimensions)).toEqual(new Set(["function", "outcome"]));
  });

  it("declares no metric whose value is unknown, which would void the line", () => {
    const names = lineOf(FIELDS).directives[0]?.Metrics.map(({ Name }) => Name);
    expect(names).toEqual(["lookups", "duration_ms", "attempts"]);
  });

  it("is written whatever the level, since the dashboards live on it", () => {
    expect(lineOf(FIELDS, "error").line.message).toBe("request");
  });
});
