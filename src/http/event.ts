import { asLookupError, type LookupError } from "../contract/errors.ts";
import { type Fields, fieldsOf } from "../contract/object.ts";
import { readCaller } from "./caller.ts";
import { bodyOf, headersOf, NO_BODY, notAnEvent, numberOrNull, pairsOf, textOf } from "./event-fields.ts";
import type { GatewayReply } from "./gateway-reply.ts";
import { pathsOf, segmentsOf } from "./paths.ts";
import { type HttpRequest, NO_REQUEST } from "./request.ts";
import { STATUS_WORDS } from "./status-words.ts";

/** What AWS takes for an answer, whatever the shape. */
export interface Writable {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
  isBase64Encoded: boolean;
}

/** One of the ways in which AWS hands an HTTP request to a function and takes its answer. */
export interface EventShape {
  /** All but the body, which may be too large. */
  read(fields: Fields, context: Fields): Omit<HttpRequest, "body">;
  write(reply: Writable): GatewayReply;
  /** An answer, as JSON, may have no more bytes. */
  maxBytes: number;
}

/** Lambda answers with 6 MB at the most; some room is left for what its runtime adds. */
const LAMBDA_BYTES = 5_900_000;
/** A load balancer takes 1 MB. */
const ALB_BYTES = 980_000;

/** An HTTP API's; a function URL speaks the same. */
const v2: EventShape = {
  read(fields, context) {
    const rawQuery = textOf(fields["rawQueryString"]);
    return {
      method: methodOf(fieldsOf(context["http"])["method"]),
      paths: pathsOf({
        path: String(fields["rawPath"]),
        route: fields["routeKey"],
        parameters: fields["pathParameters"],
        stage: context["stage"],
      }),
      query: rawQuery === null ? pairsOf(fields["queryStringParameters"], null) : pairsIn(rawQuery),
      headers: headersOf(fields["headers"]),
      caller: readCaller(context),
      gatewayRequestId: textOf(context["requestId"]),
      receivedAt: numberOrNull(context["timeEpoch"]),
    };
  },
  write: (reply) => reply,
  maxBytes: LAMBDA_BYTES,
};

/** A REST API's. */
const v1: EventShape = {
  read: (fields, context) => ({
    method: methodOf(fields["httpMethod"]),
    paths: pathsOf({
      path: String(fields["path"]),
      route: fields["resource"],
      parameters: fields["pathParameters"],
      stage: null,
    }),
    query: pairsOf(fields["queryStringParameters"], fields["multiValueQueryStringParameters"]),
    headers: headersOf(fields["headers"], fields["multiValueHeaders"]),
    caller: readCaller(context),
    gatewayRequestId: textOf(context["requestId"]),
    receivedAt: numberOrNull(context["requestTimeEpoch"]),
  }),
  write: (reply) => reply,
  maxBytes: LAMBDA_BYTES,
};

/** A load balancer's. */
const alb: EventShape = {
  read(fields) {
    const headers = headersOf(fields["headers"], fields["multiValueHeaders"]);
    return {
      method: methodOf(fields["httpMethod"]),
      paths: [segmentsOf(String(fields["path"]))],
      // It hands names and values over as they came, undecoded.
      query: pairsOf(
        fields["queryStringParameters"],
        fields["multiValueQueryStringParameters"],
        decodeFormText,
      ),
      headers,
      // It tells who it is in headers alone, which need a signature of theirs checked.
      caller: { kind: "unnamed" },
      gatewayRequestId: headers["x-amzn-trace-id"] ?? null,
      receivedAt: null,
    };
  },
  write: (reply) => ({ ...reply, statusDescription: describe(reply.statusCode) }),
  maxBytes: ALB_BYTES,
};

/** A load balancer's whose target group has lists of headers switched on: it takes nothing else. */
const albWithLists: EventShape = {
  ...alb,
  write: ({ headers, ...reply }) => ({
    ...reply,
    statusDescription: describe(reply.statusCode),
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
  }),
};

export interface ReadEvent {
  shape: EventShape;
  request: HttpRequest;
  /** Set when it is no HTTP event, or its body is too large: what is not known of the request is blank. */
  fault: LookupError | null;
}

/** Recognises the event's shape and reads it, once. */
export function readEvent(event: unknown): ReadEvent {
  const fields = fieldsOf(event);
  const context = fieldsOf(fields["requestContext"]);
  const shape = shapeOf(fields, context);
  let request = NO_REQUEST;
  try {
    if (!shape) throw notAnEvent();
    const read: HttpRequest = Object.assign(shape.read(fields, context), { body: NO_BODY });
    request = read;
    read.body = bodyOf(fields);
    return { shape, request, fault: null };
  } catch (thrown) {
    return { shape: shape ?? v2, request, fault: asLookupError(thrown) };
  }
}

function shapeOf(fields: Fields, context: Fields): EventShape | null {
  if (fields["version"] === "2.0" && typeof fields["rawPath"] === "string") return v2;
  if (typeof fields["httpMethod"] !== "string" || typeof fields["path"] !== "string") return null;
  if (context["elb"] === undefined) return v1;
  return fields["multiValueHeaders"] === undefined ? alb : albWithLists;
}

/** Longer than any; it goes into the log. */
const METHOD = /^[A-Z-]{1,32}$/;

function methodOf(value: unknown): string {
  const method = (textOf(value) ?? "GET").toUpperCase();
  if (!METHOD.test(method)) throw notAnEvent();
  return method;
}

function describe(status: number): string {
  return `${status} ${STATUS_WORDS[status] ?? "Status"}`;
}

function pairsIn(rawQuery: string): [string, string][] {
  if (rawQuery === "") return [];
  // It drops one leading question mark, which must not be one of the query's own.
  return [...new URLSearchParams(`?${rawQuery}`)];
}

function decodeFormText(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
