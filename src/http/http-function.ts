import { misconfigured } from "../access/readiness.ts";
import type { Composition } from "../compose/service.ts";
import { LookupError } from "../contract/errors.ts";
import { monotonicNow } from "../time/clocks.ts";
import { createHttpHandler, type HttpHandler } from "./handler.ts";
import { jsonReply } from "./reply.ts";
import { createRouter } from "./router.ts";
import { createRoutes } from "./routes.ts";

/** The `http` function: the API of one container. */
export function createHttpFunction({ service, faults, log }: Composition): HttpHandler {
  if (!service) {
    return createHttpHandler({
      name: "http",
      // Nothing can be trusted to work; only readiness says why, to whoever may ask for it.
      answer: ({ request }) => {
        if (request.segments.join("/") === "ready") return jsonReply(503, misconfigured(faults));
        throw new LookupError("INTERNAL");
      },
      corsOrigins: [],
      requestBudgetMs: 1000,
      log,
      now: monotonicNow,
    });
  }
  const { config } = service;
  const routes = createRoutes({ ...service, resultTtlMs: config.resultTtlMs });
  return createHttpHandler({
    name: "http",
    answer: createRouter(routes, config.corsOrigins.length > 0),
    corsOrigins: config.corsOrigins,
    requestBudgetMs: config.requestBudgetMs,
    log,
    now: service.now,
  });
}
