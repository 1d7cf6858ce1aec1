import { LookupError } from "../contract/errors.ts";
import type { CallContext } from "../observe/call.ts";

const OUR_FAULTS = /^(?:AccessDenied|ResourceNotFound|Validation|UnrecognizedClient|InvalidSignature)/;

/**
 * Waits for the ledger no longer than the call may take.
 *
 * @throws LookupError DEADLINE_EXCEEDED; INTERNAL where we are set up wrongly; UPSTREAM_UNAVAILABLE for any other failure.
 */
export async function readLedger<T>({ deadline }: CallContext, read: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const fail = () => reject(new LookupError("DEADLINE_EXCEEDED"));
    timer = setTimeout(fail, Math.max(0, deadline.remaining()));
  });
  try {
    return await Promise.race([read(), late]);
  } catch (error) {
    if (error instanceof LookupError) throw error;
    if (OUR_FAULTS.test((error as Error).name)) throw new LookupError("INTERNAL", { cause: error });
    const detail = "The watch's ledger cannot be read at the moment. Try again later.";
    throw new LookupError("UPSTREAM_UNAVAILABLE", { detail, cause: error });
  } finally {
    clearTimeout(timer);
  }
}
