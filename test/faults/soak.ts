import { parseArgs } from "node:util";
import type { Context } from "aws-lambda";
import { compose } from "../../src/compose/service.ts";
import { createHttpFunction } from "../../src/http/http-function.ts";
import { monotonicNow } from "../../src/time/clocks.ts";
import { takeOpened } from "./support/opened.ts";
import { type Chance, chanceOf } from "./support/random.ts";
import { SECRET } from "./support/secrets.ts";
import { giveSecret, serveStore } from "./support/store.ts";
import { answer, type Reaction, raw, reset, serveUpstream } from "./support/upstream.ts";

/**
 * `npm run soak`: one container under steady load for ten minutes, two faults in a hundred answers, all of it on
 * loopback. Heap and handles must not grow. `-- --minutes M`.
 */
const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" } } });
const DURATION_MS = Number(values.minutes) * 60_000;
const CONCURRENCY = 5;
/** More than the cache holds, so that it is full early and stays so. */
const DESKTOPS = 3000;
const FAULT_PERCENT = 2;
/** Between two calls of a worker: the load is to last, not to take the machine. */
const REST_MS = 10;
/** The first tenth fills caches and compiles code; growth is measured from there. */
const WARM_UP = 0.1;
const MAX_HEAP_GROWTH_MB = 8;
const MAX_HANDLE_GROWTH = 4;

const ROWS = {
  desktop_detach_infos: [{ desktop_id: "d1", user_name: "alice", detach_time: "2026-02-10T08:15:30.000Z" }],
};
const FAULTS: readonly Reaction[] = [
  reset,
  raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"),
  raw("no HTTP\r\n\r\n"),
  answer(200, "<html>"),
  answer(404, {}),
  answer(500, {}),
  answer(503, "", { "retry-after": "1" }),
  answer(401, { error_code: "APIGW.0301" }),
];

interface Figures {
  heapMb: number;
  handles: number;
}

function measure(): Figures {
  globalThis.gc?.();
  const handles = process.getActiveResourcesInfo().filter((name) => name !== "Timeout").length;
  return { heapMb: Math.round(process.memoryUsage().heapUsed / 10_000) / 100, handles };
}

const chance: Chance = chanceOf(20_261_124);
const good = answer(200, ROWS);
const upstream = await serveUpstream((socket, heard) => {
  (chance.percent(FAULT_PERCENT) ? chance.pick(FAULTS) : good)(socket, heard);
  // Requests that were heard are of no interest here, and would be the growth that is looked for.
  upstream.heard.length = 0;
});
const store = await serveStore(giveSecret(SECRET));
Object.assign(process.env, {
  AWS_ENDPOINT_URL_SECRETS_MANAGER: store.origin,
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "made-up",
  AWS_SECRET_ACCESS_KEY: "made-up",
});
let lines = 0;
const handler = createHttpFunction(
  compose(
    {
      WORKSPACE_SECRET_ID: "soak",
      WORKSPACE_ENDPOINT: upstream.origin,
      RESULT_TTL_SECONDS: "5",
      SECRET_TTL_SECONDS: "2",
    },
    {
      write: () => {
        lines += 1;
      },
    },
  ),
);

const byStatus: Record<number, number> = {};
async function ask(): Promise<void> {
  const event = {
    version: "2.0",
    rawPath: `/v1/desktops/d${chance.below(DESKTOPS)}/unbindings`,
    requestContext: { http: { method: "GET" } },
  };
  const { statusCode } = await handler(event, {} as Context);
  byStatus[statusCode] = (byStatus[statusCode] ?? 0) + 1;
}

const startedAt = monotonicNow();
const elapsed = () => monotonicNow() - startedAt;
const rest = () => new Promise((resolve) => setTimeout(resolve, REST_MS));

async function workUntil(ms: number): Promise<void> {
  const worker = async () => {
    while (elapsed() < ms) {
      await ask();
      await rest();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

await workUntil(DURATION_MS * WARM_UP);
const before = measure();
await workUntil(DURATION_MS);
const end = measure();
const calls = Object.values(byStatus).reduce((sum, count) => sum + count, 0);
process.stdout.write(
  [
    `${calls} calls in ${(elapsed() / 60_000).toFixed(1)} minutes, ${FAULT_PERCENT} % faults, ${store.calls()} looks into the store, ${lines} log lines`,
    `  answers by status: ${JSON.stringify(byStatus)}`,
    `  heap: ${before.heapMb} MB after the warm-up, ${end.heapMb} MB at the end`,
    `  handles: ${before.handles} after the warm-up, ${end.handles} at the end`,
    "",
  ].join("\n"),
);
await Promise.all(takeOpened().map(({ close }) => close()));
const grew =
  end.heapMb - before.heapMb > MAX_HEAP_GROWTH_MB || end.handles - before.handles > MAX_HANDLE_GROWTH;
process.exitCode = grew ? 1 : 0;
