import { type Fields, type Id, isFields, type Refusal, refusal } from "./protocol.ts";

/** One JSON-RPC message from a client; without an ID it is a notification. */
export interface Message {
  id: Id | undefined;
  method: string;
  params: Fields;
}

export type Reading = { message: Message; refused: null } | { message: null; refused: Refusal; id?: Id };

/** Which message it is: one request or one notification, never a list of them, and no response, since nothing is asked. */
export function readMessage(body: unknown): Reading {
  if (!isFields(body)) return refuse("the body must be one JSON-RPC message");
  const { jsonrpc, id, method, params = {} } = body;
  const known = isId(id) ? { id } : {};
  if (jsonrpc !== "2.0") return refuse('jsonrpc must be "2.0"', known);
  if (typeof method !== "string") return refuse("method must be text", known);
  if (!isFields(params)) return refuse("params must be an object", known);
  if (id === undefined) {
    // What asks for an answer must not be done without one.
    if (!method.startsWith("notifications/")) return refuse("a request needs an id");
    return { message: { id, method, params }, refused: null };
  }
  if (!isId(id)) return refuse("id must be text or a whole number");
  return { message: { id, method, params }, refused: null };
}

function isId(value: unknown): value is Id {
  return typeof value === "string" || Number.isInteger(value);
}

function refuse(message: string, known: { id?: Id } = {}): Reading {
  return { message: null, refused: refusal(400, "invalidRequest", message), ...known };
}
