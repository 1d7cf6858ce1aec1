import type { GatewayReply } from "../../src/http/finish.ts";
import { type ApiSetUp, anApi, DESKTOP } from "../support/api.ts";
import type { EventShape, WireRequest } from "../support/events.ts";

export const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** What `POST /mcp` answered with. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test says what it expects of it
  body: any;
}

export type Send = (body: unknown, headers?: Record<string, string>) => Promise<Answer>;

/** The function in a world of memory, and its door for assistants. */
export function anMcpServer(setUp: ApiSetUp = {}, shape: EventShape = "v2") {
  const api = anApi(setUp);
  const post = async (request: Partial<WireRequest>): Promise<Answer> =>
    toAnswer(await api.handle({ method: "POST", path: "/mcp", ...request }, shape));
  const send: Send = (body, headers = {}) =>
    post({
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { ...api, post, send };
}

function toAnswer({ statusCode, headers, multiValueHeaders, body }: GatewayReply): Answer {
  const single = Object.entries(multiValueHeaders ?? {}).map(([name, values]) => [name, values[0] ?? ""]);
  return {
    status: statusCode,
    headers: { ...headers, ...Object.fromEntries(single) },
    text: body,
    body: body === "" ? null : JSON.parse(body),
  };
}

/** A request of 2026-07-28 with its headers; each can be altered. */
export function modern(method: string, params: Record<string, unknown> = {}) {
  const name = typeof params["name"] === "string" ? { "mcp-name": params["name"] } : {};
  return {
    body: { jsonrpc: "2.0", id: 1, method, params: { _meta: META, ...params } },
    headers: { "mcp-protocol-version": "2026-07-28", "mcp-method": method, ...name } as Record<
      string,
      string
    >,
  };
}

/** A request of 2025-11-25 after `initialize`. */
export function legacy(method: string, params: Record<string, unknown> = {}) {
  return {
    body: { jsonrpc: "2.0", id: 1, method, params },
    headers: { "mcp-protocol-version": "2025-11-25" } as Record<string, string>,
  };
}

export const ASKED = { name: "find_unbindings", arguments: { desktop_id: DESKTOP } };
