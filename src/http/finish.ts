import type { EventShape } from "./event.ts";
import type { Reply } from "./reply.ts";

/** On every answer. What this API says is data: no browser shall render, frame, sniff or share it. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-site",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

const EXPOSED_HEADERS = "etag, retry-after, x-request-id";
const PREFLIGHT_MAX_AGE_SECONDS = "600";

/** An answer in the form that API Gateway, a function URL or an ALB takes. */
export interface GatewayReply {
  statusCode: number;
  statusDescription?: string;
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  body: string;
  isBase64Encoded: boolean;
}

export interface Finishing {
  shape: EventShape;
  wantsMultiValueHeaders: boolean;
  method: string;
  requestId: string;
  /** The request's Origin, if any, and those that may call from a browser. */
  origin: string | undefined;
  corsOrigins: readonly string[];
}

/** Adds what every answer carries, and gives it the shape of its event. */
export function finish(reply: Reply, finishing: Finishing): GatewayReply {
  const headers = {
    ...SECURITY_HEADERS,
    // A page has a policy of its own.
    ...reply.headers,
    "x-request-id": finishing.requestId,
    ...corsHeaders(reply, finishing),
  };
  const body = finishing.method === "HEAD" ? "" : reply.body;
  const isBase64Encoded = body !== "" && reply.isBase64Encoded === true;
  const common = { statusCode: reply.status, body, isBase64Encoded };
  if (finishing.shape !== "alb") return { ...common, headers };
  const statusDescription = `${reply.status} ${STATUS_WORDS[reply.status] ?? "Status"}`;
  return finishing.wantsMultiValueHeaders
    ? { ...common, statusDescription, multiValueHeaders: asLists(headers) }
    : { ...common, statusDescription, headers };
}

function corsHeaders(reply: Reply, { method, origin, corsOrigins }: Finishing): Record<string, string> {
  if (corsOrigins.length === 0) return {};
  // A cache must know that the answer differs by origin, also for those who get no permission.
  const vary = [reply.headers["vary"], "Origin"].filter(Boolean).join(", ");
  if (origin === undefined || !corsOrigins.includes(origin)) return { vary };
  const headers = {
    vary,
    "access-control-allow-origin": origin,
    "access-control-expose-headers": EXPOSED_HEADERS,
  };
  if (method !== "OPTIONS") return headers;
  return {
    ...headers,
    "access-control-allow-methods": reply.headers["allow"] ?? "",
    "access-control-allow-headers": "authorization, content-type, if-none-match, x-request-id, traceparent",
    "access-control-max-age": PREFLIGHT_MAX_AGE_SECONDS,
  };
}

function asLists(headers: Record<string, string>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
}

const STATUS_WORDS: Readonly<Record<number, string>> = {
  200: "OK",
  204: "No Content",
  304: "Not Modified",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};
