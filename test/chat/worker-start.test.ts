import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { mockClient } from "aws-sdk-client-mock";
import { describe, expect, it } from "vitest";
import { createWorkerStart } from "../../src/chat/aws/worker.ts";
import type { Job } from "../../src/chat/job.ts";

const JOB: Job = {
  platform: "slack",
  message: {
    id: "1",
    text: "WIN-ALICE",
    sender: { users: "U1" },
    language: null,
    timeZone: null,
    returnTo: {},
  },
  requestId: "request-0001",
};

describe("the worker", () => {
  it("is started asynchronously with the whole job", async () => {
    const lambda = mockClient(LambdaClient);
    lambda.on(InvokeCommand).resolves({ StatusCode: 202 });
    const start = createWorkerStart(
      "chat-worker",
      ({ LambdaClient: Client }) => new Client({ region: "us-east-1" }),
    );
    await start(JOB, AbortSignal.timeout(1000));
    const [call] = lambda.commandCalls(InvokeCommand);
    expect(call?.args[0].input).toMatchObject({ FunctionName: "chat-worker", InvocationType: "Event" });
    expect(JSON.parse(Buffer.from(call?.args[0].input.Payload as Uint8Array).toString())).toEqual(JOB);
  });

  it("that cannot be started is told of", async () => {
    const lambda = mockClient(LambdaClient);
    lambda.on(InvokeCommand).rejects(new Error("AccessDenied"));
    const start = createWorkerStart(
      "chat-worker",
      ({ LambdaClient: Client }) => new Client({ region: "us-east-1" }),
    );
    await expect(start(JOB, AbortSignal.timeout(1000))).rejects.toThrow("AccessDenied");
  });
});
