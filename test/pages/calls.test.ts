import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { blocksOf, isCall, PAGES } from "../support/pages.ts";
import { type Started, start } from "../support/start.ts";

vi.setConfig({ testTimeout: 30_000 });

/** Commands for the sandbox, each with the block that follows: its answer. */
const calls = PAGES.flatMap((page) =>
  blocksOf(page).flatMap((command, index, blocks) =>
    isCall(command) ? [{ command, answer: blocks[index + 1], name: command.name }] : [],
  ),
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

/** A value that is `…` on the page becomes the real one, so that the rest can be compared. */
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

it.each([
  ["README.md", 1],
  ["docs/api.md", 8],
  ["docs/errors.md", 3],
  ["docs/chat.md", 4],
])("%s shows at least %i calls", (page, least) => {
  expect(calls.filter(({ command }) => command.page === page).length).toBeGreaterThanOrEqual(least);
});

it.for(calls)("the sandbox gives the answer that is shown: $name", async ({ command, answer }, { skip }) => {
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
