import { ANSWERING, type FunctionNeeds, idOf } from "./functions.ts";
import type { Resource } from "./template.ts";

/** What takes audit lines to the function `audit`, and tells when one did not arrive. */
export function audit(): Record<string, Resource> {
  return {
    ...Object.fromEntries(ANSWERING.map((each) => [`${idOf(each)}AuditSubscription`, subscription(each)])),
    AuditFaults: FAULTS,
    AuditUndeliveredAlarm: UNDELIVERED,
  };
}

function subscription(needs: FunctionNeeds): Resource {
  return {
    Type: "AWS::Logs::SubscriptionFilter",
    Condition: needs.condition === "HasChat" ? "HasChatAudit" : "HasAudit",
    // CloudWatch Logs tries whether it may, and CloudFormation does not know that.
    DependsOn: "AuditPermission",
    Properties: {
      LogGroupName: { Ref: `${idOf(needs)}LogGroup` },
      FilterPattern: '{ $.message = "audit" }',
      DestinationArn: { "Fn::GetAtt": ["AuditLambdaFunction", "Arn"] },
    },
  };
}

/** Counts as deploy/observe counts for the functions that answer, into the metric of all. */
const FAULTS: Resource = {
  Type: "AWS::Logs::MetricFilter",
  Condition: "HasAudit",
  Properties: {
    LogGroupName: { Ref: "AuditLogGroup" },
    FilterPattern: '{ $.level = "ERROR" }',
    MetricTransformations: [
      {
        MetricNamespace: `\${self:service}/\${sls:stage}`,
        MetricName: "Faults",
        MetricValue: "1",
        DefaultValue: 0,
      },
    ],
  },
};

const ACTIONS = `\${file(deploy/alarms.yml):actions}`;

const UNDELIVERED: Resource = {
  Type: "AWS::CloudWatch::Alarm",
  Condition: "HasAudit",
  Properties: {
    AlarmDescription:
      "Audit lines could not be copied into the audit log. The log of the function audit says why; the lines are in the log of the function that wrote them, and in the queue AuditUndelivered for 14 days.",
    Namespace: "AWS/SQS",
    MetricName: "NumberOfMessagesSent",
    Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": ["AuditUndelivered", "QueueName"] } }],
    Statistic: "Sum",
    Period: 60,
    EvaluationPeriods: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    Threshold: 1,
    TreatMissingData: "notBreaching",
    AlarmActions: ACTIONS,
    OKActions: ACTIONS,
  },
};
