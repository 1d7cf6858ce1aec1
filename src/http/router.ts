import { LookupError } from "../contract/errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Path } from "./paths.ts";
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
  const patterns = routes.map(({ path }) => path.split("/").slice(1));

  function matchesOf(segments: readonly string[]): Match[] {
    const matches: Match[] = [];
    for (let index = 0; index < routes.length; index++) {
      const parameters = matchSegments(patterns[index] as string[], segments);
      if (parameters) matches.push({ route: routes[index] as Route, parameters });
    }
    return matches;
  }

  return (exchange: Exchange): Promise<Reply> | Reply => {
    const { method, paths } = exchange.request;
    let matches: Match[] = [];
    for (let index = 0; matches.length === 0 && index < paths.length; index++) {
      matches = matchesOf(paths[index] as Path);
    }
    if (matches.length === 0) throw new LookupError("NOT_FOUND");
    const wanted = method === "HEAD" ? "GET" : method;
    const match = matches.find(({ route }) => route.method === wanted);
    exchange.route = (match ?? (matches[0] as Match)).route.path;
    exchange.call.route = exchange.route;
    if (match) return match.route.answer(exchange, match.parameters);
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
  for (let index = 0; index < pattern.length; index++) {
    const part = pattern[index] as string;
    const segment = segments[index] as string;
    if (part.startsWith("{")) parameters[part.slice(1, -1)] = segment;
    else if (part !== segment) return null;
  }
  return parameters;
}
