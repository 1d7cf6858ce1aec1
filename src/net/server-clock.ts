/** A refusal is blamed on our clock only beyond this; the gateway accepts 15 minutes either way. */
const MIN_SKEW_MS = 5 * 60_000;
/** A server that is further off than this is not believed. */
const MAX_SKEW_MS = 24 * 3_600_000;

export interface SigningClock {
  /** Milliseconds since the epoch, as the gateway counts them. */
  now(): number;
  /** How far our own clock is behind the gateway's, in milliseconds; 0 until a refusal showed otherwise. */
  offsetMs(): number;
  /**
   * Learns the gateway's time from a refusal. True when that explains the refusal.
   *
   * @param signedOffsetMs The offset that the refused request was signed by: of several under way at once, the first
   *   refusal corrects the clock, and the others are explained by the same fault.
   */
  correct(serverTime: number, signedOffsetMs: number): boolean;
}

/** The clock that requests are signed by: the container's own, corrected once the gateway has shown it wrong. */
export function createSigningClock(wallNow: () => number): SigningClock {
  let offset = 0;
  return {
    now: () => wallNow() + offset,
    offsetMs: () => offset,
    correct(serverTime, signedOffsetMs) {
      const learned = serverTime - wallNow();
      const skew = learned - signedOffsetMs;
      // Put so that a time that could not be read, which is NaN, explains nothing.
      const explains = Math.abs(skew) >= MIN_SKEW_MS && Math.abs(learned) <= MAX_SKEW_MS;
      if (explains) offset = learned;
      return explains;
    },
  };
}
