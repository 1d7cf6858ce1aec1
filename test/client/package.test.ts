import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientTypes } from "../../tools/client/types.ts";

const run = promisify(execFile);
const MAX_BYTES = 4000;

let home: string;
let tarball: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "workspace-unbindings-client-"));
  await run("npm", ["run", "build:client"]);
  await run("npm", ["pack", "--silent", "--pack-destination", home]);
  const [name = ""] = await readdir(home);
  tarball = join(home, name);
}, 120_000);

afterAll(() => rm(home, { recursive: true, force: true }));

/** Strict to the utmost, as a consumer may be. */
const PROGRAM = `
import { createClient, createInvoker, UnbindingsError, type BatchItem, type Result } from "workspace-unbindings/client";

const client = createClient({
  baseUrl: "https://api.example.com",
  headers: async () => ({ authorization: "Bearer token" }),
  fetch: async () => new Response('{"desktop_id":"d0","unbindings":[]}'),
});
const signal = AbortSignal.timeout(1000);
const result: Result = await client.lookup({ desktop_id: "d0", since: "30d", type: "USER", limit: 5 }, { signal });
const name: string | null | undefined = result.unbindings[0]?.user_name;

const invoker = createInvoker({
  functionName: "f",
  invoke: async () => ({ results: [], succeeded: 0, failed: 0, request_id: "r" }),
});
const items: BatchItem[] = await invoker.lookupMany([], { limit: 5 });
for (const item of items) {
  const text: string = item.ok ? item.profile : item.code;
  process.stdout.write(text);
}
try {
  await createClient({ baseUrl: "https://api.example.com", attempts: 1, fetch: async () => new Response("", { status: 403 }) })
    .lookup("d0");
} catch (error) {
  if (error instanceof UnbindingsError && error.code === "FORBIDDEN") process.stdout.write(\`\${result.desktop_id} \${name} \${error.code}\`);
}
// @ts-expect-error a filter that does not exist
const wrong = () => client.lookup({ desktop_id: "d0", colour: "red" });
void wrong;
`;

async function install(name = "consumer"): Promise<string> {
  const folder = join(home, name);
  await mkdir(folder);
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ name: "consumer", private: true, type: "module" }),
  );
  await run("npm", ["install", "--offline", "--ignore-scripts", "--omit=optional", tarball], { cwd: folder });
  return folder;
}

describe("the packed client", () => {
  it("is all that there is in the package", async () => {
    const { stdout } = await run("tar", ["-tzf", tarball]);
    const files = stdout.trim().split("\n").sort();
    const known =
      /^package\/(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/client\/[\w-]+(?:\.js|\.d\.ts))$/;
    expect(files.filter((file) => !known.test(file))).toEqual([]);
    expect(files).toContain("package/dist/client/index.js");
    expect(files).toContain("package/dist/client/index.d.ts");
  });

  it("is published as tools expect it", async () => {
    const { messages } = await publint({ pack: { tarball: await arrayBufferOf(tarball) } });
    expect(messages).toEqual([]);
  });

  it("type-checks strictly and runs where it is installed, with nothing beside it", async () => {
    const folder = await install();
    expect(await readdir(join(folder, "node_modules"))).toEqual([
      ".package-lock.json",
      "workspace-unbindings",
    ]);
    await writeFile(join(folder, "program.ts"), PROGRAM);
    const types = resolve("node_modules/@types");
    for (const resolution of ["nodenext", "bundler"]) {
      const module = resolution === "bundler" ? "esnext" : "nodenext";
      const options = [
        "--ignoreConfig",
        "--strict",
        "--exactOptionalPropertyTypes",
        "--noUncheckedIndexedAccess",
        "--noEmit",
        "--target",
        "es2022",
        "--module",
        module,
        "--moduleResolution",
        resolution,
        "--skipLibCheck",
        "false",
        "--typeRoots",
        types,
        "--types",
        "node",
      ];
      await run(resolve("node_modules/.bin/tsc"), [...options, "program.ts"], { cwd: folder });
    }
    const { stdout } = await run(process.execPath, ["program.ts"], { cwd: folder });
    expect(stdout).toBe("d0 undefined FORBIDDEN");
  }, 120_000);

  it("says what it needs for a client of the SDK where the SDK is not to be seen, and asks nothing", async () => {
    const folder = await install("without-sdk");
    const program = `
      import { createInvoker } from "workspace-unbindings/client";
      let sent = 0;
      const client = { send: async () => void (sent += 1) };
      const fail = (error) => [error.name, error.message];
      const invoker = createInvoker({ functionName: "f", client });
      const failures = [await invoker.lookup("d0").catch(fail), await invoker.lookupMany(["d0"]).catch(fail)];
      class InvokeCommand { constructor(input) { this.input = input; } }
      const answer = { Payload: new TextEncoder().encode('{"desktop_id":"d0"}') };
      const sending = { send: async ({ input }) => (input.FunctionName === "f" ? answer : null) };
      const given = await createInvoker({ functionName: "f", client: sending, InvokeCommand }).lookup("d0");
      process.stdout.write(JSON.stringify({ sent, failures, given }));`;
    await writeFile(join(folder, "program.mjs"), program);
    const { stdout } = await run(process.execPath, ["program.mjs"], { cwd: folder });
    const failure = ["TypeError", expect.stringMatching(/@aws-sdk\/client-lambda.*InvokeCommand/)];
    expect(JSON.parse(stdout)).toEqual({
      sent: 0,
      failures: [failure, failure],
      given: { desktop_id: "d0" },
    });
  }, 120_000);

  it("names the SDK as a peer that need not be there", async () => {
    const { peerDependencies, peerDependenciesMeta } = JSON.parse(await readFile("package.json", "utf8"));
    expect(peerDependencies).toEqual({ "@aws-sdk/client-lambda": "^3.0.0" });
    expect(peerDependenciesMeta).toEqual({ "@aws-sdk/client-lambda": { optional: true } });
  });

  it("is small", async () => {
    const { outputFiles } = await build({
      entryPoints: ["src/client/index.ts"],
      bundle: true,
      minify: true,
      format: "esm",
      write: false,
    });
    expect(gzipSync(outputFiles[0]?.contents ?? "").length).toBeLessThan(MAX_BYTES);
  });

  it("has the types of the schemas that validate; else run `npm run client-types`", async () => {
    expect(await readFile("src/client/types.ts", "utf8")).toBe(clientTypes());
  });
});

async function arrayBufferOf(path: string): Promise<ArrayBuffer> {
  return new Uint8Array(await readFile(path)).buffer;
}
