import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { readBytes, type Serving, serve } from "../../sandbox/serve.ts";
import { blocksOf, isProgram, PAGES } from "../support/pages.ts";
import { type Started, start } from "../support/start.ts";

/** The programs of all pages: type-checked as strictly as a consumer may, and run against the sandbox. */

vi.setConfig({ testTimeout: 120_000 });

const DOCUMENTED_API = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com";
const run = promisify(execFile);

const programs = PAGES.flatMap((page) =>
  blocksOf(page).flatMap((block, index, blocks) => {
    if (!isProgram(block)) return [];
    const next = blocks[index + 1];
    return [{ ...block, output: next?.language === "text" ? next.text : "" }];
  }),
);

// Within the project, so that what the programs import is found.
const folder = resolve("reports/programs");
let started: Started;
let lambda: Serving;

beforeAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  started = await start();
  lambda = await serveInvoke(started.api);
});

afterAll(async () => {
  await started.stop("SIGTERM");
  await lambda.close();
});

/** AWS Lambda's Invoke with the function `invoke` behind it, as far as one desktop is asked about by its ID. */
function serveInvoke(api: string): Promise<Serving> {
  return serve(async (request, response) => {
    expect(request.url).toBe("/2015-03-31/functions/workspace-unbindings-prod-invoke/invocations");
    const { desktop_id, request_id: _, ...filters } = JSON.parse(String(await readBytes(request, 100_000)));
    const answer = await fetch(`${api}/v1/desktops/${desktop_id}/unbindings?${new URLSearchParams(filters)}`);
    response.end(await answer.text());
  });
}

it("are on the client's page", () => {
  expect(programs.filter(({ page }) => page === "docs/client.md").length).toBeGreaterThanOrEqual(5);
});

it("type-check", async () => {
  for (const { page, line, text } of programs) {
    await writeFile(join(folder, `checked-${page.replace(/\W/g, "-")}-${line}.ts`), withClient(text));
  }
  const options = ["--strict", "--noUncheckedIndexedAccess", "--noEmit", "--allowImportingTsExtensions"];
  const project = ["--module", "nodenext", "--target", "es2024", "--types", "node"];
  const files = programs.map(
    ({ page, line }) => `reports/programs/checked-${page.replace(/\W/g, "-")}-${line}.ts`,
  );
  const tsc = ["tsc", "--ignoreConfig", ...options, "--skipLibCheck", ...project, ...files];
  const outcome = await run("npx", tsc).catch((error) => error);
  expect(outcome.stdout).toBe("");
});

it.each(programs)(
  "print what is shown: $name",
  async ({ text, output, page, line }) => {
    const file = join(folder, `run-${page.replace(/\W/g, "-")}-${line}.ts`);
    await writeFile(file, withClient(text.replaceAll(DOCUMENTED_API, started.api)));
    const env = {
      PATH: process.env["PATH"],
      TOKEN: "made-up",
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "MADEUPACCESSKEYID",
      AWS_SECRET_ACCESS_KEY: "made-up",
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    };
    const { stdout } = await run(process.execPath, [file], { env });
    expect(stdout).toBe(output);
  },
  60_000,
);

/** The sources in the package's place: what is packed has a test of its own. */
function withClient(program: string): string {
  return program.replaceAll('"workspace-unbindings/client"', '"../../src/client/index.ts"');
}
