/**
 * The fields that a log line may have. There is no way to write any other, so nothing secret or personal can
 * slip in by way of an object that happened to be at hand.
 */
export const LOG_FIELDS = [
  "request_id",
  "traceparent",
  "xray_trace_id",
  "function",
  "route",
  "method",
  "status",
  "profile",
  "desktop_id",
  "desktop_name",
  "desktops",
  "caller",
  "succeeded",
  "failed",
  "outcome",
  "code",
  "cache",
  "lookups",
  "cache_hits",
  "attempts",
  "upstream_status",
  "upstream_code",
  "upstream_request_id",
  "upstream_text",
  "encoded_authorization_message",
  "duration_ms",
  "upstream_ms",
  "secret_ms",
  "throttles",
  "refusals",
  "unreadable_times",
  "secret_age_seconds",
  "key_expires_in_seconds",
  "cause",
  "frames",
  "faults",
  "host",
  "reason",
  "offset_ms",
  "age_seconds",
] as const;

export type LogField = (typeof LOG_FIELDS)[number];

export const KNOWN: ReadonlySet<string> = new Set(LOG_FIELDS);
export type LogFields = Partial<Record<LogField, string | number | boolean | null>>;
