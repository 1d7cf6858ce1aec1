import { LookupError } from "../contract/errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Reply } from "./reply.ts";

export interface Route {
  /** Segments; `{name}` stands for one segment of any text. */
  path: string;
  /** `HEAD` is answered wherever `GET` is. */
  method: "GET" | "POST";
  answer: (exchange: Exchange, parameters: Readonly<Record<string, string>>) => Promise<Reply> | Reply;
}

export class MethodNotAllowed extends LookupError {
  /** For the Allow header. */
  readonly allow: string;

  constructor(allow: string) {
    super("METHOD_NOT_ALLOWED");
    this.allow = allow;
  }
}

interface Match {
  route: Route;
  parameters: Record<string, string>;
}

/**
 * Finds the route and lets it answer.
 *
 * @throws LookupError NOT_FOUND, or MethodNotAllowed when the path is there but the method is not.
 */
export function createRouter(routes: readonly Route[], allowsOptions: boolean) {
  const split = routes.map((route) => ({ route, pattern: route.path.split("/").slice(1) }));

  function matchesOf(segments: readonly string[]): Match[] {
    const matches: Match[] = [];
    for (const { route, pattern } of split) {
      const parameters = matchSegments(pattern, segments);
      if (parameters) matches.push({ route, parameters });
    }
    return matches;
  }

  return async (exchange: Exchange): Promise<Reply> => {
    const { method, paths } = exchange.request;
    const matches = paths.map(matchesOf).find(({ length }) => length > 0) ?? [];
    if (matches.length === 0) throw new LookupError("NOT_FOUND");
    const wanted = method === "HEAD" ? "GET" : method;
    const match = matches.find(({ route }) => route.method === wanted);
    exchange.route = (match ?? (matches[0] as Match)).route.path;
    exchange.call.route = exchange.route;
    if (match) return await match.route.answer(exchange, match.parameters);
    const allow = allowOf(matches, allowsOptions);
    if (method === "OPTIONS" && allowsOptions) return { status: 204, headers: { allow }, body: "" };
    throw new MethodNotAllowed(allow);
  };
}

function allowOf(matches: readonly Match[], allowsOptions: boolean): string {
  const methods = matches.flatMap(({ route }) => (route.method === "GET" ? ["GET", "HEAD"] : [route.method]));
  return [...methods, ...(allowsOptions ? ["OPTIONS"] : [])].join(", ");
}

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] as string;
    if (part.startsWith("{")) parameters[part.slice(1, -1)] = segment;
    else if (part !== segment) return null;
  }
  return parameters;
}
