import { type Matches, parsePattern } from "./filter-pattern.ts";
import type { Metrics } from "./metrics.ts";

interface MetricTransformation {
  MetricNamespace: string;
  MetricName: string;
  MetricValue: string;
  DefaultValue?: number;
}

/** A metric filter as the template has it, with its log group's name decided. */
export interface MetricFilter {
  logGroup: string;
  pattern: string;
  transformations: readonly MetricTransformation[];
}

interface Directive {
  Namespace: string;
  Dimensions: string[][];
  Metrics: { Name: string; Unit?: string }[];
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html */
const UNITS = /^(?:Seconds|Microseconds|Milliseconds|Bytes|Percent|Count|None|(?:Bytes|Count)\/Second)$/;
const MAX_METRICS = 100;
const MAX_DIMENSIONS = 30;

/** What CloudWatch Logs makes of a line that is written to a log group: metrics by filters, and embedded ones. */
export function createLogs(filters: readonly MetricFilter[], metrics: Metrics) {
  const compiled = filters.map((filter) => ({ ...filter, matches: parsePattern(filter.pattern) }));
  return {
    /** @param at When the event happened, in milliseconds since the epoch. */
    write(logGroup: string, line: string, at: number): void {
      const event = parsed(line);
      for (const { transformations, matches } of compiled.filter((each) => each.logGroup === logGroup)) {
        for (const transformation of transformations) count(transformation, event, matches, at);
      }
      if (event?.["_aws"] !== undefined) extract(event, metrics);
    },
  };

  function count(
    { MetricNamespace, MetricName, MetricValue, DefaultValue }: MetricTransformation,
    event: Record<string, unknown> | null,
    matches: Matches,
    at: number,
  ): void {
    const isMatch = event !== null && matches(event);
    const value = isMatch ? Number(MetricValue) : DefaultValue;
    if (value !== undefined) metrics.put(MetricNamespace, MetricName, {}, { at, value });
  }
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const event = JSON.parse(line);
    return typeof event === "object" && event !== null && !Array.isArray(event) ? event : null;
  } catch {
    return null;
  }
}

/**
 * Embedded metrics, with every rule of the format that would make CloudWatch drop some without a word: here it throws.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
function extract(event: Readonly<Record<string, unknown>>, metrics: Metrics): void {
  const { Timestamp: at, CloudWatchMetrics: directives } = event["_aws"] as {
    Timestamp: number;
    CloudWatchMetrics: Directive[];
  };
  if (!Number.isInteger(at)) throw new Error("Timestamp must be milliseconds since the epoch");
  for (const { Namespace, Dimensions, Metrics } of directives) {
    if (!/^[\w./#: -]{1,256}$/.test(Namespace)) throw new Error(`${Namespace} is no namespace`);
    if (Metrics.length > MAX_METRICS) throw new Error("too many metrics");
    for (const names of Dimensions) {
      if (names.length > MAX_DIMENSIONS) throw new Error("too many dimensions");
      const dimensions = Object.fromEntries(names.map((name) => [name, dimensionOf(event, name)]));
      for (const { Name, Unit = "None" } of Metrics) {
        if (!UNITS.test(Unit)) throw new Error(`${Unit} is no unit`);
        const values = [event[Name]].flat();
        for (const value of values) {
          if (typeof value !== "number" || !Number.isFinite(value)) throw new Error(`${Name} is no number`);
          metrics.put(Namespace, Name, dimensions, { at, value });
        }
      }
    }
  }
}

function dimensionOf(event: Readonly<Record<string, unknown>>, name: string): string {
  const value = event[name];
  if (typeof value !== "string" || value === "" || value.length > 1024)
    throw new Error(`the dimension ${name} is no text`);
  return value;
}
