import type { Composed } from "../config/composed.ts";
import type { Config } from "../config/config.ts";
import { LookupError } from "../contract/errors.ts";
import { monotonicNow } from "../time/clocks.ts";
import { createHttpHandler, type HttpHandler } from "./handler.ts";
import { createLedgerRoutes } from "./ledger-routes.ts";
import { createMcpRoutes } from "./mcp.ts";
import { misconfigured } from "./readiness.ts";
import { jsonReply } from "./reply.ts";
import { createRouter } from "./router.ts";
import { createRoutes, type RouteParts } from "./routes.ts";

/** The parts of a container that the API uses. */
export interface HttpService extends Omit<RouteParts, "resultTtlMs"> {
  config: Pick<Config, "corsOrigins" | "jwtIssuer" | "requestBudgetMs" | "resultTtlMs">;
  /** Monotonic milliseconds. */
  now: () => number;
}

/** The `http` function: the API of one container. */
export function createHttpFunction({ service, faults, log }: Composed<HttpService>): HttpHandler {
  if (!service) {
    return createHttpHandler({
      name: "http",
      // Nothing can be trusted to work; only readiness says why, to whoever may ask for it.
      answer: ({ request }) => {
        if (request.paths.some((path) => path.join("/") === "ready"))
          return jsonReply(503, misconfigured(faults));
        throw new LookupError("INTERNAL");
      },
      corsOrigins: [],
      requestBudgetMs: 1000,
      log,
      now: monotonicNow,
    });
  }
  const { config } = service;
  const routes = [
    ...createRoutes({ ...service, resultTtlMs: config.resultTtlMs }),
    ...createLedgerRoutes({ ...service, resultTtlMs: config.resultTtlMs }),
    ...createMcpRoutes({ ...service, ...config }),
  ];
  return createHttpHandler({
    name: "http",
    answer: createRouter(routes, config.corsOrigins.length > 0),
    corsOrigins: config.corsOrigins,
    requestBudgetMs: config.requestBudgetMs,
    log,
    now: service.now,
  });
}
