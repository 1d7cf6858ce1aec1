import { describe, expect, test } from "vitest";
import { QUERIES, savedQueries } from "../../deploy/observe/queries.ts";
import { LOG_FIELDS } from "../../src/observe/log-fields.ts";

// What a line has besides the fields that are written by name, and what Logs Insights adds.
const FURTHER = ["level", "message", "@timestamp"];
const NAMED_BY_QUERY = /\bas (\w+)/g;
const KEYWORDS = new Set(
  "filter stats fields sort limit by as desc asc count and paste the request ID here".split(" "),
);

describe.each(Object.entries(QUERIES))("the saved query %s", (_, query) => {
  test("asks only for what a line has", () => {
    const own = [...query.matchAll(NAMED_BY_QUERY)].map(([, name]) => name);
    const words = query.replaceAll(/"[^"]*"|\d+/g, "").match(/@?[A-Za-z]\w*/g) ?? [];
    const fields = words.filter((word) => !KEYWORDS.has(word) && !own.includes(word));
    expect(fields.length).toBeGreaterThan(0);
    for (const field of fields) expect([...LOG_FIELDS, ...FURTHER]).toContain(field);
  });
});

test("saved queries are kept by service and stage, over the logs of the functions that are deployed", () => {
  const settings = {
    service: "workspace-unbindings",
    stage: "prod",
    requestBudgetMs: 8000,
    alarmP99Ms: null,
    alarmKeyHours: 24,
    hasConsole: false,
    hasSweep: false,
    watchMinutes: null,
    actions: [],
  };
  const saved = savedQueries({ ...settings, hasChat: false });
  expect(Object.values(saved).map(({ Properties }) => Properties["Name"])).toEqual([
    "workspace-unbindings/prod/Top codes",
    "workspace-unbindings/prod/Callers",
    "workspace-unbindings/prod/Slowest",
    "workspace-unbindings/prod/One request",
    "workspace-unbindings/prod/Faults",
  ]);
  const logGroups = (hasChat: boolean) =>
    savedQueries({ ...settings, hasChat })["TopCodesQuery"]?.Properties["LogGroupNames"];
  expect(logGroups(false)).toEqual([{ Ref: "HttpLogGroup" }, { Ref: "InvokeLogGroup" }]);
  expect(logGroups(true)).toHaveLength(4);
});
