import { composeAsked } from "../../src/compose/asked.ts";
import type { World } from "../../src/compose/service.ts";
import type { GatewayReply } from "../../src/http/finish.ts";
import { createHttpFunction } from "../../src/http/http-function.ts";
import type { UpstreamAnswer, UpstreamRequest } from "../../src/net/transport.ts";
import { asDocumented } from "./documented.ts";
import { type EventShape, toEvent, type WireRequest } from "./events.ts";

export const SECRET = {
  access_key: "HPUAEXAMPLEAK0000001",
  secret_key: "ExampleSecretKeyOfTheTests00000000000001",
  project_id: "0123456789abcdef0123456789abcdef",
  region: "cn-north-4",
};

export type Respond = (
  request: UpstreamRequest,
) => Partial<Omit<UpstreamAnswer, "body">> & { body?: unknown };

export interface Api {
  /** Asks as an HTTP API would hand it over, or in another shape. */
  ask: (request: WireRequest | string, shape?: EventShape) => Promise<GatewayReply>;
  /** The same for an answer that the OpenAPI document does not describe. */
  handle: (request: WireRequest, shape?: EventShape) => Promise<GatewayReply>;
  /** The same as an event. */
  raw: (event: unknown) => Promise<GatewayReply>;
  /** Calls that reached the upstream. */
  requests: UpstreamRequest[];
  /** Log lines, parsed. */
  lines: Record<string, unknown>[];
  pass: (ms: number) => void;
}

export interface ApiSetUp {
  env?: Record<string, string>;
  respond?: Respond;
  secret?: object;
  world?: World;
}

export const CONTEXT = {
  awsRequestId: "lambda-request-0001",
  getRemainingTimeInMillis: () => 10_000,
} as never;

/** The real http function in a world of memory: nothing is sent, and time passes when a test says so. */
export function anApi({ env, respond = () => ({ body: {} }), secret = SECRET, world }: ApiSetUp = {}): Api {
  let time = 0;
  const requests: UpstreamRequest[] = [];
  const lines: Record<string, unknown>[] = [];
  const handler = createHttpFunction(
    composeAsked(
      { WORKSPACE_SECRET_ID: "workspace", ...env },
      {
        fetchSecret: async () => JSON.stringify(secret),
        send: async (request) => {
          requests.push(request);
          const { status = 200, headers = {}, body } = respond(request);
          return {
            status,
            headers,
            body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
          };
        },
        write: (line) => lines.push(JSON.parse(line)),
        now: () => time,
        wallNow: () => Date.parse("2026-03-01T09:00:00Z") + time,
        random: () => 0.5,
        sleep: async (ms) => {
          time += ms;
        },
        ...world,
      },
    ),
  );
  const handle = async (request: WireRequest, shape: EventShape = "v2") =>
    await handler(toEvent(request, shape), CONTEXT);
  return {
    ask: async (request, shape) =>
      asDocumented(await handle(typeof request === "string" ? { path: request } : request, shape)),
    handle,
    raw: (event) => handler(event, CONTEXT),
    requests,
    lines,
    pass: (ms) => {
      time += ms;
    },
  };
}

export const DESKTOP = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";
export const UNBINDINGS = `/v1/desktops/${DESKTOP}/unbindings`;
