import type { StartWorker } from "../job.ts";

type Sdk = typeof import("./lambda-client.ts");
type LambdaClient = InstanceType<Sdk["LambdaClient"]>;

/**
 * Invokes the function `chat-worker` asynchronously: Lambda takes the event and answers 202 before it runs.
 *
 * @param functionName Name or ARN.
 * @param makeClient For tests: a client of their own.
 */
export function createWorkerStart(
  functionName: string,
  makeClient?: (sdk: Sdk) => LambdaClient,
): StartWorker {
  // Loaded during init, when Lambda gives a whole CPU; whatever fails is told to those who need it.
  const loading = import("./lambda-client.ts");
  loading.catch(() => undefined);
  let client: LambdaClient | undefined;
  return async (job, signal) => {
    const sdk = await loading;
    client ??= makeClient ? makeClient(sdk) : new sdk.LambdaClient({ maxAttempts: 2 });
    await client.send(
      new sdk.InvokeCommand({
        FunctionName: functionName,
        InvocationType: "Event",
        Payload: Buffer.from(JSON.stringify(job)),
      }),
      { abortSignal: signal },
    );
  };
}
