import { randomUUID } from "node:crypto";
import type { Context } from "aws-lambda";
import type { LookupError } from "../contract/errors.ts";
import { type Deadline, startDeadline } from "../time/deadline.ts";

/** What one call did, for its log line. Filled in along the way; holds nothing secret and no user name. */
export interface Trace {
  profile: string | null;
  cache: "hit" | "miss" | "shared" | null;
  /** Questions about a desktop that were put. */
  lookups: number;
  /** How many of them were answered from memory. */
  cacheHits: number;
  attempts: number;
  upstreamStatus: number | null;
  upstreamCode: string | null;
  upstreamRequestId: string | null;
  /** The upstream's own words for an error, redacted and cut. */
  upstreamText: string | null;
  /** Opaque; an operator decodes it through STS. */
  encodedAuthorizationMessage: string | null;
  /** How often the upstream limited us. */
  throttles: number;
  /** How often it refused our key. */
  refusals: number;
  /** Rows whose time is there but cannot be read. */
  unreadableTimes: number;
  upstreamMs: number;
  secretMs: number;
  /** How long ago the secret that was used was fetched. */
  secretAgeMs: number | null;
  /** In how long the key that was used expires; `null` when it does not, or none was needed. */
  keyExpiresInMs: number | null;
  /** How many desktops of a batch were answered with an error; `null` when it was no batch. */
  failed: number | null;
  /** The worst of a batch's errors, although the answer as a whole is good. */
  worst: LookupError | null;
}

export function newTrace(): Trace {
  return {
    profile: null,
    cache: null,
    lookups: 0,
    cacheHits: 0,
    attempts: 0,
    upstreamStatus: null,
    upstreamCode: null,
    upstreamRequestId: null,
    upstreamText: null,
    encodedAuthorizationMessage: null,
    throttles: 0,
    refusals: 0,
    unreadableTimes: 0,
    upstreamMs: 0,
    secretMs: 0,
    secretAgeMs: null,
    keyExpiresInMs: null,
    failed: null,
    worst: null,
  };
}

/** Adds what a part of a call did to what the whole did; of the upstream's words, the last about an error stay. */
export function addTrace(whole: Trace, part: Trace): void {
  whole.profile ??= part.profile;
  whole.lookups += part.lookups;
  whole.cacheHits += part.cacheHits;
  whole.attempts += part.attempts;
  whole.throttles += part.throttles;
  whole.refusals += part.refusals;
  whole.unreadableTimes += part.unreadableTimes;
  whole.upstreamMs += part.upstreamMs;
  whole.secretMs += part.secretMs;
  whole.secretAgeMs = part.secretAgeMs ?? whole.secretAgeMs;
  whole.keyExpiresInMs = part.keyExpiresInMs ?? whole.keyExpiresInMs;
  const isError = part.upstreamStatus !== null && part.upstreamStatus >= 300;
  if (!isError && whole.upstreamStatus !== null) return;
  whole.upstreamStatus = part.upstreamStatus;
  whole.upstreamCode = part.upstreamCode;
  whole.upstreamRequestId = part.upstreamRequestId;
  whole.upstreamText = part.upstreamText;
  whole.encodedAuthorizationMessage = part.encodedAuthorizationMessage;
}

/** What accompanies one piece of work: its name, its time, its trace. */
export interface CallContext {
  requestId: string;
  deadline: Deadline;
  trace: Trace;
  /** A valid W3C trace context of the caller's, passed on. */
  traceparent: string | null;
  /** The HTTP route by which it came, for the audit. */
  route?: string;
}

const REQUEST_ID = /^[\w-]{8,128}$/;

/** The caller's own ID if it is one, else Lambda's, else the gateway's. */
export function requestIdOf(
  own: string | undefined,
  context: Partial<Context> | undefined,
  gatewayRequestId: string | null = null,
): string {
  if (own !== undefined && REQUEST_ID.test(own)) return own;
  return context?.awsRequestId || gatewayRequestId || randomUUID();
}

export interface CallStart {
  requestId: string;
  budgetMs: number;
  /** Lambda's: its time ends the call as well. */
  context?: Partial<Context> | undefined;
  /** The caller's, as it came. */
  traceparent?: string | undefined;
  /** Monotonic milliseconds. */
  now: () => number;
}

// W3C Trace Context, level 1: version 00, not all zeros.
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A call that begins now. */
export function openCall({ requestId, budgetMs, context, traceparent, now }: CallStart): CallContext {
  return {
    requestId,
    deadline: startDeadline(budgetMs, context?.getRemainingTimeInMillis?.(), now),
    trace: newTrace(),
    traceparent: traceparent !== undefined && TRACEPARENT.test(traceparent) ? traceparent : null,
  };
}
