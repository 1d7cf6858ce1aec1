import type { Template } from "../cloudformation.ts";
import type { Invocation } from "../container.ts";
import { type AlarmProperties, goesOffAt, nameOfValue, statesOf } from "./alarms.ts";
import { createLogs, type MetricFilter } from "./logs.ts";
import { createMetrics } from "./metrics.ts";

/** Lambda's own metrics: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
const LAMBDA = "AWS/Lambda";
/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html */
const GATEWAY = "AWS/ApiGateway";

const refTo = (id: string) => nameOfValue({ Ref: id });

/** What CloudWatch of one deployment knows, by its template: metric filters, embedded metrics, services' own, alarms. */
export function createAccount(template: Template) {
  const metrics = createMetrics();
  const resources = Object.entries(template.Resources);
  const filters: MetricFilter[] = resources
    .filter(([, { Type }]) => Type === "AWS::Logs::MetricFilter")
    .map(([, { Properties: properties = {} }]) => ({
      logGroup: nameOfValue(properties["LogGroupName"]),
      pattern: properties["FilterPattern"],
      transformations: properties["MetricTransformations"],
    }));
  const alarms = new Map(
    resources
      .filter(([, { Type }]) => Type === "AWS::CloudWatch::Alarm")
      .map(([id, { Properties }]) => [id, Properties as unknown as AlarmProperties]),
  );
  const logs = createLogs(filters, metrics);

  function count(namespace: string, name: string, dimensions: Record<string, string>, at: number, value = 1) {
    metrics.put(namespace, name, dimensions, { at, value });
  }

  function ofLambda(id: string) {
    return { FunctionName: refTo(`${id}LambdaFunction`) };
  }

  const account = {
    metrics,
    alarms,
    /** Lines that a function wrote, as if at that time. */
    log(id: string, lines: readonly string[], at: number): void {
      for (const line of lines) {
        logs.write(refTo(`${id}LogGroup`), line.replace(/"Timestamp":\d+/, `"Timestamp":${at}`), at);
      }
    },
    /** An invocation, as if at that time. */
    invoked(id: string, { lines, error, durationMs }: Invocation, at: number): void {
      account.log(id, lines, at);
      count(LAMBDA, "Invocations", ofLambda(id), at);
      count(LAMBDA, "Errors", ofLambda(id), at, error === undefined ? 0 : 1);
      count(LAMBDA, "Throttles", ofLambda(id), at, 0);
      count(LAMBDA, "Duration", ofLambda(id), at, durationMs);
    },
    /** The same by way of the gateway, which counts what it answers. Where there was no fault, it counts none. */
    requested(id: string, invocation: Invocation, at: number): void {
      account.invoked(id, invocation, at);
      account.answered(invocation.result?.statusCode ?? 500, at);
    },
    answered(status: number, at: number): void {
      count(GATEWAY, "Count", { ApiId: refTo("HttpApi") }, at);
      if (status >= 500) count(GATEWAY, "5xx", { ApiId: refTo("HttpApi") }, at);
    },
    /** An invocation that Lambda had no room for. */
    throttled(id: string, at: number): void {
      count(LAMBDA, "Throttles", ofLambda(id), at);
    },
    /** What Lambda hands to a failure destination. */
    queued(queue: string, at: number): void {
      count(
        "AWS/SQS",
        "NumberOfMessagesSent",
        { QueueName: nameOfValue({ "Fn::GetAtt": [queue, "QueueName"] }) },
        at,
      );
    },
    ended(stateMachine: string, how: "Failed" | "Aborted" | "Succeeded", at: number): void {
      count("AWS/States", `Executions${how}`, { StateMachineArn: refTo(stateMachine) }, at);
    },
    goesOffAt(alarm: string, from: number, until: number): number | null {
      return goesOffAt(alarms.get(alarm) as AlarmProperties, metrics, from, until);
    },
    /** All alarms that go off, and when, in milliseconds after the start. */
    goingOff(from: number, until: number): Map<string, number> {
      const times = new Map<string, number>();
      for (const [id, alarm] of alarms) {
        const at = goesOffAt(alarm, metrics, from, until);
        if (at !== null) times.set(id, at - from);
      }
      return times;
    },
    lastState(alarm: string, from: number, until: number) {
      return statesOf(alarms.get(alarm) as AlarmProperties, metrics, from, until).at(-1)?.state;
    },
  };
  return account;
}

export type Account = ReturnType<typeof createAccount>;
