import type { Context } from "aws-lambda";
import { expect, vi } from "vitest";
import { compose, type World } from "../../../src/compose/service.ts";
import type { Environment } from "../../../src/config/environment.ts";
import type { HttpHandler } from "../../../src/http/handler.ts";
import { createHttpFunction } from "../../../src/http/http-function.ts";
import { createTransport, type TransportOptions } from "../../../src/net/transport.ts";
import { monotonicNow, wallNow } from "../../../src/time/clocks.ts";
import { asDocumented } from "../../support/documented.ts";
import { CANARY } from "./canaries.ts";
import { produced } from "./left-behind.ts";
import { SECRET } from "./secrets.ts";
import { giveSecret, type Store, type StoreReaction, serveStore } from "./store.ts";
import { type Reaction, serveUpstream, type Upstream, type UpstreamOptions } from "./upstream.ts";

/** Slices of a fifth of the real length, for faults that are about running out of them. */
export const SHORT_SLICES = { connectMs: 200, headersMs: 400, totalMs: 500 };

export interface Setting extends UpstreamOptions {
  upstream: Reaction | readonly Reaction[] | Upstream;
  store?: StoreReaction;
  env?: Record<string, string>;
  transport?: Partial<TransportOptions>;
  world?: World;
  /** In place of the upstream's own. */
  endpoint?: string;
  /** In place of the `http` function. */
  entry?: (env: Environment, world: World) => HttpHandler;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
  body: {
    code?: string;
    retry_after_seconds?: number;
    unbindings?: { user_name: string }[];
    [key: string]: unknown;
  };
}

export interface Question {
  desktop?: string;
  path?: string;
  query?: string;
  method?: string;
  body?: string | null;
  isBase64Encoded?: boolean;
  headers?: Record<string, string>;
  remainingMs?: number;
}

export interface Service {
  ask: (question?: Question) => Promise<Answer>;
  /** Hands an event over as it is. */
  invoke: (event: unknown, remainingMs?: number) => Promise<Answer>;
  upstream: Upstream;
  store: Store;
  /** The log, line by line. */
  log: Record<string, unknown>[];
  /** The waits that were asked for, in milliseconds; none of them took any time. */
  waits: number[];
  /** Lets time pass on the clock that waits and ages go by. */
  pass: (ms: number) => void;
}

/** A good answer of one row. */
export const ROWS = {
  desktop_detach_infos: [
    {
      desktop_id: "d1",
      desktop_name: "WIN-ALICE",
      user_id: "u1",
      user_name: CANARY.userName,
      user_group: "users",
      type: "USER",
      detach_time: "2026-02-10T08:15:30.000Z",
    },
  ],
};

/**
 * The `http` function as it is composed for Lambda, with the real transport, the real AWS SDK, and servers on
 * loopback. Time goes by as it does, except that a wait takes none: the clock is put forward instead.
 */
export async function setUp(setting: Setting): Promise<Service> {
  const { env = {}, transport = {}, world = {}, tls, deaf } = setting;
  const upstream =
    "heard" in setting.upstream
      ? setting.upstream
      : await serveUpstream(setting.upstream, { ...(tls && { tls }), ...(deaf && { deaf }) });
  const store = await serveStore(setting.store ?? giveSecret(SECRET));
  const awsEnv = {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: store.origin,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIACANARY",
    AWS_SECRET_ACCESS_KEY: CANARY.awsSecretKey,
    AWS_SESSION_TOKEN: CANARY.awsSessionToken,
  };
  for (const [name, value] of Object.entries(awsEnv)) vi.stubEnv(name, value);

  const log: Record<string, unknown>[] = [];
  const waits: number[] = [];
  let skipped = 0;
  const now = () => monotonicNow() + skipped;
  const { entry = (...given) => createHttpFunction(compose(...given)) } = setting;
  const handler = entry(
    {
      WORKSPACE_SECRET_ID: "workspace/test",
      WORKSPACE_ENDPOINT: setting.endpoint ?? upstream.origin,
      LOG_LEVEL: "debug",
      ...env,
    },
    {
      send: createTransport({ now, ...transport }),
      write: (line) => {
        produced.line(line);
        log.push(JSON.parse(line));
      },
      now,
      wallNow: () => wallNow() + skipped,
      random: () => 0.5,
      sleep: async (ms) => {
        waits.push(ms);
        skipped += ms;
      },
      ...world,
    },
  );

  async function ask(question: Question = {}): Promise<Answer> {
    const { desktop = "d1", query = "", method = "GET", body = null, remainingMs = 10_000 } = question;
    const event = {
      version: "2.0",
      rawPath: question.path ?? `/v1/desktops/${desktop}/unbindings`,
      rawQueryString: query,
      headers: {
        authorization: `Bearer ${CANARY.callerAuthorization}`,
        cookie: `session=${CANARY.callerCookie}`,
        ...question.headers,
      },
      cookies: [`session=${CANARY.callerCookie}`],
      requestContext: { http: { method }, requestId: "gateway-0001", stage: "$default" },
      body,
      isBase64Encoded: question.isBase64Encoded ?? false,
    };
    return await invoke(event, remainingMs);
  }

  async function invoke(event: unknown, remainingMs = 10_000): Promise<Answer> {
    const endsAt = monotonicNow() + remainingMs;
    const context = {
      awsRequestId: "lambda-0001",
      getRemainingTimeInMillis: () => endsAt - monotonicNow(),
    } as Context;
    const given = await handler(event, context);
    // The documented shapes are the API's.
    const reply = setting.entry ? given : asDocumented(given);
    produced.answer(JSON.stringify(reply));
    return {
      status: reply.statusCode,
      headers: reply.headers ?? {},
      text: reply.body,
      body: reply.headers?.["content-type"]?.includes("json") ? JSON.parse(reply.body) : {},
    };
  }

  return {
    ask,
    invoke,
    upstream,
    store,
    log,
    waits,
    pass: (ms) => {
      skipped += ms;
    },
  };
}

/** Holds an answer to be the good one. */
export function expectSuccess(answer: Answer): void {
  expect(answer.text).toContain(CANARY.userName);
  expect(answer.status).toBe(200);
}

/** One question, its answer's code and the attempts that it took. */
export async function outcomeOf(setting: Setting): Promise<{ code: string; attempts: number }> {
  const service = await setUp(setting);
  const { body } = await service.ask();
  return { code: body.code ?? "success", attempts: service.upstream.heard.length };
}
