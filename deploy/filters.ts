import { ANSWERING, type FunctionNeeds, idOf } from "./functions.ts";
import type { Resource } from "./template.ts";

/** Lines that are counted, by their metric. An alarm watches each. */
const PATTERNS = {
  // What became of a request: a refusal after which a newer key was accepted is a rotation.
  CredentialsRefused: '{ $.code = "CREDENTIALS_REFUSED" }',
  Faults: '{ $.level = "ERROR" }',
} as const;

/** The metric filters of all functions that answer lookups. */
export function filters(): Record<string, Resource> {
  const metrics = Object.keys(PATTERNS) as (keyof typeof PATTERNS)[];
  return Object.fromEntries(
    ANSWERING.flatMap((each) => metrics.map((metric) => [`${idOf(each)}${metric}`, filter(each, metric)])),
  );
}

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
