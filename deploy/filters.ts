import { type FunctionNeeds, idOf } from "./functions.ts";
import type { Resource } from "./template.ts";

/** Lines that are counted, by their metric; deploy/observe counts those of functions that answer. */
const PATTERNS = { Faults: '{ $.level = "ERROR" }' } as const;

/** Counts lines of a function's log. */
export function filter(needs: FunctionNeeds, metric: keyof typeof PATTERNS): Resource {
  const { condition } = needs;
  const transformation = {
    MetricNamespace: `\${self:service}/\${sls:stage}`,
    MetricName: metric,
    MetricValue: "1",
    DefaultValue: 0,
  };
  return {
    Type: "AWS::Logs::MetricFilter",
    ...(condition === undefined ? {} : { Condition: condition }),
    Properties: {
      LogGroupName: { Ref: `${idOf(needs)}LogGroup` },
      FilterPattern: PATTERNS[metric],
      MetricTransformations: [transformation],
    },
  };
}
