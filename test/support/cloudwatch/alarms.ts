import { evaluate } from "./metric-math.ts";
import { type Metrics, type Sample, statisticOf } from "./metrics.ts";

export type State = "OK" | "ALARM" | "INSUFFICIENT_DATA";

interface Dimension {
  Name: string;
  Value: unknown;
}

interface MetricQuery {
  Id: string;
  MetricStat?: {
    Metric: { Namespace: string; MetricName: string; Dimensions?: Dimension[] };
    Period: number;
    Stat: string;
  };
  Expression?: string;
  ReturnData?: boolean;
}

/** An alarm's properties, as the template has them. */
export interface AlarmProperties {
  Namespace?: string;
  MetricName?: string;
  Dimensions?: Dimension[];
  Statistic?: string;
  ExtendedStatistic?: string;
  Period?: number;
  Metrics?: MetricQuery[];
  EvaluationPeriods: number;
  DatapointsToAlarm?: number;
  ComparisonOperator: string;
  Threshold: number;
  TreatMissingData?: string;
}

/** What a value of the template is called: a reference goes by what it refers to. */
export function nameOfValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The value of an alarm's metric for each of its periods; `null` where there is none. */
function series(
  alarm: AlarmProperties,
  metrics: Metrics,
): { period: number; valueAt: (start: number) => number | null } {
  if (alarm.Metrics) {
    const queries = new Map(alarm.Metrics.map((query) => [query.Id, query]));
    const returned = alarm.Metrics.filter(({ ReturnData = true }) => ReturnData);
    const [result] = returned;
    if (returned.length !== 1 || !result) throw new Error("an alarm has one result");
    const period = Math.max(...alarm.Metrics.flatMap(({ MetricStat }) => MetricStat?.Period ?? []));
    const valueFor = (id: string, start: number): number | null => {
      const query = queries.get(id);
      if (!query) throw new Error(`no metric ${id}`);
      if (query.Expression !== undefined) return evaluate(query.Expression, (each) => valueFor(each, start));
      if (!query.MetricStat) throw new Error(`${id} is neither a metric nor an expression`);
      const { Metric, Stat } = query.MetricStat;
      return within(samplesOf(metrics, Metric), start, period, Stat);
    };
    return { period, valueAt: (start) => valueFor(result.Id, start) };
  }
  const period = alarm.Period as number;
  const samples = samplesOf(metrics, alarm as { Namespace: string; MetricName: string });
  const statistic = (alarm.Statistic ?? alarm.ExtendedStatistic) as string;
  return { period, valueAt: (start) => within(samples, start, period, statistic) };
}

function samplesOf(
  metrics: Metrics,
  metric: { Namespace: string; MetricName: string; Dimensions?: Dimension[] },
): readonly Sample[] {
  const dimensions = (metric.Dimensions ?? []).map(({ Name, Value }) => [Name, nameOfValue(Value)] as const);
  return metrics.samples(metric.Namespace, metric.MetricName, Object.fromEntries(dimensions));
}

function within(samples: readonly Sample[], start: number, period: number, statistic: string): number | null {
  const end = start + period * 1000;
  return statisticOf(
    samples.filter(({ at }) => at >= start && at < end),
    statistic,
  );
}

function breaches({ ComparisonOperator, Threshold }: AlarmProperties, value: number): boolean {
  switch (ComparisonOperator) {
    case "GreaterThanOrEqualToThreshold":
      return value >= Threshold;
    case "GreaterThanThreshold":
      return value > Threshold;
    case "LessThanThreshold":
      return value < Threshold;
    case "LessThanOrEqualToThreshold":
      return value <= Threshold;
    default:
      throw new Error(`no comparison ${ComparisonOperator}`);
  }
}

/**
 * The states of an alarm, evaluated at the end of each of its periods, in order: M out of N datapoints, and what missing
 * ones count for.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 * @param from Milliseconds since the epoch.
 */
export function statesOf(
  alarm: AlarmProperties,
  metrics: Metrics,
  from: number,
  until: number,
): { at: number; state: State }[] {
  const { period, valueAt } = series(alarm, metrics);
  const { EvaluationPeriods: periods, TreatMissingData: missing = "missing" } = alarm;
  const needed = alarm.DatapointsToAlarm ?? periods;
  const step = period * 1000;
  const first = Math.floor(from / step) * step;
  const states: { at: number; state: State }[] = [];
  let state: State = "INSUFFICIENT_DATA";
  for (let end = first + step; end <= until; end += step) {
    const values = Array.from({ length: periods }, (_, index) => valueAt(end - (index + 1) * step));
    const known = values.filter((value) => value !== null);
    const absent = missing === "breaching" ? values.length - known.length : 0;
    const breaching = known.filter((value) => breaches(alarm, value)).length + absent;
    if (breaching >= needed) state = "ALARM";
    else if (known.length > 0 || missing === "breaching" || missing === "notBreaching") state = "OK";
    else if (missing === "missing") state = "INSUFFICIENT_DATA";
    else if (missing !== "ignore") throw new Error(`no way to treat missing data ${missing}`);
    states.push({ at: end, state });
  }
  return states;
}

/** When an alarm goes off first, in milliseconds since the epoch; `null` if it never does. */
export function goesOffAt(
  alarm: AlarmProperties,
  metrics: Metrics,
  from: number,
  until: number,
): number | null {
  return statesOf(alarm, metrics, from, until).find(({ state }) => state === "ALARM")?.at ?? null;
}
