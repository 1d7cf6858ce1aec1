/**
 * Milliseconds that only ever go forward; for durations, time-outs and ages. Not the global `performance`: Node loads a
 * dozen modules for it, 1 ms of a cold start.
 */
export const monotonicNow = (): number => process.uptime() * 1000;

/** Milliseconds since the epoch; for what others read. */
export const wallNow = (): number => Date.now();

/** Resolves after that time, or as soon as nobody waits any more. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}
