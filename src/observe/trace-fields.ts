import type { Trace } from "../ports.ts";
import type { LogFields } from "./log.ts";

/** What a call did, as log fields. */
export function traceFields(trace: Trace): LogFields {
  return {
    profile: trace.profile,
    cache: trace.cache,
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
  };
}
