import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Metafile } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "../tools/bundle.ts";
import { modulesOf, type Part, sizesOf } from "../tools/sizes.ts";
import { startExtension } from "./support/secrets-extension.ts";

/** kB that each part of a function may have, chunks included: what it has now, and a little room. */
const BUDGETS: Record<string, Record<Part | "total", number>> = {
  // With the ledger's questions and the client of its table, which are loaded by the first such question.
  http: { own: 115, middy: 5, zod: 26, sdk: 189, builtin: 3, other: 8, total: 346 },
  invoke: { own: 94, middy: 4, zod: 26, sdk: 189, builtin: 3, other: 8, total: 323 },
  // The watch's half, 58 kB and the client of its table, is loaded where there is a watch.
  doctor: { own: 113, middy: 4, zod: 28, sdk: 206, builtin: 3, other: 8, total: 360 },
  console: { own: 24, middy: 5, zod: 0, sdk: 0, builtin: 1, other: 1, total: 28 },
  // With the OpenAPI document.
  docs: { own: 22, middy: 5, zod: 0, sdk: 0, builtin: 1, other: 80, total: 106 },
  // With the client of CloudWatch Logs.
  audit: { own: 2, middy: 0, zod: 0, sdk: 174, builtin: 2, other: 1, total: 178 },
  // With two clients more of the SDK, which are loaded where a table and a worker are configured; DynamoDB's brings a
  // cache of endpoints.
  chat: { own: 136, middy: 5, zod: 28, sdk: 426, builtin: 4, other: 8, total: 604 },
  // With the clients of the ledger and of EventBridge; the latter is loaded where there is a bus.
  watch: { own: 160, middy: 4, zod: 28, sdk: 400, builtin: 4, other: 10, total: 577 },
  "chat-worker": { own: 126, middy: 4, zod: 28, sdk: 188, builtin: 3, other: 8, total: 353 },
};

/** What chat may weigh beyond the API, in kB, but for the clients of a table and a worker: 7 are what platforms answer. */
const CHAT_BEYOND_HTTP = 48;
const LEDGER_PARTS = /^(?:recall-|ledger-)/;
const CHAT_CLIENTS = /^(?:dynamodb|lambda)-client\.mjs$/;

/** A folder of its own for this run: other tests read what is in dist. */
let folder: string;
const metafiles: Record<string, Metafile> = {};
const outdir = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bundles-"));
  for (const name of Object.keys(BUDGETS)) {
    metafiles[name] = await bundle(`handlers/${name}.ts`, outdir(name));
  }
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

/** What is beyond its budget, with the modules that it consists of, the largest first. */
function excess(metafile: Metafile, budget: Record<Part | "total", number>): string[] {
  const { total, parts } = sizesOf(metafile);
  const sizes = { ...parts, total };
  return Object.entries(budget).flatMap(([part, limit]) => {
    const size = (sizes[part as Part] ?? 0) / 1000;
    if (size <= limit) return [];
    const modules = modulesOf(metafile, part === "total" ? null : (part as Part))
      .slice(0, 15)
      .map(([module, bytes]) => `  ${(bytes / 1000).toFixed(1)} kB ${module}`);
    return [`${part}: ${size.toFixed(1)} kB, budget ${limit} kB\n${modules.join("\n")}`];
  });
}

describe.each(Object.entries(BUDGETS))("the bundle of %s", (name, budget) => {
  it("keeps to its budget in every part", () => {
    expect(excess(metafiles[name] as Metafile, budget).join("\n")).toBe("");
  });

  it("imports no builtin, which it would have to read all the getters of", () => {
    const imports = Object.values((metafiles[name] as Metafile).outputs).flatMap((output) => output.imports);
    // A client that is bundled by itself is a file beside this one.
    expect(
      imports.filter(({ external, path }) => external && !/^\.\/[\w-]+-client\.mjs$/.test(path)),
    ).toEqual([]);
  });

  it("holds neither undici nor a call of the global fetch", async () => {
    const modules = modulesOf(metafiles[name] as Metafile, null).map(([module]) => module);
    expect(modules.filter((module) => module.includes("undici"))).toEqual([]);
    for (const file of await readdir(outdir(name))) {
      if (!file.endsWith(".mjs")) continue;
      expect(await readFile(join(outdir(name), file), "utf8")).not.toMatch(
        /(?<![.\w])fetch\(|globalThis\.fetch/,
      );
    }
  });

  it("reaches the SDK by a lazy import alone", () => {
    const { outputs } = metafiles[name] as Metafile;
    const start = Object.keys(outputs).find((path) => path.endsWith("/index.mjs")) as string;
    const eager = new Set([start]);
    for (const path of eager) {
      for (const { kind, path: next } of outputs[path]?.imports ?? []) {
        if (kind === "import-statement") eager.add(next);
      }
    }
    const modules = [...eager].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
    expect(modules.filter((module) => /@aws-sdk|@smithy/.test(module))).toEqual([]);
    expect(modules).toContain(`handlers/${name}.ts`);
  });
});

describe("the bundle of chat", () => {
  const weighs = async (name: string, counts: (file: string) => boolean) => {
    const files = (await readdir(outdir(name))).filter((file) => file.endsWith(".mjs") && counts(file));
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(outdir(name), file))).size));
    return sizes.reduce((sum, size) => sum + size, 0) / 1000;
  };

  it("is no heavier than the API's and a little, but for the clients of its table and its worker", async () => {
    const rest = await weighs("chat", (file) => !CHAT_CLIENTS.test(file));
    const http = await weighs("http", (file) => !LEDGER_PARTS.test(file));
    expect(rest).toBeLessThan(http + CHAT_BEYOND_HTTP);
  });

  it("has a client of Lambda in chat alone, since the worker starts nobody", async () => {
    expect(await weighs("chat", (file) => file === "lambda-client.mjs")).toBeGreaterThan(100);
    expect(await weighs("chat-worker", (file) => file === "lambda-client.mjs")).toBe(0);
  });

  it.each([
    ["neither client where neither a table nor a worker is configured", {}, []],
    [
      "each client where it is configured",
      { CHAT_WORKER_FUNCTION: "worker", CHAT_DEDUPE_TABLE: "table" },
      ["dynamodb-client.mjs", "lambda-client.mjs"],
    ],
  ])("loads %s", async (_, more, expected) => {
    const env = { WORKSPACE_SECRET_ID: "s", CHAT_SECRET_ID: "c", AWS_REGION: "us-east-1", ...more };
    const { loaded } = await runOnce(env, "chat");
    expect(loaded).toContain("index.mjs");
    expect(loaded.filter((file) => CHAT_CLIENTS.test(file)).sort()).toEqual(expected);
  });
});

it("tells which modules brought a growth", () => {
  const tight = { ...(BUDGETS["http"] as Record<Part | "total", number>), zod: 1 };
  expect(excess(metafiles["http"] as Metafile, tight)).toEqual([
    expect.stringMatching(/^zod: [\d.]+ kB, budget 1 kB\n {2}[\d.]+ kB zod\/v4\/core\/schemas\.js\n/),
  ]);
});

it("loads no chunk of the SDK when the extension is the source of secrets", async () => {
  const { status, loaded } = await runByExtension((response) => response.end(NOBODY));
  expect(status).toBe(200);
  expect(loaded).toContain("index.mjs");
  expect(loaded.filter((file) => file.startsWith("sdk-client"))).toEqual([]);
});

it("loads nothing of the ledger for a question that is none of its, whether there is one or not", async () => {
  for (const env of [{}, { LEDGER_TABLE: "ledger" }]) {
    const { status, loaded } = await runByExtension((response) => response.end(NOBODY), env);
    expect(status).toBe(200);
    expect(loaded.filter((file) => LEDGER_PARTS.test(file) || file.includes("client"))).toEqual([]);
  }
});

it("finds in a builtin that it loads lazily what it looks for there: zlib, to read what came compressed", async () => {
  const { status } = await runByExtension((response) => {
    response.setHeader("content-encoding", "gzip");
    response.end(gzipSync(NOBODY));
  });
  expect(status).toBe(200);
});

it("tells the X-Ray daemon of a call to Huawei in a sampled invocation, and loads nothing for it in another", async () => {
  const daemon = createSocket("udp4").bind(0, "127.0.0.1");
  await once(daemon, "listening");
  const heard = once(daemon, "message");
  const invocation = (isSampled: 0 | 1) =>
    runByExtension((response) => response.end(NOBODY), {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}`,
      _X_AMZN_TRACE_ID: `Root=1-67891233-${"a".repeat(24)};Parent=${"b".repeat(16)};Sampled=${isSampled}`,
    });
  try {
    const other = await invocation(0);
    expect(other.loaded.filter((file) => file.startsWith("xray-daemon"))).toEqual([]);
    expect(other.builtins).not.toContain("dgram");
    const sampled = await invocation(1);
    expect(sampled.status).toBe(200);
    expect(sampled.loaded.filter((file) => file.startsWith("xray-daemon"))).toHaveLength(1);
    const [message] = (await heard) as [Buffer];
    expect(message.toString("utf8")).toMatch(/^\{"format":"json","version":1\}\n\{"type":"subsegment"/);
  } finally {
    daemon.close();
  }
});

it("finds AsyncLocalStorage, where Lambda gives one container several requests at once", async () => {
  const store = await listen((_request, response) => response.end(JSON.stringify({ SecretString: "{}" })));
  try {
    const { status, body } = await runOnce({
      WORKSPACE_SECRET_ID: "s",
      AWS_ENDPOINT_URL_SECRETS_MANAGER: store.origin,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "MADEUP",
      AWS_SECRET_ACCESS_KEY: "made-up",
      AWS_LAMBDA_FUNCTION_NAME: "http",
      AWS_LAMBDA_MAX_CONCURRENCY: "10",
    });
    // The store's answer arrived: that it holds no keys is another matter.
    expect([status, body]).toEqual([500, expect.stringContaining("access_key is missing")]);
  } finally {
    store.close();
  }
});

it("makes Node load nothing for a cold start that a call has no use for", async () => {
  const store = await listen((_request, response) => response.end(JSON.stringify({ SecretString: "{}" })));
  try {
    const { body, builtins } = await runOnce({
      WORKSPACE_SECRET_ID: "s",
      AWS_ENDPOINT_URL_SECRETS_MANAGER: store.origin,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "MADEUP",
      AWS_SECRET_ACCESS_KEY: "made-up",
    });
    // The store's answer arrived.
    expect(body).toContain("access_key is missing");
    expect(builtins).toContain("https");
    const useless =
      /^(?:undici|perf_hooks|fs\/promises|internal\/(?:deps|crypto\/webcrypto|webstreams|readline))/;
    expect(builtins.filter((name) => useless.test(name))).toEqual([]);
  } finally {
    store.close();
  }
});

const NOBODY = '{"desktop_detach_infos":[]}';

async function listen(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** One question, with the extension for the source of secrets and an upstream that answers so. */
async function runByExtension(
  answer: (response: ServerResponse) => void,
  env: Record<string, string> = {},
): Promise<Run> {
  const upstream = await listen((_request, response) => answer(response));
  const secret = {
    access_key: "MADEUP",
    secret_key: "made-up",
    project_id: "0123456789abcdef0123456789abcdef",
    endpoint: upstream.origin,
  };
  const extension = await startExtension({ store: () => JSON.stringify(secret), token: "made-up" });
  try {
    return await runOnce({
      WORKSPACE_SECRET_ID: "s",
      SECRETS_SOURCE: "extension",
      PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(extension.port),
      AWS_SESSION_TOKEN: "made-up",
      ...env,
    });
  } finally {
    upstream.close();
    await extension.close();
  }
}

interface Run {
  status: number;
  body: string;
  /** The files that were loaded. */
  loaded: string[];
  /** The modules of Node's own that were loaded for it. */
  builtins: string[];
}

/** Puts one question to the bundle in a process of its own. */
async function runOnce(env: Record<string, string>, name = "http"): Promise<Run> {
  const program = `
    import { registerHooks } from "node:module";
    import { basename } from "node:path";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(basename(url)); return next(url, context); } });
    const already = new Set(process.moduleLoadList);
    const { handler } = await import(${JSON.stringify(join(outdir(name), "index.mjs"))});
    const path = "/v1/desktops/desktop-1/unbindings";
    const event = { version: "2.0", rawPath: path, rawQueryString: "", headers: {},
      requestContext: { http: { method: "GET", path }, stage: "$default" } };
    const { statusCode, body } = await handler(event, { awsRequestId: "request-0001" });
    const builtins = process.moduleLoadList
      .filter((module) => !already.has(module) && module.startsWith("NativeModule "))
      .map((module) => module.slice("NativeModule ".length));
    process.stderr.write(JSON.stringify({ status: statusCode, body, loaded, builtins }));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  await once(child, "close");
  return JSON.parse(told);
}
