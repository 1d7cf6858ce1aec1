import type { LookupError } from "../contract/errors.ts";
import type { CallContext } from "./call.ts";
import { framesOf } from "./frames.ts";
import type { LogLevel } from "./log.ts";
import { describeCause } from "./log.ts";
import type { LogFields } from "./log-fields.ts";

/** What the one line of a request says, whichever entry it came by. */
export function outcomeFields(
  { requestId, traceparent, trace }: CallContext,
  error: LookupError | null,
  durationMs: number,
): LogFields {
  return {
    request_id: requestId,
    traceparent,
    outcome: error ? "error" : "ok",
    code: error?.code ?? null,
    profile: trace.profile,
    cache: trace.cache,
    failed: trace.failed,
    lookups: trace.lookups,
    cache_hits: trace.cacheHits,
    attempts: trace.attempts,
    upstream_status: trace.upstreamStatus,
    upstream_code: trace.upstreamCode,
    upstream_request_id: trace.upstreamRequestId,
    upstream_text: trace.upstreamText,
    encoded_authorization_message: trace.encodedAuthorizationMessage,
    upstream_ms: Math.round(trace.upstreamMs),
    secret_ms: Math.round(trace.secretMs),
    throttles: trace.throttles,
    refusals: trace.refusals,
    unreadable_times: trace.unreadableTimes,
    secret_age_seconds: trace.secretAgeMs === null ? null : Math.round(trace.secretAgeMs / 1000),
    key_expires_in_seconds: trace.keyExpiresInMs === null ? null : Math.round(trace.keyExpiresInMs / 1000),
    duration_ms: Math.round(durationMs),
    cause: error?.cause === undefined ? null : describeCause(error.cause),
    frames: error?.code === "INTERNAL" ? framesOf(error) : null,
  };
}

/** A caller's mistake is no trouble of ours; a bug is. */
export function levelOf(status: number, error: LookupError | null): LogLevel {
  if (status < 500) return "info";
  return error?.code === "INTERNAL" ? "error" : "warn";
}
