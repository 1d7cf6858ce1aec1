import type { Guard } from "../access/guard.ts";
import type { Result } from "../contract/answers.ts";
import { LookupError } from "../contract/errors.ts";
import { type BatchQuery, parseBatchQuery, parseQuery, type Query } from "../contract/query.ts";
import { VERSION } from "../contract/version.ts";
import type { Exchange } from "./exchange.ts";
import { readJsonObject } from "./json-body.ts";
import { answerPerson, isByPerson, type LedgerParts } from "./ledger-routes.ts";
import { negotiate } from "./negotiate.ts";
import { readInput } from "./read-input.ts";
import type { Readiness } from "./readiness.ts";
import { batchReply, jsonReply, type Reply, resultReply } from "./reply.ts";
import type { HttpRequest } from "./request.ts";
import type { Route } from "./router.ts";

export interface LookupParts {
  guard: Guard;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
}

export interface RouteParts extends LookupParts, LedgerParts {
  checkReadiness: Readiness;
  resultTtlMs: number;
}

export function createRoutes(parts: RouteParts): Route[] {
  return [
    {
      method: "GET",
      path: "/v1/desktops/{desktop_id}/unbindings",
      answer: (exchange, parameters) => answerLookup(parts, exchange, parameters),
    },
    {
      method: "GET",
      path: "/v1/unbindings",
      answer: (exchange) =>
        isByPerson(exchange.request)
          ? answerPerson(parts, exchange)
          : answerLookup(parts, exchange, NAME_WANTED),
    },
    {
      method: "POST",
      path: "/v1/unbindings/query",
      answer: (exchange) => answerBatch(parts, exchange),
    },
    {
      method: "GET",
      path: "/v1/profiles",
      answer: (exchange) => answerProfiles(parts, exchange),
    },
    { method: "GET", path: "/health", answer: () => jsonReply(200, { status: "ok", version: VERSION }) },
    {
      method: "GET",
      path: "/ready",
      answer: async ({ call }) => {
        const report = await parts.checkReadiness(call);
        return jsonReply(report.status === "ready" ? 200 : 503, report);
      },
    },
  ];
}

/** Where the path names no desktop, the query must: by name. */
const NAME_WANTED = { desktop_name: undefined };

async function answerLookup(
  parts: RouteParts,
  exchange: Exchange,
  parameters: Readonly<Record<string, string | undefined>>,
): Promise<Reply> {
  const { headers } = exchange.request;
  const mediaType = negotiate(headers["accept"]);
  const result = await lookUp(parts, exchange, readQuery(exchange.request, parameters, parts.wallNow()));
  return resultReply(result, mediaType, headers["if-none-match"], parts.resultTtlMs / 1000);
}

/** Asks, and notes for the log which desktop it was about. */
export function lookUp({ guard }: LookupParts, exchange: Exchange, query: Query): Promise<Result> {
  if ("id" in query.desktop) exchange.desktopId = query.desktop.id;
  return guard.lookup(query, exchange.request.caller, exchange.call).then((result) => {
    exchange.desktopId = result.desktop_id;
    return result;
  });
}

async function answerBatch(parts: RouteParts, { request, call }: Exchange): Promise<Reply> {
  const mediaType = negotiate(request.headers["accept"]);
  const query = readBatchQuery(request, parts.wallNow());
  return batchReply(await parts.guard.lookupBatch(query, request.caller, call), mediaType);
}

/** It takes no parameter, and says so of each that is given. */
async function answerProfiles({ guard }: RouteParts, { request, call }: Exchange): Promise<Reply> {
  const names = [...new Set(request.query.map(([name]) => name))];
  const errors = names.map((field) => ({ field, message: "is not a known parameter" }));
  if (errors.length > 0) throw new LookupError("INVALID_REQUEST", { errors });
  return jsonReply(200, await guard.listProfiles(request.caller, call));
}

/** The body asks; what stands in the URL as well would be overlooked, so it is a fault. */
function readBatchQuery(request: HttpRequest, now: number): BatchQuery {
  const body = readJsonObject(request);
  const names = [...new Set(request.query.map(([name]) => name))];
  const faults = names.map((field) => ({ field, message: "belongs into the body" }));
  return parseBatchQuery(body, now, faults);
}

/** The question in a request; all its faults at once. */
function readQuery(
  request: HttpRequest,
  parameters: Readonly<Record<string, string | undefined>>,
  now: number,
): Query {
  const { input, faults } = readInput(request, parameters);
  return parseQuery(input, now, faults);
}
