/**
 * The share of an access key's quota that one run may use. It may be spent in a burst, but for what the key's quota of 200 calls
 * a minute must keep for the people who ask at the same time.
 */
export interface Share {
  /** Takes one call, after a wait if need be; false when there is none left, or no time. */
  take(remainingMs: () => number): Promise<boolean>;
  /** A call took further attempts. */
  note(attempts: number): void;
  /** The upstream limits or refuses this key: no more calls in this run. */
  stop(): void;
  isOver(): boolean;
}

/** Of the 200 that Huawei Cloud allows by default, 50 are left for others. */
const BURST_PER_MINUTE = 150;
const MINUTE_MS = 60_000;

export interface ShareParts {
  callsPerMinute: number;
  minutes: number;
  /** Monotonic milliseconds. */
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

export function createShare({ callsPerMinute, minutes, now, sleep }: ShareParts): Share {
  let left = callsPerMinute * minutes;
  let isStopped = false;
  const recent: number[] = [];
  // Who gives the watch more than that has a larger quota.
  const burst = callsPerMinute >= BURST_PER_MINUTE ? Number.POSITIVE_INFINITY : BURST_PER_MINUTE;

  /** Milliseconds until the last minute has room for one more. */
  function waitMs(): number {
    while (recent[0] !== undefined && recent[0] <= now() - MINUTE_MS) recent.shift();
    const oldest = recent[recent.length - burst];
    return oldest === undefined ? 0 : oldest + MINUTE_MS - now();
  }

  return {
    async take(remainingMs) {
      for (;;) {
        if (isStopped || left <= 0 || remainingMs() <= 0) return false;
        const ms = waitMs();
        if (ms <= 0) break;
        if (ms >= remainingMs()) return false;
        await sleep(ms);
      }
      left -= 1;
      recent.push(now());
      return true;
    },
    note(attempts) {
      for (let further = 1; further < attempts; further++) {
        left -= 1;
        recent.push(now());
      }
    },
    stop() {
      isStopped = true;
    },
    isOver: () => isStopped || left <= 0,
  };
}
