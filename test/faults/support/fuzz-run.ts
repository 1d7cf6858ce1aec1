import type { Context } from "aws-lambda";
import { compose } from "../../../src/compose/service.ts";
import { ERROR_CODES } from "../../../src/contract/errors.ts";
import { createHttpFunction } from "../../../src/http/http-function.ts";
import { decode } from "../../../src/net/body.ts";
import { createTransport, type Transport } from "../../../src/net/transport.ts";
import { monotonicNow } from "../../../src/time/clocks.ts";
import { type BrokenAnswer, brokenAnswer, truthOf } from "./broken-answers.ts";
import { leaksIn } from "./canaries.ts";
import { SECRET } from "./secrets.ts";
import { answer, serveUpstream } from "./upstream.ts";

export interface FuzzOptions {
  seed: number;
  count: number;
  /** One in so many goes over a real socket; the others stop short of it. */
  socketEvery: number;
  /** No further answer is tried after that. */
  maxMs: number;
}

export interface FuzzReport {
  tried: number;
  overSockets: number;
  /** Attempts that were answered: more than were tried, by the retries. */
  attempts: number;
  /** Lists that were answered, and how many of them were empty because the upstream said so. */
  lists: number;
  empty: number;
  byCode: Record<string, number>;
  /** What must not be; each with the seed that brings it back. */
  findings: string[];
}

/** Longer than any pause, lock or life in a cache: each answer meets a service that has forgotten the last one. */
const FORGETTING_MS = 2 * 3_600_000;
const DESKTOP = {
  version: "2.0",
  rawPath: "/v1/desktops/d1/unbindings",
  requestContext: { http: { method: "GET" } },
};

/**
 * Asks again and again, each time with another broken answer. What is answered must be a list of as many rows as
 * the upstream truly sent, or an error of the vocabulary that is not INTERNAL; and nothing secret may show.
 */
export async function fuzz({ seed, count, socketEvery, maxMs }: FuzzOptions): Promise<FuzzReport> {
  const report: FuzzReport = {
    tried: 0,
    overSockets: 0,
    attempts: 0,
    lists: 0,
    empty: 0,
    byCode: {},
    findings: [],
  };
  const onRejection = (reason: unknown) => report.findings.push(`unhandled rejection: ${String(reason)}`);
  process.on("unhandledRejection", onRejection);

  let current: BrokenAnswer = brokenAnswer(seed);
  let skipped = 0;
  const lines: string[] = [];
  const upstream = await serveUpstream((socket, heard) => {
    report.attempts += 1;
    answer(current.status, current.bytes, { connection: "close", ...current.headers })(socket, heard);
    socket.end();
  });
  const inMemory: Transport = async () => {
    report.attempts += 1;
    const { status, headers, bytes } = current;
    return { status, headers, body: decode(bytes, headers["content-encoding"]) };
  };
  const now = () => monotonicNow() + skipped;
  const serviceOver = (send: Transport) =>
    createHttpFunction(
      compose(
        { WORKSPACE_SECRET_ID: "fuzz", WORKSPACE_ENDPOINT: upstream.origin, LOG_LEVEL: "debug" },
        {
          fetchSecret: async () => JSON.stringify(SECRET),
          send,
          write: (line) => void lines.push(line),
          now,
          sleep: async () => undefined,
        },
      ),
    );
  const [overMemory, overSockets] = [serviceOver(inMemory), serviceOver(createTransport({ now }))];

  const startedAt = monotonicNow();
  for (let index = 0; index < count && monotonicNow() - startedAt < maxMs; index++) {
    const caseSeed = seed + index;
    const isOverSocket = index % socketEvery === 0;
    current = brokenAnswer(caseSeed);
    skipped += FORGETTING_MS;
    const reply = await (isOverSocket ? overSockets : overMemory)(DESKTOP, {} as Context);
    report.tried += 1;
    if (isOverSocket) report.overSockets += 1;
    const faults = [
      ...tally(report, reply.statusCode, reply.body, truthOf(current)),
      ...leaksIn(lines.splice(0), [JSON.stringify(reply)]),
    ];
    for (const fault of faults) report.findings.push(`seed ${caseSeed}: ${fault}`);
  }
  process.off("unhandledRejection", onRejection);
  return report;
}

/** Counts the answer, and says what is wrong with it. */
function tally(report: FuzzReport, status: number, text: string, truth: number | null): string[] {
  const body = JSON.parse(text) as { code?: string; total?: number };
  const code = status === 200 ? "success" : (body.code ?? "none");
  report.byCode[code] = (report.byCode[code] ?? 0) + 1;
  if (status !== 200) {
    return code in ERROR_CODES && code !== "INTERNAL" ? [] : [`answered with ${status} ${code}`];
  }
  report.lists += 1;
  if (body.total === 0) report.empty += 1;
  return body.total === truth ? [] : [`a list of ${body.total}, where the upstream sent ${truth ?? "none"}`];
}
