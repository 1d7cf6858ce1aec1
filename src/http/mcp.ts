import { asLookupError, LookupError } from "../contract/errors.ts";
import type { Fields } from "../contract/object.ts";
import { toProblem } from "../contract/problem.ts";
import { parseBatchQuery, parseQuery } from "../contract/query.ts";
import { VERSION } from "../contract/version.ts";
import type { ToolAnswer } from "../mcp/receive.ts";
import type { OpenRecall } from "../recall/ports.ts";
import type { Exchange } from "./exchange.ts";
import { readJson } from "./json-body.ts";
import { negotiate } from "./negotiate.ts";
import { answerReply, jsonReply, mcpForm, type Reply, textReply } from "./reply.ts";
import type { Route } from "./router.ts";
import { type LookupParts, lookUp } from "./routes.ts";

export interface McpParts extends LookupParts {
  /** `null` where there is no ledger. */
  openRecall: OpenRecall | null;
  /** Only pages of these origins may call: no browser shall be talked into it by another page. */
  corsOrigins: readonly string[];
  /** Whose tokens the gateway takes, where it takes tokens. */
  jwtIssuer: string | null;
}

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** The door for assistants, and what an OAuth client of it must know (RFC 9728), with and without the resource's path. */
export function createMcpRoutes(parts: McpParts): Route[] {
  const describe = (exchange: Exchange) => describeResource(parts, exchange);
  return [
    { method: "POST", path: "/mcp", answer: (exchange) => answerMessage(parts, exchange) },
    { method: "GET", path: WELL_KNOWN, answer: describe },
    { method: "GET", path: `${WELL_KNOWN}/mcp`, answer: describe },
  ];
}

type Tools = Record<string, (input: Fields) => Promise<ToolAnswer>>;

/** The guard's answers, by the tool that asks for them; those out of the ledger where there is one. */
function toolsOf(parts: McpParts, exchange: Exchange): Tools {
  const { request, call } = exchange;
  const { openRecall } = parts;
  return {
    find_unbindings: async (input) => lookUp(parts, exchange, parseQuery(input, parts.wallNow())),
    find_unbindings_of_many: async (input) =>
      parts.guard.lookupBatch(parseBatchQuery(input, parts.wallNow()), request.caller, call),
    ...(openRecall && {
      find_unbindings_of_person: async (input) =>
        (await openRecall()).person({ input, caller: request.caller, call }),
      find_holders: async (input) => {
        const found = await (await openRecall()).holders({ input, caller: request.caller, call });
        exchange.desktopId = found.desktop_id;
        return found;
      },
    }),
  };
}

async function answerMessage(parts: McpParts, exchange: Exchange): Promise<Reply> {
  const { request, call } = exchange;
  const { origin, accept } = request.headers;
  if (origin !== undefined && !parts.corsOrigins.includes(origin)) throw new LookupError("FORBIDDEN");
  negotiate(accept, ["application/json"]);
  const body = readJson(request);
  const tools = toolsOf(parts, exchange);
  // Loaded by the first message: no lookup needs it.
  const { receive } = await import("../mcp/receive.ts");
  const outcome = receive(
    { body, headers: request.headers },
    { version: VERSION, offers: (tool) => Object.hasOwn(tools, tool) },
  );
  if (outcome.tool === null) {
    if (outcome.isRefused) exchange.told = new LookupError("INVALID_REQUEST");
    return textReply(outcome.status, outcome.body);
  }
  try {
    const answer = await tools[outcome.tool]?.(outcome.input);
    if (!answer) throw new LookupError("INTERNAL");
    // A page of the ledger has its size already, and its cursor goes on where it ends: nothing may be cut from it here.
    return "complete" in answer
      ? textReply(200, outcome.good(answer))
      : answerReply(answer, mcpForm(outcome.good));
  } catch (thrown) {
    const error = asLookupError(thrown);
    exchange.told = error;
    return textReply(200, outcome.bad(toProblem(error, call.requestId)));
  }
}

function describeResource({ jwtIssuer }: McpParts, { request }: Exchange): Reply {
  if (jwtIssuer === null) throw new LookupError("NOT_FOUND");
  return jsonReply(200, {
    resource: `https://${request.headers["host"]}/mcp`,
    resource_name: "workspace-unbindings",
    authorization_servers: [jwtIssuer],
    bearer_methods_supported: ["header"],
  });
}
