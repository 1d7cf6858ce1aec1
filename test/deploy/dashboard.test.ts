import { beforeAll, describe, expect, test } from "vitest";
import { embeddedMetrics } from "../../src/observe/metrics.ts";
import type { Template } from "../support/cloudformation.ts";
import { packageCopy } from "../support/packaged.ts";

interface Widget {
  properties: { title: string; metrics: (string | { expression?: string })[][] };
}

let template: Template;
beforeAll(async () => {
  ({ template } = await packageCopy({}));
}, 240_000);

/** The body as CloudFormation would fill it in. */
function widgets(): Widget[] {
  const dashboards = Object.values(template.Resources).filter(
    ({ Type }) => Type === "AWS::CloudWatch::Dashboard",
  );
  expect(dashboards).toHaveLength(1);
  const body = dashboards[0]?.Properties?.["DashboardBody"]["Fn::Sub"] as string;
  return JSON.parse(body.replace(/\$\{[\w:]+\}/g, "filled-in")).widgets;
}

describe("the dashboard", () => {
  test("is JSON, and shows what a request line counts, all of it and nothing else", () => {
    const shown = widgets().flatMap(({ properties }) =>
      properties.metrics.map((metric) => JSON.stringify(metric)),
    );
    const every = Object.fromEntries(
      [
        "lookups",
        "duration_ms",
        "upstream_ms",
        "attempts",
        "cache_hits",
        "throttles",
        "refusals",
        "unreadable_times",
        "secret_age_seconds",
      ].map((name) => [name, 1]),
    );
    const { CloudWatchMetrics } = JSON.parse(embeddedMetrics(every, 0)) as {
      CloudWatchMetrics: { Namespace: string; Metrics: { Name: string }[] }[];
    };
    const counted = CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));
    for (const name of counted) {
      expect(
        shown.filter((metric) => metric.includes(name)),
        name,
      ).not.toEqual([]);
    }
    const ours = widgets().flatMap(({ properties }) =>
      properties.metrics.filter(([namespace]) => namespace === "WorkspaceUnbindings"),
    );
    for (const [, name] of ours) expect(counted).toContain(name);
  });

  test("shows every widget under a title", () => {
    for (const { properties } of widgets()) expect(properties.title.length).toBeGreaterThan(5);
  });
});
