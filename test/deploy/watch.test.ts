import { beforeAll, describe, expect, it } from "vitest";
import { LEDGER_TABLE } from "../../src/ledger/definition.ts";
import { readWatchConfig } from "../../src/watch/config.ts";
import { type Packaged, packageCopy } from "../support/packaged.ts";
import { settle } from "../support/settle.ts";
import { BUS, WATCH_SECRET } from "../support/variants.ts";

let packaged: Packaged;
beforeAll(async () => {
  packaged = await packageCopy({
    watch: "on",
    watchSecretArn: WATCH_SECRET,
    watchEventBusArn: BUS,
    watchMinutes: "10",
  });
}, 240_000);

const resource = (name: string) =>
  settle(packaged.template).Resources[name]?.Properties as Record<string, never>;

describe("the watch, deployed", () => {
  it("has the table that the tests have, kept when it is taken down", () => {
    const { Ledger } = packaged.template.Resources;
    expect(Ledger).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    expect(Ledger?.Properties).toMatchObject(LEDGER_TABLE);
    expect(Ledger?.Properties).toMatchObject({
      DeletionProtectionEnabled: true,
      TimeToLiveSpecification: { AttributeName: "expires_at", Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  it("runs away from full and half hours, without retries, and keeps what failed", () => {
    expect(resource("WatchSchedule")).toMatchObject({
      ScheduleExpression: "cron(2/10 * * * ? *)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Input: "{}", RetryPolicy: { MaximumRetryAttempts: 0 } },
    });
    const invoke = Object.values(packaged.template.Resources).find(
      ({ Type, Condition }) => Type === "AWS::Lambda::EventInvokeConfig" && Condition === "HasWatch",
    );
    expect(invoke?.Properties).toMatchObject({
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: {} },
    });
  });

  it("has a configuration that the function reads", () => {
    const { Environment } = resource("WatchLambdaFunction") as {
      Environment?: { Variables: Record<string, string> };
    };
    const variables = Object.fromEntries(
      Object.entries(Environment?.Variables ?? {}).map(([name, value]) => [
        name,
        typeof value === "string" ? value : "given",
      ]),
    );
    expect(readWatchConfig(variables).config).toMatchObject({
      minutes: 10,
      watchSecretId: WATCH_SECRET,
      eventBus: BUS,
    });
    expect(JSON.stringify(Environment).length).toBeLessThan(4096);
  });

  it("may do what it does and no more", () => {
    const { Policies } = resource("WatchRole") as unknown as {
      Policies: { PolicyDocument: { Statement: { Action: string | string[] }[] } }[];
    };
    const actions = Policies.flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.flatMap(({ Action }) => Action),
    );
    expect([...new Set(actions)].sort()).toEqual([
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "events:PutEvents",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "secretsmanager:GetSecretValue",
      "sqs:SendMessage",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ]);
  });

  it("raises an alarm when its heartbeat is missing", () => {
    expect(resource("WatchBlindAlarm")).toMatchObject({
      MetricName: "WatchHeartbeat",
      TreatMissingData: "breaching",
      ComparisonOperator: "LessThanThreshold",
    });
  });
});
