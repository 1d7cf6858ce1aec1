import { UnbindingsError } from "./error.ts";

export interface RetryOptions {
  /** How often a question is asked at most, the first time included; 3 by default. */
  attempts?: number;
  /** A longer wait is the caller's matter; 60 by default. */
  maxWaitSeconds?: number;
}

const BASE_MS = 200;

/** How long to wait before the next attempt in milliseconds; `null` to give up. */
export function waitBefore(
  error: { retryable: boolean; retry_after_seconds?: number | undefined },
  attempt: number,
  { attempts = 3, maxWaitSeconds = 60 }: RetryOptions,
): number | null {
  if (!error.retryable || attempt >= attempts) return null;
  const told = error.retry_after_seconds;
  // Full jitter, so that many clients do not come back at the same moment.
  const ms = told === undefined ? Math.random() * BASE_MS * 2 ** attempt : told * 1000;
  return ms > maxWaitSeconds * 1000 ? null : ms;
}

/** What the work gives, or the signal's reason as soon as that is aborted, whether or not the work stops for it. */
export function abortable<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

export interface Limit {
  /** The caller's own signal, which may end the work earlier. */
  signal: AbortSignal | undefined;
  ms: number;
  /** What is thrown when the time is over. */
  fault: () => Error;
}

/** Work that ends when its time does, or the caller's signal. */
export async function withinLimit<T>(
  { signal, ms, fault }: Limit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stop = () => controller.abort(signal?.reason);
  if (signal?.aborted) stop();
  else signal?.addEventListener("abort", stop, { once: true });
  const timer = setTimeout(() => controller.abort(fault()), ms);
  try {
    return await abortable(controller.signal, work(controller.signal));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** @throws the signal's reason as soon as that is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Asks until it is answered, or until asking again makes no sense. */
export async function withRetries<T>(
  ask: () => Promise<T>,
  options: RetryOptions,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      signal?.throwIfAborted();
      const ms = error instanceof UnbindingsError ? waitBefore(error, attempt, options) : null;
      if (ms === null) throw error;
      await pause(ms, signal);
    }
  }
}
