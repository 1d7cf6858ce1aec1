import { LookupError } from "../errors.ts";
import type { Lookup } from "../lookup.ts";
import { parseQuery, type Query } from "../query.ts";
import type { Readiness } from "../readiness.ts";
import { VERSION } from "../version.ts";
import type { HttpRequest } from "./event.ts";
import type { Exchange } from "./exchange.ts";
import { negotiate } from "./negotiate.ts";
import { jsonReply, type Reply, resultReply } from "./reply.ts";
import type { Route } from "./router.ts";

export interface RouteParts {
  lookup: Lookup;
  checkReadiness: Readiness;
  resultTtlMs: number;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
}

export function createRoutes(parts: RouteParts): Route[] {
  return [
    {
      method: "GET",
      path: "/v1/desktops/{desktop_id}/unbindings",
      answer: (exchange, { desktop_id }) => answerLookup(parts, exchange, desktop_id as string),
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

async function answerLookup(parts: RouteParts, exchange: Exchange, desktopId: string): Promise<Reply> {
  const { request, call } = exchange;
  const mediaType = negotiate(request.headers["accept"]);
  const query = readQuery(request, desktopId, parts.wallNow());
  exchange.desktopId = query.desktopId;
  const result = await parts.lookup(query, call);
  return resultReply(result, mediaType, request.headers["if-none-match"], parts.resultTtlMs / 1000);
}

/** The question in a request; all its faults at once, a parameter given twice among them. */
function readQuery(request: HttpRequest, desktopId: string, now: number): Query {
  const input: Record<string, unknown> = Object.assign(Object.create(null), { desktop_id: desktopId });
  const repeated = new Set<string>();
  for (const [name, value] of request.query) {
    // The desktop is named by the path alone: the same name in the query is an unknown parameter.
    const field = name === "desktop_id" ? "?desktop_id" : name;
    if (field in input) repeated.add(field);
    input[field] = value;
  }
  if (repeated.size === 0) return parseQuery(input, now);
  const errors = [...repeated].map((field) => ({ field, message: "is given more than once" }));
  try {
    parseQuery(input, now);
  } catch (error) {
    if (error instanceof LookupError) errors.push(...(error.errors ?? []));
  }
  throw new LookupError("INVALID_REQUEST", { errors });
}
