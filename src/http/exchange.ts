import type { Context } from "aws-lambda";
import type { LookupError } from "../contract/errors.ts";
import { type CallContext, openCall, requestIdOf } from "../observe/call.ts";
import { type EventShape, readEvent } from "./event.ts";
import type { HttpRequest } from "./request.ts";

/** One request on its way to its answer: what came in, and what the log will say of it. */
export interface Exchange {
  request: HttpRequest;
  /** How the answer goes back. */
  shape: EventShape;
  /** Set when the event was no HTTP request or its body is too large: `request` then lacks what could not be read. */
  fault: LookupError | null;
  /** Monotonic milliseconds. */
  startedAt: number;
  call: CallContext;
  /** The route's pattern once it is known, such as `GET /v1/desktops/{desktop_id}/unbindings`. */
  route: string | null;
  /** Once it is known to be valid. */
  desktopId: string | null;
  /** What the answer says went wrong although its status is good, as a card in a chat does; for the log. */
  told: LookupError | null;
}

export function openExchange(
  event: unknown,
  context: Partial<Context>,
  budgetMs: number,
  now: () => number,
): Exchange {
  const { shape, request, fault } = readEvent(event);
  const { headers, gatewayRequestId } = request;
  const requestId = requestIdOf(headers["x-request-id"], context, gatewayRequestId);
  const call = openCall({ requestId, budgetMs, context, traceparent: headers["traceparent"], now });
  return { request, shape, fault, startedAt: now(), call, route: null, desktopId: null, told: null };
}
