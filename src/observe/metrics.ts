import { ERROR_CODES, type ErrorCode } from "../contract/errors.ts";
import type { LogFields } from "./log-fields.ts";

export const METRIC_NAMESPACE = "WorkspaceUnbindings";

/** What is known of every request, for the whole stage: all functions share one key and one upstream. */
const OF_STAGE = {
  lookups: "Count",
  cache_hits: "Count",
  attempts: "Count",
  throttles: "Count",
  refusals: "Count",
  unreadable_times: "Count",
  our_errors: "Count",
} as const;

/** What only some requests know: one that was answered from the cache has not asked Huawei. */
const OF_STAGE_AT_TIMES = { upstream_ms: "Milliseconds", key_expires_in_seconds: "Seconds" } as const;

/** What is told apart by function. */
const OF_FUNCTION = { requests: "Count", server_errors: "Count" } as const;

/** The names of all metrics: each costs money every month, so each has its place on the dashboard or in an alarm. */
export const STAGE_METRICS: readonly string[] = Object.keys({ ...OF_STAGE, ...OF_STAGE_AT_TIMES });
export const FUNCTION_METRICS: readonly string[] = Object.keys(OF_FUNCTION);

/** 5xx that are Huawei's doing; every other is ours to prevent or to fix. */
const HUAWEIS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "UPSTREAM_REJECTED",
  "UPSTREAM_INVALID_RESPONSE",
  "UPSTREAM_UNAVAILABLE",
  "UPSTREAM_UNREACHABLE",
  "UPSTREAM_TIMEOUT",
]);

function declare(units: Readonly<Record<string, string>>): string {
  return Object.entries(units)
    .map(([Name, Unit]) => JSON.stringify({ Name, Unit }))
    .join(",");
}

/** Each piece as a line has it, written once. */
const COUNTS = declare(OF_STAGE);
const UPSTREAM_MS = `,${declare({ upstream_ms: OF_STAGE_AT_TIMES.upstream_ms })}`;
const KEY_EXPIRES = `,${declare({ key_expires_in_seconds: OF_STAGE_AT_TIMES.key_expires_in_seconds })}`;
const HEAD = `"CloudWatchMetrics":[{"Namespace":"${METRIC_NAMESPACE}","Dimensions":[["stage"]],"Metrics":[${COUNTS}`;
const TAIL = `]},{"Namespace":"${METRIC_NAMESPACE}","Dimensions":[["stage","function"]],"Metrics":[${declare(OF_FUNCTION)}]}]}`;

/**
 * The members that make CloudWatch take metrics out of a request's line, so that they cost no call of their own. No
 * dimension tells a person or a desktop.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * @param stage What is deployed more than once, such as `prod`.
 * @param timestamp Milliseconds since the epoch.
 * @returns Members of a JSON object, each after a comma.
 */
export function embeddedMetrics(fields: LogFields, stage: string, timestamp: number): string {
  const code = fields.code as ErrorCode | null | undefined;
  const isServerError = code ? ERROR_CODES[code].status >= 500 : false;
  const isOurs = isServerError && !HUAWEIS.has(code as ErrorCode);
  const upstreamMs = fields.attempts ? UPSTREAM_MS : "";
  const keyExpires = typeof fields.key_expires_in_seconds === "number" ? KEY_EXPIRES : "";
  return `,"stage":${JSON.stringify(stage)},"requests":1,"server_errors":${isServerError ? 1 : 0},"our_errors":${isOurs ? 1 : 0},"_aws":{"Timestamp":${timestamp},${HEAD}${upstreamMs}${keyExpires}${TAIL}`;
}
