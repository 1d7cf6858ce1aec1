import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { sign } from "../src/workspace/sign.ts";
import { makeAuthority, makeCertificate } from "../test/faults/support/certificate.ts";
import { bundle } from "../tools/bundle.ts";
import { sizesOf } from "../tools/sizes.ts";
import { batchEvent, eventFor } from "./events.ts";
import { figuresOf, interleave } from "./figures.ts";
import { type ColdStart, startCold } from "./lambda/container.ts";
import { lambdaEnvironment } from "./lambda/environment.ts";
import { type Cost, startWarm, type WarmContainer } from "./lambda/warm.ts";
import { describe, type Measured } from "./report.ts";
import { desktopId, PROJECT_ID, SESSION_TOKEN, type Servers, startServers, worstId } from "./servers.ts";
import { WORST_ANSWERS } from "./worst.ts";

/** `npm run bench`: everything that the table in `bench/results.md` says, in one interleaved run. */

const COLD_ROUNDS = 19;
const WARM_ROUNDS = 21;
const WARM_CALLS = 400;
/**
 * For V8's compilers: a container that stays serves thousands of calls. They are through with the floor after 4,000, with ours
 * after some 12,000, and up to then they take more CPU time than the calls themselves.
 */
const COMPILING_ROUNDS = 32;
/** With many rows the loops over them are compiled at once. */
const RECORD_COMPILING_ROUNDS = 6;
const RECORD_ROUNDS = 9;
const BATCH_ROUNDS = 15;
/** Of V8, in MB: what an answer may take, whatever it is. */
const WORST_HEAP_MB = 200;

const ENTRIES = {
  null: "bench/variants/null.ts",
  floor: "bench/variants/floor.ts",
  "floor + secret": "bench/variants/floor-secret.ts",
  plain: "bench/variants/plain.ts",
  ours: "handlers/http.ts",
  peer: "bench/variants/peer.mjs",
  "peer, lean": "bench/variants/peer.mjs",
} as const;

/** Bundled without `tools/lean-sdk.ts`, which is our work and no setting. */
const AS_THEY_COME: ReadonlySet<string> = new Set(["plain", "peer"]);

const COLD = [
  "null",
  "floor",
  "floor + secret",
  "plain",
  "ours",
  "ours, extension",
  "peer",
  "peer, lean",
] as const;
type ColdVariant = (typeof COLD)[number];
const WARM = ["floor", "plain", "ours, miss", "ours, hit", "peer"] as const;
type WarmVariant = (typeof WARM)[number];
const RECORDS = [1, 100, 1000, 10_000] as const;
const BATCHES = [
  { desktops: 10, delayMs: 20 },
  { desktops: 100, delayMs: 20 },
] as const;

type BundleName = keyof typeof ENTRIES;

const bundleOf = (variant: ColdVariant | WarmVariant): BundleName =>
  variant.startsWith("ours") ? "ours" : (variant as BundleName);
const folderOf = (name: BundleName) => resolve("bench/dist", name.replaceAll(/\W+/g, "-"));
const moduleOf = (name: BundleName) => join(folderOf(name), "index.mjs");

function environment(servers: Servers, caFile: string): Record<string, string> {
  const { host } = new URL(servers.upstream);
  const { headers } = sign({
    method: "GET",
    host,
    path: "/signed/in/advance",
    headers: { "x-project-id": PROJECT_ID },
    accessKey: "MADEUPACCESSKEY",
    secretKey: "made-up",
    now: Date.now(),
  });
  return {
    ...lambdaEnvironment(SESSION_TOKEN),
    NODE_EXTRA_CA_CERTS: caFile,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: servers.secretsManager,
    PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(servers.extensionPort),
    WORKSPACE_SECRET_ID: "bench",
    STAGE: "bench",
    WORKSPACE_ENDPOINT: servers.upstream,
    BENCH_PROJECT_ID: PROJECT_ID,
    BENCH_SIGNED_HEADERS: JSON.stringify(headers),
  };
}

const extension = { SECRETS_SOURCE: "extension" };

async function measureCold(servers: Servers, env: Record<string, string>) {
  let number = 0;
  return await interleave(COLD_ROUNDS, COLD, async (variant): Promise<ColdStart> => {
    servers.setExtensionReady(false);
    return await startCold({
      taskRoot: folderOf(bundleOf(variant)),
      env: { ...env, ...(variant === "ours, extension" && extension) },
      event: eventFor(desktopId(3, 0, number++)),
      onFirstInvocation: () => servers.setExtensionReady(true),
    });
  });
}

/** Starts one container per variant, measures in them, and stops them whatever happens. */
async function withContainers<V extends WarmVariant, R>(
  variants: readonly V[],
  env: Record<string, string>,
  work: (containers: Record<V, WarmContainer>) => Promise<R>,
): Promise<R> {
  const containers = {} as Record<V, WarmContainer>;
  try {
    for (const variant of variants) {
      containers[variant] = await startWarm(moduleOf(bundleOf(variant)), env);
    }
    return await work(containers);
  } finally {
    for (const container of Object.values<WarmContainer>(containers)) container.stop();
  }
}

/** Desktops that nobody asked for yet: every one is a miss. */
let asked = 0;
const newDesktops = (count: number, rows: number) =>
  Array.from({ length: count }, () => eventFor(desktopId(rows, 0, asked++), 1000));

async function measureWarm(env: Record<string, string>) {
  return await withContainers(WARM, env, async (containers) => {
    const known = eventFor(desktopId(3, 0, asked++), 1000);
    const eventsOf = (variant: WarmVariant) =>
      variant === "ours, hit" ? Array.from({ length: WARM_CALLS }, () => known) : newDesktops(WARM_CALLS, 3);
    const runOnce = (variant: WarmVariant) => containers[variant].run(eventsOf(variant));
    await interleave(COMPILING_ROUNDS, WARM, runOnce);
    return await interleave(WARM_ROUNDS, WARM, runOnce);
  });
}

async function measureRecords(env: Record<string, string>, rows: number) {
  const calls = Math.min(60, 40_000 / rows);
  const variants = ["floor", "plain", "ours, miss", "peer"] as const;
  return await withContainers(variants, env, async (containers) => {
    const runOnce = (variant: (typeof variants)[number]) => containers[variant].run(newDesktops(calls, rows));
    await interleave(RECORD_COMPILING_ROUNDS, variants, runOnce);
    return await interleave(RECORD_ROUNDS, variants, runOnce);
  });
}

async function measureBatches(env: Record<string, string>) {
  return await withContainers(["ours, miss"], env, async (containers) => {
    const results: Measured["batches"] = [];
    for (const { desktops, delayMs } of BATCHES) {
      const runOnce = (): Promise<Cost> => {
        const ids = Array.from({ length: desktops }, () => desktopId(3, delayMs, asked++));
        return containers["ours, miss"].run([batchEvent(ids)]);
      };
      await runOnce();
      const { batch } = await interleave(BATCH_ROUNDS, ["batch"], runOnce);
      results.push({ desktops, delayMs, wallMs: figuresOf(batch.map(({ wallMs }) => wallMs)) });
    }
    return results;
  });
}

/** Each in a container of its own that has answered a plain question before, with no more heap than it may take. */
async function measureWorst(env: Record<string, string>) {
  const results: Measured["worst"] = [];
  for (const [place, name] of Object.keys(WORST_ANSWERS).entries()) {
    const flags = [`--max-old-space-size=${WORST_HEAP_MB}`];
    const container = await startWarm(moduleOf("ours"), env, { flags, mayFail: true });
    try {
      await container.run(newDesktops(1, 3));
      const { cpuUs, peakKb } = await container.run([eventFor(worstId(place), 1000)]);
      results.push({ name, cpuSeconds: cpuUs / 1e6, peakMb: peakKb / 1000 });
    } finally {
      container.stop();
    }
  }
  return results;
}

const startedAt = performance.now();
const [load = 0] = loadavg();
const say = (text: string) => void process.stderr.write(`${text}\n`);
const folder = await mkdtemp(join(tmpdir(), "bench-"));
const authority = makeAuthority();
const caFile = join(folder, "ca.pem");
await writeFile(caFile, authority.cert);
const servers = await startServers(makeCertificate({ hosts: ["localhost"], issuer: authority }));
try {
  const env = environment(servers, caFile);
  say("Bundling …");
  const sizes: Measured["sizes"] = [];
  for (const [name, entry] of Object.entries(ENTRIES)) {
    const metafile = await bundle(entry, folderOf(name as BundleName), !AS_THEY_COME.has(name));
    sizes.push({ name, ...sizesOf(metafile) });
  }
  say(`Cold starts, ${COLD_ROUNDS} rounds …`);
  const cold = await measureCold(servers, env);
  say(`Warm calls, ${WARM_ROUNDS} rounds …`);
  const warm = await measureWarm(env);
  say(`Records, ${RECORD_ROUNDS} rounds …`);
  const records: Measured["records"] = [];
  for (const rows of RECORDS) records.push({ rows, costs: await measureRecords(env, rows) });
  say("The worst answers …");
  const worst = await measureWorst(env);
  say(`Batches, ${BATCH_ROUNDS} rounds …`);
  const batches = await measureBatches(env);
  const text = describe({ cold, warm, records, worst, batches, sizes, load });
  await writeFile("bench/results.md", text);
  process.stdout.write(text);
  say(`\nWritten to bench/results.md after ${Math.round((performance.now() - startedAt) / 1000)} s.`);
} finally {
  await servers.close();
  await rm(folder, { recursive: true });
}
