import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERROR_CODES } from "../src/contract/errors.ts";

const RUNBOOK = readFileSync("docs/runbook.md", "utf8");
const FUNCTIONS = /^(?:Http|Invoke|ChatDashworker|Chat|Sweep|Docs|Doctor)(?=[A-Z])/;

/** The alarms of the deployment, without the function that each is for. */
const alarms = new Set(
  globSync("deploy/*.yml").flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/^ {4}(\w+Alarm):$/gm)].map(([, name = ""]) =>
      name.replace(FUNCTIONS, ""),
    ),
  ),
);

describe("the runbook", () => {
  it("tells what to do about every alarm that there is", () => {
    expect(alarms.size).toBeGreaterThan(3);
    for (const alarm of alarms) expect(RUNBOOK).toContain(`| \`${alarm}\` |`);
  });

  it("tells of no alarm that there is not", () => {
    for (const [, name] of RUNBOOK.matchAll(/^\| `(\w+Alarm)` \|/gm)) expect(alarms).toContain(name);
  });

  it.each(Object.keys(ERROR_CODES))("has a word on %s", (code) => {
    expect(RUNBOOK).toContain(`\`${code}\``);
  });
});
