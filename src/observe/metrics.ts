import type { LogField, LogFields } from "./log-fields.ts";

const NAMESPACE = "WorkspaceUnbindings";

/** The fields of a request line that are metrics as well. None of them, and no dimension, is personal. */
const UNITS = {
  lookups: "Count",
  duration_ms: "Milliseconds",
  upstream_ms: "Milliseconds",
  attempts: "Count",
  cache_hits: "Count",
  throttles: "Count",
  refusals: "Count",
  unreadable_times: "Count",
  secret_age_seconds: "Seconds",
} as const satisfies Partial<Record<LogField, string>>;

/** Each as the line declares it, written once. */
const METRICS = Object.entries(UNITS).map(
  ([Name, Unit]) => [Name as keyof typeof UNITS, JSON.stringify({ Name, Unit })] as const,
);

/**
 * The `_aws` member that makes CloudWatch take metrics out of a log line, so that they cost no call of their own.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * @param timestamp Milliseconds since the epoch.
 * @returns JSON.
 */
export function embeddedMetrics(fields: LogFields, timestamp: number): string {
  // A dimension must have its field, and a good answer has no code.
  const outcome = fields.code ? '"function","outcome","code"' : '"function","outcome"';
  let metrics = "";
  for (const [name, declared] of METRICS) {
    if (typeof fields[name] === "number") metrics += metrics === "" ? declared : `,${declared}`;
  }
  return `{"Timestamp":${timestamp},"CloudWatchMetrics":[{"Namespace":"${NAMESPACE}","Dimensions":[["function"]],"Metrics":[${metrics}]},{"Namespace":"${NAMESPACE}","Dimensions":[[${outcome}]],"Metrics":[{"Name":"requests","Unit":"Count"}]}]}`;
}
