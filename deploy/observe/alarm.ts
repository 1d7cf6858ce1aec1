import type { Resource, Settings, Value } from "./settings.ts";

export interface Metric {
  namespace: string;
  name: string;
  dimensions?: Readonly<Record<string, Value>>;
}

/** When an alarm goes off. Periods in seconds. */
interface Rule {
  description: string;
  period: number;
  /** Of so many periods … */
  periods?: number;
  /** … so many must breach; all of them, if not given. */
  breaching?: number;
  atLeast?: number;
  below?: number;
  /** What periods without data say; usually, that all is well. */
  missing?: "notBreaching" | "breaching" | "ignore";
}

type Statistic = "Sum" | "Minimum" | "p99";

/** An alarm on one statistic of one metric. */
export function alarm(settings: Settings, metric: Metric, statistic: Statistic, rule: Rule): Resource {
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      Namespace: metric.namespace,
      MetricName: metric.name,
      ...(metric.dimensions && { Dimensions: listed(metric.dimensions) }),
      ...(statistic === "p99" ? { ExtendedStatistic: statistic } : { Statistic: statistic }),
      Period: rule.period,
      ...judged(settings, rule),
    },
  };
}

/** An alarm on the share of one metric in another, in per cent. */
export function shareAlarm(settings: Settings, part: Metric, whole: Metric, rule: Rule): Resource {
  const sum = ({ namespace, name, dimensions = {} }: Metric, id: string) => ({
    Id: id,
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: name, Dimensions: listed(dimensions) },
      Period: rule.period,
      Stat: "Sum",
    },
    ReturnData: false,
  });
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      Metrics: [
        sum(part, "part"),
        sum(whole, "whole"),
        { Id: "share", Expression: "100 * part / whole", Label: "per cent", ReturnData: true },
      ],
      ...judged(settings, rule),
    },
  };
}

function judged({ actions }: Settings, rule: Rule): Record<string, unknown> {
  const isFloor = rule.below !== undefined;
  return {
    AlarmDescription: rule.description,
    EvaluationPeriods: rule.periods ?? 1,
    ...(rule.breaching !== undefined && { DatapointsToAlarm: rule.breaching }),
    ComparisonOperator: isFloor ? "LessThanThreshold" : "GreaterThanOrEqualToThreshold",
    Threshold: isFloor ? rule.below : rule.atLeast,
    TreatMissingData: rule.missing ?? "notBreaching",
    AlarmActions: actions,
    OKActions: actions,
  };
}

function listed(dimensions: Readonly<Record<string, Value>>) {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}
