import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Context } from "aws-lambda";
import { afterEach, describe, expect, it } from "vitest";
import { type LambdaFunction, serveLambda } from "../../sandbox/lambda.ts";
import type { Serving } from "../../sandbox/serve.ts";

let serving: Serving | undefined;

afterEach(() => serving?.close());

async function invoke(
  handler: Awaited<ReturnType<LambdaFunction["load"]>>,
  { name = "worker", type = "Event" as "Event" | "RequestResponse", payload = '{"a":1}' } = {},
) {
  serving = await serveLambda([{ name: "worker", load: async () => handler, timeoutMs: 5000 }]);
  const client = new LambdaClient({
    endpoint: serving.url,
    region: "us-east-1",
    credentials: { accessKeyId: "made-up", secretAccessKey: "made-up" },
    maxAttempts: 1,
  });
  return await client.send(
    new InvokeCommand({ FunctionName: name, InvocationType: type, Payload: Buffer.from(payload) }),
  );
}

describe("Lambda's stand-in", () => {
  it("takes the event before the function runs, and gives the function time of its own", async () => {
    const called = Promise.withResolvers<[unknown, Context]>();
    const go = Promise.withResolvers<void>();
    const { StatusCode } = await invoke(async (event, context) => {
      await go.promise;
      called.resolve([event, context]);
    });
    expect(StatusCode).toBe(202);
    go.resolve();
    const [event, context] = await called.promise;
    expect(event).toEqual({ a: 1 });
    expect(context.functionName).toBe("worker");
    expect(context.getRemainingTimeInMillis()).toBeGreaterThan(1000);
  });

  it("runs on when a function fails, and does not call it again", async () => {
    let calls = 0;
    await invoke(async () => {
      calls += 1;
      throw new Error("broken");
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(calls).toBe(1);
  });

  it("refuses what it does not serve", async () => {
    const nobody = async () => undefined;
    await expect(invoke(nobody, { name: "other" })).rejects.toThrow("Function not found: other");
    await expect(invoke(nobody, { type: "RequestResponse" })).rejects.toThrow("Only InvocationType Event");
    await expect(invoke(nobody, { payload: "no JSON" })).rejects.toThrow("The event is no JSON.");
  });
});
