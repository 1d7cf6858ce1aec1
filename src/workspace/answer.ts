import { type ErrorCode, LookupError, type UpstreamFacts } from "../contract/errors.ts";
import { isObject } from "../contract/object.ts";
import { MalformedRow } from "../contract/unbinding.ts";
import type { TransportFault, TransportFaultKind, UpstreamAnswer } from "../net/transport.ts";
import { type ErrorBody, readErrorBody } from "./error-body.ts";
import { classify, type ErrorClass } from "./error-codes.ts";
import { parseBody } from "./json.ts";
import { readWait } from "./throttle.ts";

/**
 * Whether and how the same question may be put again within one call.
 *
 * - `never`: it would not help, or would do harm.
 * - `transient`: likely to pass; counts against the attempts.
 * - `once`: an unreadable answer; a second one would be no accident.
 * - `free`: a stale socket; says nothing about the upstream.
 * - `uncounted`: a new connection that broke at once; does not count against the attempts either, but draws on the
 *   retry budget, or an outage that resets everything would get two calls for one.
 * - `credentials`: only with another key, or another clock.
 */
export type Again = "never" | "transient" | "once" | "free" | "uncounted" | "credentials";

export interface Failure {
  ok: false;
  error: LookupError;
  again: Again;
  /** Whole seconds that the upstream wants to be left alone; `null` when it did not say. */
  waitSeconds: number | null;
  /** The upstream's clock, milliseconds since the epoch, where a refusal may come from ours being off. */
  serverTime: number | null;
  /** The upstream's words, for the log alone and not yet redacted. */
  text: string;
  encodedAuthorizationMessage: string | null;
}

export interface Success<T> {
  ok: true;
  value: T;
  /** How many bytes it came in, decoded. */
  bytes: number;
  upstream: UpstreamFacts;
}

export type Verdict<T> = Success<T> | Failure;

/** Reads the value out of a good answer's JSON object; throws `MalformedAnswer` when it is not there. */
export type ReadValue<T> = (body: Record<string, unknown>, text: string) => T;

/** Thrown by a reader for an answer that is JSON but not of the documented shape. */
export class MalformedAnswer extends Error {
  override readonly name = "MalformedAnswer";
}

/** Judges what came back. Pure: `now` is milliseconds since the epoch by our own clock. */
export function judge<T>(answer: UpstreamAnswer, readValue: ReadValue<T>, now: number): Verdict<T> {
  const parsed = parseBody(answer.body);
  const errorBody = readErrorBody(parsed?.value);
  const upstream: UpstreamFacts = {
    status: answer.status,
    code: identifier(errorBody.code),
    requestId:
      identifier(header(answer, "x-request-id")) ??
      identifier(errorBody.requestId) ??
      identifier(header(answer, "x-iam-trace-id")),
  };
  if (answer.status < 200) return unreadable(upstream, "once", "no status of a final answer");
  if (answer.status >= 300 && answer.status < 400) return unreadable(upstream, "never", "a redirect");
  // What is below 200, and a redirect, has been dealt with.
  const isSuccess = answer.status < 400;
  if (!isSuccess || errorBody.code !== null) {
    // A cut-off 4xx may have lost the code that tells an unknown desktop from a wrong endpoint.
    const isBlind = answer.body === null && answer.status < 500 && ![401, 403, 429].includes(answer.status);
    return isBlind ? unreadable(upstream, "once", "cut off") : refusal(answer, errorBody, upstream, now);
  }
  // Only 200 is documented; another 2xx may be a part, or a promise.
  if (answer.status !== 200) return unreadable(upstream, "once", "not the documented status");
  if (answer.body === null) return unreadable(upstream, "once", "cut off");
  if (!parsed) return unreadable(upstream, "once", "not JSON");
  if (!parsed.isUtf8) return unreadable(upstream, "once", "not UTF-8");
  if (!isObject(parsed.value)) return unreadable(upstream, "once", "no JSON object");
  try {
    return { ok: true, value: readValue(parsed.value, parsed.text), bytes: answer.body.length, upstream };
  } catch (error) {
    if (error instanceof MalformedAnswer || error instanceof MalformedRow) {
      return unreadable(upstream, "once", error.message);
    }
    throw error;
  }
}

function unreadable(upstream: UpstreamFacts, again: Again, why: string): Failure {
  return failure(new LookupError("UPSTREAM_INVALID_RESPONSE", { upstream }), again, { text: why });
}

const CODE_BY_CLASS: Record<ErrorClass, ErrorCode> = {
  credentials: "CREDENTIALS_REFUSED",
  permissions: "PERMISSION_DENIED",
  configuration: "UPSTREAM_MISCONFIGURED",
  throttling: "UPSTREAM_THROTTLED",
  passing: "UPSTREAM_UNAVAILABLE",
  lasting: "UPSTREAM_REJECTED",
  "not-found": "DESKTOP_NOT_FOUND",
  caller: "UPSTREAM_REJECTED",
};

const AGAIN_BY_CLASS: Partial<Record<ErrorClass, Again>> = {
  credentials: "credentials",
  throttling: "transient",
  passing: "transient",
};

function refusal(answer: UpstreamAnswer, body: ErrorBody, upstream: UpstreamFacts, now: number): Failure {
  const errorClass = classify({
    status: answer.status,
    code: body.code,
    text: body.text,
    isPolicyDenial: body.encodedAuthorizationMessage !== null,
  });
  const code =
    errorClass === "lasting" && answer.status >= 500 ? "UPSTREAM_UNAVAILABLE" : CODE_BY_CLASS[errorClass];
  const dateHeader = readDate(header(answer, "date"));
  const waitSeconds =
    errorClass === "throttling" || errorClass === "passing"
      ? readWait(header(answer, "retry-after"), body.text, dateHeader ?? now)
      : null;
  return failure(new LookupError(code, { upstream }), AGAIN_BY_CLASS[errorClass] ?? "never", {
    waitSeconds,
    serverTime: errorClass === "credentials" ? (readServerTime(body.text) ?? dateHeader) : null,
    text: body.text,
    encodedAuthorizationMessage: body.encodedAuthorizationMessage,
  });
}

/**
 * Whether our key was looked at and found good. The gateway may limit, redirect or fail before it looks: only what lies
 * behind the key proves it.
 */
export function provesKey(verdict: Verdict<unknown>): boolean {
  if (verdict.ok) return true;
  const { code, upstream } = verdict.error;
  // Without a code of Huawei's it may be anybody's: a proxy's page, a firewall's.
  return upstream?.code != null && (code === "PERMISSION_DENIED" || code === "DESKTOP_NOT_FOUND");
}

const BY_FAULT: Record<TransportFaultKind, readonly [ErrorCode, Again]> = {
  deadline: ["DEADLINE_EXCEEDED", "never"],
  timeout: ["UPSTREAM_TIMEOUT", "transient"],
  stale: ["UPSTREAM_UNREACHABLE", "free"],
  reset: ["UPSTREAM_UNREACHABLE", "uncounted"],
  unreachable: ["UPSTREAM_UNREACHABLE", "transient"],
  "unknown-host": ["UPSTREAM_UNREACHABLE", "never"],
  tls: ["UPSTREAM_UNREACHABLE", "never"],
  unreadable: ["UPSTREAM_INVALID_RESPONSE", "once"],
  "too-large": ["UPSTREAM_INVALID_RESPONSE", "never"],
};

/** Judges that nothing came back. */
export function judgeFault(fault: TransportFault): Failure {
  const [code, again] = BY_FAULT[fault.kind];
  return failure(new LookupError(code, { cause: fault }), again, { text: fault.reason });
}

function failure(error: LookupError, again: Again, more: Pick<Failure, "text"> & Partial<Failure>): Failure {
  return {
    ok: false,
    error,
    again,
    waitSeconds: null,
    serverTime: null,
    encodedAuthorizationMessage: null,
    ...more,
  };
}

function header(answer: UpstreamAnswer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

// Codes and IDs leave this service; what does not look like one is text, and texts do not.
const IDENTIFIER = /^[\w.:-]{1,128}$/;

function identifier(value: string | null | undefined): string | null {
  return value && IDENTIFIER.test(value) ? value : null;
}

function readDate(value: string | undefined): number | null {
  // Stryker disable next-line StringLiteral: any text that is no date will do.
  const time = Date.parse(value ?? "");
  return Number.isNaN(time) ? null : time;
}

const SERVER_TIME = /server time:\s*(\d{4})-?(\d{2})-?(\d{2})[T ]?(\d{2}):?(\d{2}):?(\d{2})/i;

/** `signature expired, signature time:…,server time:20261124T081530Z` names the gateway's clock, in UTC. */
function readServerTime(text: string): number | null {
  const match = SERVER_TIME.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second] = match;
  return readDate(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
