import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import packageJson from "../../package.json" with { type: "json" };
import { readQuestion } from "../../src/doctor/question.ts";
import { type Block, blocksOf, isCall, PAGES } from "../support/pages.ts";

/** What of the pages cannot be run here is held to what there is: scripts, functions, routes, and to its own syntax. */

const blocks = PAGES.flatMap(blocksOf);
/** A block without a language that begins like a command is one. */
const COMMAND = /^(?:npm|npx|aws|curl|git) /;
const isShell = ({ language, text }: Block) => language === "sh" || (language === "" && COMMAND.test(text));

/** The programs that our commands may need. */
const PROGRAMS = ["aws", "curl", "git", "jq", "npm", "npx", "rm", "openssl", "echo", "sh"];
/** Of the AWS CLI, what is known to exist. */
const AWS_COMMANDS = [
  "lambda invoke",
  "s3 cp",
  "s3 sync",
  "secretsmanager create-secret",
  "secretsmanager delete-secret",
  "secretsmanager put-secret-value",
  "stepfunctions redrive-execution",
  "stepfunctions start-execution",
];
/** What every `npm` knows by itself. */
const NPM_COMMANDS = ["ci", "pack", "audit", "install", "start", "test"];

const functions = globSync("handlers/*.ts").map((file) => basename(file, ".ts"));
const routes = Object.keys(JSON.parse(readFileSync("openapi.json", "utf8")).paths);

describe("the blocks of the pages", () => {
  it("name their language, where one is to be run or read by a program", () => {
    const known = ["", "json", "mermaid", "sh", "text", "ts", "yaml"];
    expect(
      [...new Set(blocks.map(({ language }) => language))].filter((each) => !known.includes(each)),
    ).toEqual([]);
  });

  it.each(blocks.filter(({ language }) => language === "json"))("are JSON: $name", ({ text }) => {
    expect(() => JSON.parse(text)).not.toThrow();
  });

  it.each(blocks.filter(({ language }) => language === "yaml"))("are YAML: $name", ({ text }) => {
    expect(parse(text)).toBeTypeOf("object");
  });
});

describe("the commands of the pages", () => {
  const commands = blocks.filter(isShell);

  it.each(commands)("are what a shell can read: $name", ({ text }) => {
    expect(spawnSync("sh", ["-n"], { input: text, encoding: "utf8" }).stderr).toBe("");
  });

  it.each(commands)("name what there is: $name", (block) => {
    for (const line of block.text.replaceAll(/\\\n/g, " ").split("\n")) checkLine(line, block);
  });

  it.each(PAGES)("name no npm script that is not there: %s", (page) => {
    const named = [...readFileSync(page, "utf8").matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map(
      ([, name = ""]) => name,
    );
    expect(named.filter((name) => !(name in packageJson.scripts))).toEqual([]);
  });
});

describe("the questions to the function invoke", () => {
  const { parameters } = JSON.parse(readFileSync("openapi.json", "utf8")).paths["/v1/unbindings"].get;
  const named = (parameters as { name?: string; $ref?: string }[]).map(
    ({ name, $ref = "" }) => name ?? $ref.slice($ref.lastIndexOf("/") + 1),
  );
  const keys = [...named, "desktop_id", "desktop_ids", "request_id"];
  const payloads = blocks.flatMap(({ text, name }) =>
    [...text.matchAll(/invoke[^\n]*(?:\\\n)?[^\n]*--payload ('?)(\{.*\})\1/g)].map(
      ([command, , payload = ""]) => ({
        payload,
        isForDoctor: command.includes("-doctor"),
        name,
      }),
    ),
  );

  it("are shown", () => {
    expect(payloads.length).toBeGreaterThanOrEqual(3);
  });

  it.each(payloads.filter(({ isForDoctor }) => !isForDoctor))(
    "have keys that it knows: $name",
    ({ payload }) => {
      expect(keys).toEqual(expect.arrayContaining(Object.keys(JSON.parse(payload))));
    },
  );

  it.each(payloads.filter(({ isForDoctor }) => isForDoctor))(
    "are such as the doctor reads: $name",
    ({ payload }) => {
      expect(() => readQuestion(JSON.parse(payload))).not.toThrow();
    },
  );
});

const ASSIGNMENT = /^(?:\w+=(?:"[^"]*"|'[^']*'|\$\([^)]*\)|\S*)\s*)+/;

function checkLine(line: string, block: Block): void {
  for (const command of line.split(/&&|\|\|?|;/).map((each) => each.trim().replace(/^\(/, ""))) {
    const bare = command.replace(ASSIGNMENT, "");
    const [program = "", first = ""] = bare.split(/\s+/);
    if (!/^[a-z]+$/.test(program) || isCall(block)) continue;
    expect(PROGRAMS, command).toContain(program);
    if (program === "npm" && first !== "run") expect(NPM_COMMANDS, command).toContain(first);
  }
  for (const [, called = ""] of line.matchAll(/\baws ((?:[a-z0-9-]+) (?:[a-z0-9-]+))/g)) {
    expect(AWS_COMMANDS, line).toContain(called);
  }
  for (const [, name = ""] of line.matchAll(/--function-name [\w<>]+(?:-unbindings)?-[\w<>]+?-([a-z-]+)/g)) {
    expect(functions, line).toContain(name);
  }
  for (const [, path = ""] of line.matchAll(/"\$API(\/[^"?]*)/g)) {
    expect(routes.includes(path) || path.startsWith("/chat/"), path).toBe(true);
  }
}
