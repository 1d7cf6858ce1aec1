import type { LogFields } from "./log.ts";

const NAMESPACE = "WorkspaceUnbindings";

/** The fields of a request line that are metrics as well. None of them, and no dimension, is personal. */
const METRICS = [
  { Name: "lookups", Unit: "Count" },
  { Name: "duration_ms", Unit: "Milliseconds" },
  { Name: "upstream_ms", Unit: "Milliseconds" },
  { Name: "attempts", Unit: "Count" },
  { Name: "cache_hits", Unit: "Count" },
  { Name: "throttles", Unit: "Count" },
  { Name: "refusals", Unit: "Count" },
  { Name: "unreadable_times", Unit: "Count" },
  { Name: "secret_age_seconds", Unit: "Seconds" },
] as const;

const OUTCOME = [{ Name: "requests", Unit: "Count" }] as const;

/**
 * The `_aws` member that makes CloudWatch take metrics out of a log line, so that they cost no call of their own.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * @param timestamp Milliseconds since the epoch.
 */
export function embeddedMetrics(fields: LogFields, timestamp: number): object {
  // A dimension must have its field, and a good answer has no code.
  const outcome = fields.code ? ["function", "outcome", "code"] : ["function", "outcome"];
  return {
    Timestamp: timestamp,
    CloudWatchMetrics: [
      {
        Namespace: NAMESPACE,
        Dimensions: [["function"]],
        Metrics: METRICS.filter(({ Name }) => typeof fields[Name] === "number"),
      },
      { Namespace: NAMESPACE, Dimensions: [outcome], Metrics: OUTCOME },
    ],
  };
}
