import { randomUUID } from "node:crypto";
import type { Context } from "aws-lambda";

/** The context of one invocation, as Lambda makes it. */
export function lambdaContext(functionName: string, timeoutMs: number): Context {
  const endsAt = performance.now() + timeoutMs;
  const context: Omit<Context, "done" | "fail" | "succeed"> = {
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB: "512",
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "local",
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(endsAt - performance.now())),
  };
  // The three callbacks of Lambda's first years are not there any more.
  return context as Context;
}
