import type { Context } from "aws-lambda";
import { LookupError } from "../contract/errors.ts";
import { type CallContext, newTrace, requestIdOf } from "../observe/call.ts";
import { type Deadline, startDeadline } from "../time/deadline.ts";
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
  /** What the answer says went wrong although its status is good, as a card in a chat does; for the log. */
  told: LookupError | null;
}

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
    told: null,
  };
}

function readOrBlank(event: unknown): Pick<Exchange, "request" | "fault"> {
  const request = readEvent(event);
  if (request) return { request, fault: null };
  const errors = [{ field: "event", message: "is no HTTP event" }];
  return { request: NO_REQUEST, fault: new LookupError("INVALID_REQUEST", { errors }) };
}
