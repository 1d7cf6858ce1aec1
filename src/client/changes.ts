import { abortable, pause, type RetryOptions, withRetries } from "./retry.ts";
import type { ChangesAnswer, ChangesQuestion } from "./types.ts";

export interface ChangesOptions {
  /** How long to wait where nothing is new; 60 by default. */
  waitSeconds?: number | undefined;
}

interface Call {
  requestId: string;
  signal: AbortSignal | undefined;
}

const WAIT_SECONDS = 60;

/** Page after page, with a wait where nothing is new. */
export async function* changesBy(
  askChanges: (question: ChangesQuestion, call: Call) => Promise<ChangesAnswer>,
  retry: RetryOptions,
  options: ChangesQuestion & ChangesOptions & { [K in keyof Call]?: Call[K] | undefined },
): AsyncIterableIterator<ChangesAnswer> {
  const { signal, requestId, waitSeconds = WAIT_SECONDS, ...question } = options;
  let { cursor = null } = question;
  for (;;) {
    const call = { requestId: requestId ?? crypto.randomUUID(), signal };
    const page = await withRetries(
      () => abortable(signal, askChanges({ ...question, cursor }, call)),
      retry,
      signal,
    );
    cursor = page.cursor;
    if (page.changes.length > 0) yield page;
    else await pause(waitSeconds * 1000, signal);
  }
}
