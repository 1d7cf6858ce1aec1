import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readParameters, type StageParameters } from "../../deploy/parameters.ts";
import { conflictsOf, missingFrom, strayFrom } from "../../deploy/together.ts";
import { parseAccessPolicy } from "../../src/access/policy.ts";
import { CHAT_SECRET, SECRET, WATCH_SECRET } from "../support/variants.ts";

const defaults: StageParameters = parse(readFileSync("serverless.yml", "utf8"), { logLevel: "error" }).params
  .default;
const PAGES = ["README.md", ...globSync("docs/*.md")];
const pages = PAGES.map((page) => readFileSync(page, "utf8")).join("\n");
const deploy = readFileSync("docs/deploy.md", "utf8");
const parameters = readFileSync("docs/parameters.md", "utf8");

const [policy = null] = [...deploy.matchAll(/^<!-- access policy -->\n```json\n(.*?)^```$/gms)].map(
  ([, text = ""]) => text,
);

/** What is wrong with parameters as a page shows them, deployed where the page says. */
function faultsOf(typed: string[], stageFile: string | null) {
  const readText = (path: string) => {
    if (path.endsWith(".json")) return policy;
    return path === "deploy/stages/prod.yml" ? stageFile : null;
  };
  const { parameters: given, faults } = readParameters({ defaults, typed, stage: "prod", readText });
  return [...faults, ...conflictsOf(given), ...missingFrom(given), ...strayFrom("eu-central-1", given)];
}

/** The variables that the pages' commands have. */
const SHELL: Readonly<Record<string, string>> = {
  $SECRET_ARN: SECRET,
  $CHAT_SECRET_ARN: CHAT_SECRET,
  $WATCH_SECRET_ARN: WATCH_SECRET,
};

const stageFiles = [...deploy.matchAll(/^<!-- stage file -->\n```yaml\n(.*?)^```$/gms)].map(
  ([, text = ""]) => text,
);

describe("the page on parameters", () => {
  test("has each one with its default, and no other", () => {
    const rows = [...parameters.matchAll(/^\| `(\w+)` \| ([^|]*) \| /gm)].map(([, name, value = ""]) => [
      name,
      value.trim(),
    ]);
    const expected = Object.entries(defaults).map(([name, value]) => {
      if (String(value).includes("to-be-given")) return [name, "to be given"];
      return [name, value === "" ? "–" : `\`${value}\``];
    });
    expect(rows).toEqual(expected);
  });

  test("shows faults as they are told", () => {
    const [, shown = ""] = /^```text\n(These parameters.*?)^```$/ms.exec(parameters) ?? [];
    const { faults } = readParameters({
      defaults,
      typed: ["acessPolicy=x", "throttleRate=many"],
      stage: "prod",
      readText: (path) => (path === "deploy/stages/prod.yml" ? "chatTimeZone: Europe/Atlantis\n" : null),
    });
    expect(shown.trimEnd().split("\n").slice(1).sort()).toEqual(faults.map((fault) => `  ${fault}`).sort());
  });
});

describe("the commands of the pages", () => {
  const commands = [...pages.matchAll(/^npm run deploy -- (?:.*\\\n)*.*$/gm)].map(([command]) => command);

  test("are there", () => expect(commands.length).toBeGreaterThanOrEqual(6));

  test.each(commands)(
    "give only parameters that exist, and with the stage's file all that is needed: %s",
    (command) => {
      const typed = [...command.matchAll(/--param=(\w+)="?([^"\s]+)/g)].map(
        ([, name, value = ""]) => `${name}=${SHELL[value] ?? value}`,
      );
      const isByFile = !typed.some((each) => each.startsWith("workspaceSecretArn"));
      expect(faultsOf(typed, isByFile ? (stageFiles[0] ?? null) : null)).toEqual([]);
    },
  );
});

describe("the page on deployment", () => {
  test("shows stage files that can be deployed", () => {
    expect(stageFiles.length).toBe(2);
    for (const text of stageFiles) expect(faultsOf([], text), text).toEqual([]);
  });

  test("shows an access policy that is one", () => {
    expect(parseAccessPolicy(policy ?? "").faults).toBeNull();
  });

  test("shows policies as JSON that name their actions", () => {
    const documents = [...deploy.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text = ""]) =>
      JSON.parse(text),
    );
    const shown = documents.filter((document) => "Version" in document);
    expect(shown.map(({ Version, Statement: [{ Action }] }) => [Version, [Action].flat()[0]])).toEqual([
      ["5.0", "workspace:desktops:listDetachInfo"],
      ["1.1", "workspace:*:get*"],
      ["2012-10-17", "execute-api:Invoke"],
    ]);
  });
});

describe("deploy/stages/example.yml", () => {
  const example = readFileSync("deploy/stages/example.yml", "utf8");

  test("can be deployed as it is, once the ARN is one's own", () => {
    expect(faultsOf([], example)).toEqual([]);
  });

  test("can be deployed with every line that is commented out", () => {
    const all = example.replace(/^# (?=\w+: )/gm, "").replace("alarmEmail:", "# alarmEmail:");
    expect(all.match(/^\w+: /gm)?.length).toBeGreaterThan(15);
    expect(faultsOf([], all)).toEqual([]);
  });
});

test("the page on deployment tells of the audit log's alarm and its queue", () => {
  expect(deploy).toContain("`AuditUndeliveredAlarm`");
  expect(deploy).toContain("`AuditUndelivered`");
});
