import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as EarlierClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as EarlierTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

interface ToolResult {
  content: readonly { type: string; text?: string }[];
  structuredContent?: unknown;
  isError?: boolean;
}

export interface Connected {
  version: () => string | undefined;
  list: () => Promise<{ tools: { name: string }[] }>;
  call: (name: string, input: Record<string, unknown>) => Promise<ToolResult>;
  close: () => Promise<void>;
}

export const ABOUT = { name: "test", version: "1.0.0" };

async function connectClient(api: string, mode: "auto" | "legacy"): Promise<Connected> {
  const client = new Client(ABOUT, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${api}/mcp`)));
  return {
    version: () => client.getNegotiatedProtocolVersion(),
    list: () => client.listTools(),
    call: async (name, input) => (await client.callTool({ name, arguments: input })) as ToolResult,
    close: () => client.close(),
  };
}

async function connectEarlierClient(api: string): Promise<Connected> {
  const client = new EarlierClient(ABOUT);
  const transport = new EarlierTransport(new URL(`${api}/mcp`));
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  return {
    version: () => transport.protocolVersion,
    list: () => client.listTools(),
    call: async (name, input) => (await client.callTool({ name, arguments: input })) as ToolResult,
    close: () => client.close(),
  };
}

/** What an answer says, but for when it was said and under which IDs. */
export function lasting(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lasting);
  if (typeof value !== "object" || value === null) return value;
  const { request_id, upstream_request_id, age_seconds, ...rest } = value as Record<string, unknown>;
  return Object.fromEntries(Object.entries(rest).map(([key, each]) => [key, lasting(each)]));
}

/** Each official client, by each revision that it speaks. */
export const CLIENTS: readonly [
  name: string,
  connect: (api: string) => Promise<Connected>,
  version: string,
][] = [
  ["@modelcontextprotocol/client, by 2026-07-28", (api) => connectClient(api, "auto"), "2026-07-28"],
  ["@modelcontextprotocol/client, by 2025-11-25", (api) => connectClient(api, "legacy"), "2025-11-25"],
  ["@modelcontextprotocol/sdk, by 2025-11-25", connectEarlierClient, "2025-11-25"],
];
