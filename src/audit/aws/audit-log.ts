import type { LogLine, WriteLines } from "../log-batch.ts";

type Sdk = typeof import("./logs-client.ts");

/**
 * Writes lines into streams of a log group, and makes a stream when it is first written to.
 *
 * @param logGroup Its name.
 */
export function createAuditLog(logGroup: string): WriteLines {
  // Loaded during init, when Lambda gives a whole CPU; whatever fails is told to those who need it.
  const loading = import("./logs-client.ts");
  loading.catch(() => undefined);
  let client: InstanceType<Sdk["CloudWatchLogsClient"]> | undefined;

  return async (stream: string, lines: readonly LogLine[]) => {
    const { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } = await loading;
    client ??= new CloudWatchLogsClient();
    const target = { logGroupName: logGroup, logStreamName: stream };
    const put = new PutLogEventsCommand({ ...target, logEvents: [...lines] });
    try {
      refuseLoss(await client.send(put));
    } catch (error) {
      if ((error as Error).name !== "ResourceNotFoundException") throw error;
      await client.send(new CreateLogStreamCommand(target)).catch(unlessThere);
      refuseLoss(await client.send(put));
    }
  };
}

/** A success may have a failure in it. */
function refuseLoss({
  rejectedLogEventsInfo: rejected,
}: {
  rejectedLogEventsInfo?: object | undefined;
}): void {
  if (rejected) throw new Error(`the audit log rejected lines: ${JSON.stringify(rejected)}`);
}

function unlessThere(error: Error): void {
  if (error.name !== "ResourceAlreadyExistsException") throw error;
}
