import type { Context } from "aws-lambda";
import { type Deadline, startDeadline } from "../deadline.ts";
import { LookupError } from "../errors.ts";
import { type CallContext, newTrace } from "../ports.ts";
import { type HttpRequest, NO_REQUEST, readEvent } from "./event.ts";

/** One request on its way to its answer: what came in, and what the log will say of it. */
export interface Exchange {
  request: HttpRequest;
  /** Set when the event was no HTTP request: `request` is then a blank one. */
  fault: LookupError | null;
  /** Monotonic milliseconds. */
  startedAt: number;
  call: CallContext;
  /** The route's pattern once it is known, such as `GET /v1/desktops/{desktop_id}/unbindings`. */
  route: string | null;
  /** Once it is known to be valid. */
  desktopId: string | null;
}

const REQUEST_ID = /^[\w-]{8,128}$/;
// W3C Trace Context, level 1: version 00, not all zeros.
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

export function openExchange(
  event: unknown,
  context: Partial<Context>,
  budgetMs: number,
  now: () => number,
): Exchange {
  const { request, fault } = readOrBlank(event);
  const deadline: Deadline = startDeadline(budgetMs, context.getRemainingTimeInMillis?.(), now);
  const traceparent = request.headers["traceparent"];
  return {
    request,
    fault,
    startedAt: now(),
    call: {
      requestId: requestIdOf(request.headers["x-request-id"], context, request.gatewayRequestId),
      deadline,
      trace: newTrace(),
      traceparent: traceparent && TRACEPARENT.test(traceparent) ? traceparent : null,
    },
    route: null,
    desktopId: null,
  };
}

function readOrBlank(event: unknown): Pick<Exchange, "request" | "fault"> {
  const request = readEvent(event);
  if (request) return { request, fault: null };
  const errors = [{ field: "event", message: "is no HTTP event" }];
  return { request: NO_REQUEST, fault: new LookupError("INVALID_REQUEST", { errors }) };
}

/** The caller's own ID if it is one, else Lambda's, else the gateway's. */
export function requestIdOf(
  own: string | undefined,
  context: Partial<Context>,
  gatewayRequestId: string | null,
): string {
  if (own !== undefined && REQUEST_ID.test(own)) return own;
  return context.awsRequestId || gatewayRequestId || crypto.randomUUID();
}
