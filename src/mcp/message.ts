import { type Fields, isFields, Refused } from "./protocol.ts";

export type Id = string | number;

/** One JSON-RPC message from a client; without an ID it is a notification. */
export interface Message {
  id: Id | undefined;
  method: string;
  params: Fields;
}

/**
 * One request or one notification: no list of them, and no response, since nothing is asked of a client.
 *
 * @param body Parsed; `undefined` when it was no JSON.
 */
export function readMessage(body: unknown): Message {
  if (body === undefined) throw new Refused(400, -32700, "Parse error: no JSON in UTF-8");
  if (!isFields(body)) throw invalid("one message at a time");
  const { jsonrpc, method, params = {} } = body;
  const id = idOf(body);
  if (jsonrpc !== "2.0") throw invalid("jsonrpc");
  if (typeof method !== "string") throw invalid("method");
  if (!isFields(params)) throw invalid("params");
  // What asks for an answer is not done without one.
  if (id === undefined && ("id" in body || !method.startsWith("notifications/"))) throw invalid("id");
  return { id, method, params };
}

/** The ID, as far as it is one. */
export function idOf(body: unknown): Id | undefined {
  const id = isFields(body) ? body["id"] : undefined;
  return typeof id === "string" || Number.isInteger(id) ? (id as Id) : undefined;
}

function invalid(what: string): Refused {
  return new Refused(400, -32600, `Invalid request: ${what}`);
}
