import { type Fields, fieldsOf } from "../contract/object.ts";

/** A path's segments, each decoded once. `["v1", "desktops"]` for `/v1/desktops`. */
export type Path = readonly string[];

export interface Routed {
  /** As it came. */
  path: string;
  /** The route that the gateway matched: `GET /v1/unbindings`, `/{proxy+}`, `$default`. */
  route: unknown;
  /** What it found in the place of the route's parameters. */
  parameters: unknown;
  /** The stage's name, where the path begins with it. */
  stage: unknown;
}

/**
 * Which of our paths it may be, the likeliest first. Behind a custom domain the path begins with a base path, in an HTTP
 * API with the stage; the matched route tells where that ends. Where there is none, only the stage is taken off.
 */
export function pathsOf({ path, route, parameters, stage }: Routed): readonly Path[] {
  const whole = segmentsOf(path);
  const template = templateOf(route);
  if (template) {
    const routed = isGreedy(template)
      ? behindPrefix(whole, template, fieldsOf(parameters))
      : behindBase(whole, template, fieldsOf(parameters));
    if (routed) return routed;
  }
  return typeof stage === "string" && stage !== "$default" && whole[0] === stage && whole.length > 1
    ? [whole.slice(1), whole]
    : [whole];
}

export function segmentsOf(path: string): Path {
  return path.split("/").slice(1).map(decodeSegment);
}

// What cannot be decoded keeps its percent sign, which no identifier of ours may hold.
function decodeSegment(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The segments of the matched route; `null` where it has none. */
function templateOf(route: unknown): Path | null {
  if (typeof route !== "string") return null;
  const at = route.indexOf("/");
  return at === -1 ? null : route.slice(at + 1).split("/");
}

const isParameter = (part: string) => part.startsWith("{");
const isGreedy = (template: Path) => template.some((part) => part.endsWith("+}"));

/** The last segments, as many as the route has, if they are the route's. */
function behindBase(whole: Path, template: Path, parameters: Fields): readonly Path[] | null {
  const tail = whole.slice(-template.length);
  if (whole.length < template.length) return null;
  const isRoutes = template.every((part, index) => {
    const segment = tail[index] as string;
    if (!isParameter(part)) return part === segment;
    const value = parameters[part.slice(1, -1)];
    return typeof value !== "string" || value === segment || decodeSegment(value) === segment;
  });
  if (!isRoutes) return null;
  const isTold = template.every(
    (part) => !isParameter(part) || typeof parameters[part.slice(1, -1)] === "string",
  );
  // A slash within a parameter, which the gateway has decoded, must not make a route of what follows it.
  return isTold || !mayHoldSlash(whole, template) ? [tail] : null;
}

/** Whether the route could be the whole path, with slashes in a parameter. */
function mayHoldSlash(whole: Path, template: Path): boolean {
  const first = template.findIndex(isParameter);
  const last = template.length - 1 - template.findLastIndex(isParameter);
  return (
    whole.length > template.length &&
    template.slice(0, first).every((part, index) => part === whole[index]) &&
    (last === 0 || template.slice(-last).every((part, index) => part === whole.slice(-last)[index]))
  );
}

/** `/api/{proxy+}`: what the gateway found for the greedy parameter, with the route's own prefix and without it. */
function behindPrefix(whole: Path, template: Path, parameters: Fields): readonly Path[] | null {
  const prefix = template.findIndex(isParameter);
  const rest = parameters[(template[prefix] as string).slice(1, -2)];
  if (typeof rest !== "string") return null;
  const decoded = rest.split("/").map(decodeSegment).join("/");
  for (let from = prefix; from < whole.length; from++) {
    const found = whole.slice(from).join("/");
    if (found !== rest && found !== decoded) continue;
    const own = whole.slice(from);
    return prefix === 0 ? [own] : [whole.slice(from - prefix), own];
  }
  return null;
}
