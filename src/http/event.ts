import type { Caller } from "../access/caller.ts";
import { LookupError } from "../contract/errors.ts";
import { readCaller } from "./caller.ts";

/** The four ways in which AWS hands an HTTP request to a function; a function URL's is the HTTP API's. */
export type EventShape = "v2" | "v1" | "alb";

/** One request, whatever shape it came in. */
export interface HttpRequest {
  shape: EventShape;
  method: string;
  /** The path's segments, each decoded once. `["v1", "desktops"]` for `/v1/desktops`. */
  segments: readonly string[];
  /** Names and values in the order given, decoded. */
  query: readonly (readonly [string, string])[];
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** As it came; `readBody` decodes it. `null` when there is none. */
  body: string | null;
  isBase64Encoded: boolean;
  caller: Caller;
  /** The gateway's own ID for the request. */
  gatewayRequestId: string | null;
  /** When the gateway received it, in milliseconds since the epoch; `null` where it does not say. */
  receivedAt: number | null;
  /** Whether the answer's headers must be lists (an ALB target group set so). */
  wantsMultiValueHeaders: boolean;
}

/** Bodies beyond this are refused, decoded length, in bytes. */
export const MAX_BODY_BYTES = 64 * 1024;

type Fields = Record<string, unknown>;

/** Stands in where there was no request. */
export const NO_REQUEST: HttpRequest = {
  shape: "v2",
  method: "GET",
  segments: [],
  query: [],
  headers: {},
  body: null,
  isBase64Encoded: false,
  caller: { kind: "unnamed" },
  gatewayRequestId: null,
  receivedAt: null,
  wantsMultiValueHeaders: false,
};

/** Recognises the event's shape and reads it, once; `null` for what is no HTTP event. */
export function readEvent(event: unknown): HttpRequest | null {
  const fields = asFields(event);
  const context = asFields(fields["requestContext"]);
  if (fields["version"] === "2.0" && typeof fields["rawPath"] === "string") return readV2(fields, context);
  if (typeof fields["httpMethod"] === "string" && typeof fields["path"] === "string") {
    return context["elb"] === undefined ? readV1(fields, context) : readAlb(fields);
  }
  return null;
}

function readV2(fields: Fields, context: Fields): HttpRequest {
  const http = asFields(context["http"]);
  const rawQuery = fields["rawQueryString"];
  const headers = lowerCased(fields["headers"]);
  return {
    shape: "v2",
    method: String(http["method"] ?? "GET").toUpperCase(),
    segments: segmentsOf(
      withoutStage(String(fields["rawPath"]), context["stage"]),
      templateOf(fields["routeKey"]),
    ),
    query:
      typeof rawQuery === "string"
        ? pairsIn(rawQuery)
        : Object.entries(asFields(fields["queryStringParameters"])).map(toPair),
    headers,
    ...bodyOf(fields),
    caller: readCaller(context),
    gatewayRequestId: textOrNull(context["requestId"]),
    receivedAt: numberOrNull(context["timeEpoch"]),
    wantsMultiValueHeaders: false,
  };
}

function readV1(fields: Fields, context: Fields): HttpRequest {
  return {
    shape: "v1",
    method: String(fields["httpMethod"]).toUpperCase(),
    segments: segmentsOf(String(fields["path"]), templateOf(fields["resource"])),
    query: pairsOf(fields, (text) => text),
    headers: headersOf(fields),
    ...bodyOf(fields),
    caller: readCaller(context),
    gatewayRequestId: textOrNull(context["requestId"]),
    receivedAt: numberOrNull(context["requestTimeEpoch"]),
    wantsMultiValueHeaders: false,
  };
}

// An ALB hands query names and values over as they came, undecoded.
function readAlb(fields: Fields): HttpRequest {
  const headers = headersOf(fields);
  return {
    shape: "alb",
    method: String(fields["httpMethod"]).toUpperCase(),
    segments: segmentsOf(String(fields["path"]), null),
    query: pairsOf(fields, decodeFormText),
    headers,
    ...bodyOf(fields),
    // A load balancer tells who it is in headers alone, which need a signature of theirs checked.
    caller: { kind: "unnamed" },
    gatewayRequestId: headers["x-amzn-trace-id"] ?? null,
    receivedAt: null,
    wantsMultiValueHeaders: fields["multiValueHeaders"] !== undefined,
  };
}

// An HTTP API's path begins with the stage, unless that is the default one.
function withoutStage(path: string, stage: unknown): string {
  const prefix = `/${String(stage)}`;
  return stage !== "$default" && typeof stage === "string" && path.startsWith(`${prefix}/`)
    ? path.slice(prefix.length)
    : path;
}

/** The path template of the matched route, if it has one without a greedy parameter. */
function templateOf(route: unknown): string[] | null {
  if (typeof route !== "string") return null;
  const path = route.slice(route.indexOf("/"));
  return path.startsWith("/") && !path.includes("+") ? path.split("/").slice(1) : null;
}

/**
 * Segments, decoded once each. Behind a custom domain the path may begin with a base path that the route does not
 * know: it is dropped when the template says so.
 */
function segmentsOf(path: string, template: string[] | null): string[] {
  const segments = path.split("/").slice(1).map(decodeSegment);
  const extra = template ? segments.length - template.length : 0;
  const startsAsRouted = segments[0] === template?.[0];
  if (template && extra > 0 && !startsAsRouted && segments[extra] === template[0])
    return segments.slice(extra);
  return segments;
}

function pairsIn(rawQuery: string): [string, string][] {
  if (rawQuery === "") return [];
  // It drops one leading question mark, which must not be one of the query's own.
  return [...new URLSearchParams(`?${rawQuery}`)];
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

function decodeFormText(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

function pairsOf(fields: Fields, decode: (text: string) => string): [string, string][] {
  const multi = asFields(fields["multiValueQueryStringParameters"]);
  const single = asFields(fields["queryStringParameters"]);
  const pairs = Object.entries(Object.keys(multi).length > 0 ? multi : single);
  return pairs.flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each): [string, string] => [
      decode(name),
      decode(String(each ?? "")),
    ]),
  );
}

function toPair([name, value]: [string, unknown]): [string, string] {
  return [name, String(value ?? "")];
}

function headersOf(fields: Fields): Record<string, string> {
  const multi = asFields(fields["multiValueHeaders"]);
  const joined = Object.fromEntries(
    Object.entries(multi).map(([name, values]) => [
      name,
      Array.isArray(values) ? values.join(", ") : String(values),
    ]),
  );
  return lowerCased({ ...joined, ...asFields(fields["headers"]) });
}

function lowerCased(value: unknown): Record<string, string> {
  const fields = asFields(value);
  const headers: Record<string, string> = {};
  for (const name of Object.keys(fields)) {
    const text = fields[name];
    if (text !== undefined && text !== null) headers[name.toLowerCase()] = String(text);
  }
  return headers;
}

function bodyOf(fields: Fields): Pick<HttpRequest, "body" | "isBase64Encoded"> {
  return { body: textOrNull(fields["body"]), isBase64Encoded: fields["isBase64Encoded"] === true };
}

/**
 * The body's bytes; empty when there is none.
 *
 * @throws LookupError PAYLOAD_TOO_LARGE beyond 64 kB, decoded. A huge one is not decoded to find out.
 */
export function readBody({ body, isBase64Encoded }: HttpRequest): Buffer {
  if (body === null) return Buffer.alloc(0);
  const leastBytes = isBase64Encoded ? (body.length * 3) / 4 - 2 : body.length;
  if (leastBytes > MAX_BODY_BYTES) throw new LookupError("PAYLOAD_TOO_LARGE");
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > MAX_BODY_BYTES) throw new LookupError("PAYLOAD_TOO_LARGE");
  return bytes;
}

function asFields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
