import { portionsOf, readLogBatch, type WriteLines } from "./log-batch.ts";

/**
 * The function `audit`: copies the lines that a subscription hands over into the audit log, each into a stream that is
 * named after the function and the stream that wrote it.
 *
 * What cannot be copied is thrown: Lambda tries again, and then keeps the event. A line may so be there twice, and is
 * never lost in silence.
 */
export function createAuditFunction(write: WriteLines) {
  return async (event: unknown): Promise<void> => {
    const batch = readLogBatch(event);
    if (batch === null) return;
    const writer = batch.logGroup.split("/").at(-1);
    for (const portion of portionsOf(batch.lines)) await write(`${writer}/${batch.logStream}`, portion);
  };
}
