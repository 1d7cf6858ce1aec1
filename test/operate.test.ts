import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { audit } from "../deploy/audit.ts";
import { OBJECTIVES } from "../deploy/observe/dashboard.ts";
import { observability } from "../deploy/observe/plugin.ts";
import { QUERIES, queryName } from "../deploy/observe/queries.ts";
import type { Settings } from "../deploy/observe/settings.ts";
import { ERROR_CODES } from "../src/contract/errors.ts";
import { LOG_FIELDS } from "../src/observe/log-fields.ts";

const PAGE = readFileSync("docs/operate.md", "utf8");
const FUNCTIONS = /^(?:Http|Invoke|ChatDashworker|Chat|Sweep|Watch)(?=[A-Z])/;

const everything: Settings = {
  service: "workspace-unbindings",
  stage: "prod",
  requestBudgetMs: 8000,
  alarmP99Ms: null,
  alarmKeyHours: 24,
  hasConsole: false,
  hasChat: true,
  hasSweep: true,
  watchMinutes: 5,
  actions: [],
};

/** The alarms of a deployment, without the function that each is for. */
const alarms = new Set(
  Object.entries({ ...observability(everything), ...audit() })
    .filter(([, { Type }]) => Type === "AWS::CloudWatch::Alarm")
    .map(([name]) => name.replace(FUNCTIONS, "")),
);

const section = (title: string) =>
  new RegExp(`^## ${title}\\n(.*?)(?=^## |(?![\\s\\S]))`, "ms").exec(PAGE)?.[1] ?? "";

describe("the page for operators", () => {
  it("says of every alarm that there is how severe it is and what to do, and of no other", () => {
    const rows = [...section("Alarms").matchAll(/^\| `(\w+Alarm)` \| ([123]) \| .+ \| .+ \|$/gm)];
    expect(rows.map(([, name]) => name).sort()).toEqual([...alarms].sort());
  });

  it.each(Object.keys(ERROR_CODES))("has a word on %s", (code) => {
    expect(section("Error codes")).toContain(`\`${code}\``);
  });

  it.each(["The first five minutes", "Roll back", "Escalation", "Loss of a region", "Severity"])(
    "has a section “%s”",
    (title) => {
      expect(section(title).length).toBeGreaterThan(200);
    },
  );

  it("has the objectives that the dashboard shows", () => {
    expect(section("Objectives")).toContain(`${OBJECTIVES.withoutOurErrorsPercent} %`);
    expect(section("Objectives")).toContain(`under ${OBJECTIVES.p95Ms / 1000} s`);
  });

  it("explains every field that a line may have, and no other", () => {
    const table = section("What there is to see").split("| field | meaning |")[1] ?? "";
    const rows = [...table.matchAll(/^\| (`.+?) \|/gm)].flatMap(
      ([, names = ""]) => names.match(/\w+/g) ?? [],
    );
    expect(rows.sort()).toEqual([...LOG_FIELDS].sort());
  });

  it("names every saved query", () => {
    for (const name of Object.keys(QUERIES)) {
      expect(section("What there is to see")).toContain(`| ${queryName(name)} |`);
    }
  });
});
