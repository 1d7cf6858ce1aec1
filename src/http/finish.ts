import { bytesWithinJson } from "../contract/fit.ts";
import type { EventShape, Writable } from "./event.ts";
import type { GatewayReply } from "./gateway-reply.ts";
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

export type { GatewayReply };

export interface Finishing {
  shape: EventShape;
  method: string;
  requestId: string;
  /** The request's Origin, if any, and those that may call from a browser. */
  origin: string | undefined;
  corsOrigins: readonly string[];
}

/** Adds what every answer carries, gives it the shape of its event, and cuts it where that takes no more. */
export function finish(reply: Reply, finishing: Finishing): GatewayReply {
  const { shape, method } = finishing;
  const whole = shape.write(dress(reply, finishing));
  const smaller = reply.cutTo && smallerIfNeedBe(reply.cutTo, whole, shape);
  const fitting = smaller ? shape.write(dress(smaller, finishing)) : whole;
  return method === "HEAD" ? { ...fitting, body: "", isBase64Encoded: false } : fitting;
}

/** A character makes no more bytes. */
const MOST_BYTES = 6;
/** All but the body: a request's ID and origin are the longest that a caller has a say in. */
const MOST_HEADER_BYTES = 64 * 1024;

function smallerIfNeedBe(
  cutTo: NonNullable<Reply["cutTo"]>,
  whole: GatewayReply,
  shape: EventShape,
): Reply | undefined {
  // Nearly every answer is far below, and need not be measured.
  if (whole.body.length * MOST_BYTES + MOST_HEADER_BYTES <= shape.maxBytes) return undefined;
  const room = roomIn(whole, shape);
  return bytesWithinJson(whole.body) <= room ? undefined : cutTo(room);
}

/** How many bytes the body may have, as a text within the JSON of the answer. */
function roomIn(whole: GatewayReply, { maxBytes }: EventShape): number {
  return maxBytes - Buffer.byteLength(JSON.stringify({ ...whole, body: "" }));
}

function dress(reply: Reply, finishing: Finishing): Writable {
  const headers = {
    ...SECURITY_HEADERS,
    // A page has a policy of its own.
    ...reply.headers,
    "x-request-id": finishing.requestId,
    ...corsHeaders(reply, finishing),
  };
  const { status: statusCode, body, isBase64Encoded = false } = reply;
  return { statusCode, headers, body, isBase64Encoded };
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
    "access-control-allow-headers":
      "authorization, content-type, if-none-match, x-request-id, traceparent, mcp-protocol-version, mcp-method, mcp-name",
    "access-control-max-age": PREFLIGHT_MAX_AGE_SECONDS,
  };
}
