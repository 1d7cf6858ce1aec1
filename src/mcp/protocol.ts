/** The revision in which every request says what it is. */
export const MODERN = "2026-07-28";

/** Those in which `initialize` comes first. Earlier ones allow several messages in one request; we take one. */
export const LEGACY: readonly string[] = ["2025-11-25", "2025-06-18"];

export const SUPPORTED: readonly string[] = [MODERN, ...LEGACY];

/** What a request of the modern revision says of itself, in `params._meta`. */
export const META = {
  version: "io.modelcontextprotocol/protocolVersion",
  capabilities: "io.modelcontextprotocol/clientCapabilities",
  server: "io.modelcontextprotocol/serverInfo",
} as const;

export type Id = string | number;

/** JSON-RPC's codes, and the specification's own. */
export const CODES = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  headerMismatch: -32020,
  unsupportedVersion: -32022,
} as const;

/** A message that is refused. With status 200 it is an answer like any other, to a request that was understood. */
export interface Refusal {
  status: number;
  code: number;
  message: string;
  data?: unknown;
}

export function refusal(status: number, code: keyof typeof CODES, message: string, data?: unknown): Refusal {
  return { status, code: CODES[code], message, ...(data !== undefined && { data }) };
}

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
