import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import packageJson from "../package.json" with { type: "json" };

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Workflow {
  on: object;
  permissions: Record<string, string>;
  jobs: Record<string, { "runs-on": string; permissions?: Record<string, string>; steps: Step[] }>;
}

const FILES = globSync(".github/workflows/*.yml").sort();
const workflows = FILES.map((file) => {
  const text = readFileSync(file, "utf8");
  return { file, text, workflow: parse(text) as Workflow };
});
const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);
const readme = readFileSync("README.md", "utf8");

/** What a runner has by itself. */
const PROGRAMS = ["gh", "mkdir", "mv", "npm", "test", "tr"];

it("there are two workflows", () => {
  expect(FILES).toEqual([".github/workflows/ci.yml", ".github/workflows/release.yml"]);
});

describe.each(workflows)("$file", ({ text, workflow }) => {
  const commands = stepsOf(workflow).flatMap(({ run }) => (run === undefined ? [] : [run]));

  it("pins every action to a commit, and says which version that is", () => {
    const uses = [...text.matchAll(/uses: (.+)/g)].map(([, action = ""]) => action);
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("may read the source, and nothing more but where it releases", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    const more = Object.entries(workflow.jobs).filter(([, { permissions }]) => permissions !== undefined);
    expect(more.map(([name]) => name).filter((name) => name !== "publish")).toEqual([]);
  });

  it("leaves no token behind for the code that it runs", () => {
    for (const { uses, with: inputs } of stepsOf(workflow)) {
      if (uses?.startsWith("actions/checkout@"))
        expect(inputs).toMatchObject({ "persist-credentials": false });
    }
  });

  it("runs the README's test command", () => {
    expect(readme).toContain("\nnpm ci && npm test\n");
    expect(commands).toContain("npm ci && npm test");
  });

  it.each(commands)("calls only what there is: %s", (command) => {
    expect(spawnSync("sh", ["-n"], { input: command, encoding: "utf8" }).stderr).toBe("");
    for (const [, script = ""] of command.matchAll(/\bnpm run ([\w:-]+)/g)) {
      expect(Object.keys(packageJson.scripts)).toContain(script);
    }
    for (const part of command.split(/&&|\||\$\(/)) {
      expect(PROGRAMS).toContain(part.trim().split(" ")[0]);
    }
  });

  it("puts no text of others into a command", () => {
    for (const command of commands) expect(command).not.toContain("${{");
  });
});

it("an issue or a pull request is a form of a few lines", () => {
  const forms = [...globSync(".github/ISSUE_TEMPLATE/*.yml"), ".github/pull_request_template.md"];
  expect(forms.length).toBeGreaterThanOrEqual(3);
  for (const form of forms) {
    const text = readFileSync(form, "utf8");
    expect(text.split("\n").length, form).toBeLessThanOrEqual(13);
    if (form.endsWith(".yml")) expect(parse(text), form).toBeTypeOf("object");
  }
});
