import type { MiddlewareObj, Request } from "@middy/core";
import httpErrorHandler from "@middy/http-error-handler";
import { asLookupError, type LookupError } from "../contract/errors.ts";
import { type LambdaFunction, lambdaFunction } from "../observe/lambda-function.ts";
import type { Log } from "../observe/log.ts";
import { levelOf, outcomeFields } from "../observe/request-line.ts";
import { type Exchange, openExchange } from "./exchange.ts";
import { finish, type GatewayReply } from "./finish.ts";
import { HttpProblem } from "./problem-reply.ts";
import type { Reply } from "./reply.ts";

export interface HttpHandlerParts {
  /** The function's name in the log. */
  name: string;
  answer: (exchange: Exchange) => Promise<Reply> | Reply;
  corsOrigins: readonly string[];
  requestBudgetMs: number;
  log: Log;
  /** Monotonic milliseconds. */
  now: () => number;
}

export type HttpHandler = LambdaFunction<GatewayReply>;

/**
 * An HTTP function: the event becomes an exchange, which is answered, and whatever came of it is finished, logged
 * and given back in the event's own shape.
 */
export function createHttpHandler(parts: HttpHandlerParts): HttpHandler {
  const answer = (exchange: Exchange): Promise<Reply> | Reply => {
    if (exchange.fault) throw exchange.fault;
    return parts.answer(exchange);
  };

  return lambdaFunction<Exchange, GatewayReply>(
    answer,
    exchanging(parts),
    httpErrorHandler({ logger: false }) as MiddlewareObj<Exchange>,
    speakingOneVocabulary(),
  );
}

/** Outermost: opens the exchange, and closes it whatever happened in between. */
function exchanging({
  name,
  log,
  corsOrigins,
  requestBudgetMs,
  now,
}: HttpHandlerParts): MiddlewareObj<Exchange> {
  function close(request: Request<Exchange>, reply: Reply, error: LookupError | null): void {
    const exchange = request.event;
    const { method, headers } = exchange.request;
    const finished = finish(reply, {
      shape: exchange.shape,
      method,
      requestId: exchange.call.requestId,
      origin: headers["origin"],
      corsOrigins,
    });
    request.response = finished;
    logExchange(log, name, exchange, finished.statusCode, error, now());
  }

  return {
    before(request: Request<Exchange>) {
      request.event = openExchange(request.event, request.context, requestBudgetMs, now);
    },
    after(request: Request<Exchange>) {
      const { told, call } = request.event;
      close(request, request.response as Reply, told ?? call.trace.worst);
    },
    onError(request: Request<Exchange>) {
      // By now the error handler has made an answer of the error; its header names are in mixed case.
      const {
        statusCode,
        headers,
        body = "",
      } = request.response as Partial<GatewayReply> & { statusCode: number };
      const lowerCased = Object.entries(headers ?? {}).map(([key, value]) => [key.toLowerCase(), value]);
      const reply = { status: statusCode, headers: Object.fromEntries(lowerCased), body };
      close(request, reply, asLookupError((request.error as HttpProblem).cause));
    },
  };
}

/** Innermost: whatever was thrown leaves as one of our problems, so that nothing foreign is ever shown. */
function speakingOneVocabulary(): MiddlewareObj<Exchange> {
  return {
    onError(request: Request<Exchange>) {
      const exchange = request.event;
      request.error = new HttpProblem(asLookupError(request.error), exchange.call.requestId);
    },
  };
}

function logExchange(
  log: Log,
  name: string,
  exchange: Exchange,
  status: number,
  error: LookupError | null,
  now: number,
): void {
  const { route, request, desktopId, call, startedAt } = exchange;
  log.request(
    levelOf(error?.status ?? status, error),
    { function: name, route, method: request.method, status, desktop_id: desktopId },
    outcomeFields(call, error, now - startedAt),
  );
}
