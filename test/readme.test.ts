import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import { ERROR_CODES } from "../src/contract/errors.ts";
import { parseWorkspaceSecret } from "../src/secrets/workspace-secret.ts";
import { type Started, start } from "./support/start.ts";

vi.setConfig({ testTimeout: 30_000 });

const readme = readFileSync("README.md", "utf8");

interface Block {
  language: string;
  text: string;
  line: number;
}

function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map((match) => ({
    language: match[1] ?? "",
    text: match[2] ?? "",
    line: text.slice(0, match.index).split("\n").length,
  }));
}

/** Commands for the sandbox, each with the block that follows: its answer. */
const calls = ["README.md", "docs/chat.md"].flatMap((page) =>
  blocksOf(readFileSync(page, "utf8")).flatMap((block, index, blocks) => {
    const isCall =
      block.language === "sh" && /^(?:curl .*http:\/\/localhost:3000\/|npm run chat -- )/m.test(block.text);
    return isCall ? [{ command: block, answer: blocks[index + 1], name: `${page}, line ${block.line}` }] : [];
  }),
);

const secrets = [...readme.matchAll(/^<!-- secret -->\n```json\n(.*?)^```$/gms)].map(
  (match) => match[1] ?? "",
);

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

let started: Started;

beforeAll(async () => {
  started = await start();
});

afterAll(() => started.stop("SIGTERM"));

async function run(command: string): Promise<string> {
  const script = [
    `curl() { "${process.execPath}" test/support/curl.ts "$@"; }`,
    // `npm run chat -- …`, without npm's own lines.
    `npm() { shift 3; "${process.execPath}" tools/chat.ts "$@"; }`,
    command,
  ].join("\n");
  const env = { ...process.env, API: started.api, PORT: new URL(started.api).port, TZ: "UTC" };
  return (await promisify(execFile)("sh", ["-euc", script], { env })).stdout;
}

/** A value that is `…` in the README becomes the real one, so that the rest can be compared. */
function fillIn(documented: unknown, real: unknown): unknown {
  if (documented === "…" && (typeof real === "string" || typeof real === "number")) return real;
  if (typeof documented !== "object" || documented === null) return documented;
  if (Array.isArray(documented)) {
    return documented.map((each, index) => fillIn(each, Array.isArray(real) ? real[index] : undefined));
  }
  const fields = Object.entries(documented).map(([name, value]) => [
    name,
    fillIn(value, (real as Record<string, unknown> | undefined)?.[name]),
  ]);
  return Object.fromEntries(fields);
}

/** A line that is `…` stands for any number of lines, `…` within a line for any part of it. */
function asPattern(documented: string): RegExp {
  const escaped = documented.trimEnd().replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  const lines = escaped
    .split("\n")
    .map((line) => (line === "…" ? "(?:.*\n)*?" : `${line.replaceAll("…", ".+")}\n`));
  return new RegExp(`^${lines.join("")}$`);
}

describe("the README and its pages", () => {
  it("show calls", () => {
    expect(calls.filter(({ name }) => name.startsWith("README")).length).toBeGreaterThanOrEqual(8);
    expect(calls.filter(({ name }) => name.startsWith("docs/chat")).length).toBe(2);
  });

  it.for(calls)("show the answer that the sandbox gives: $name", async ({ command, answer }, { skip }) => {
    skip(command.text.includes("openssl") && !hasOpenssl, "openssl is not installed");
    const real = (await run(command.text)).replaceAll("\r\n", "\n");
    if (answer?.language === "json") {
      const json = JSON.parse(real);
      expect(json).toEqual(fillIn(JSON.parse(answer.text), json));
    } else {
      expect(answer?.language).toBe("text");
      expect(`${real.trimEnd()}\n`).toMatch(asPattern(answer?.text ?? ""));
    }
  });
});

describe("the README", () => {
  it("names every error code, with its status and whether to try again, and no other", () => {
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \| (yes|no) \| /gm)].map((row) =>
      row.slice(1),
    );
    const table = Object.entries(ERROR_CODES).map(([code, { status, retryable }]) => [
      code,
      String(status),
      retryable ? "yes" : "no",
    ]);
    expect(rows).toEqual(table);
  });

  it("names no npm script that is not there", () => {
    const named = [...readme.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
      ([, script, builtIn]) => script ?? builtIn,
    );
    expect(named).toContain("start");
    expect(Object.keys(packageJson.scripts)).toEqual(expect.arrayContaining([...new Set(named)]));
  });

  it("shows secrets that the function can read", () => {
    const [one = "", several = ""] = secrets;
    expect([...parseWorkspaceSecret(one, null).byName.keys()]).toEqual(["default"]);
    expect([...parseWorkspaceSecret(several, null).byName.keys()]).toEqual(["prod", "lab"]);
  });

  it("has its sections in the order in which a newcomer needs them", () => {
    const sections = [...readme.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(sections.slice(0, 5)).toEqual(["Run it", "Call it", "Errors", "Deploy", "Operate"]);
  });
});
