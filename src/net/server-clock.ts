/** A refusal is blamed on our clock only beyond this; the gateway accepts 15 minutes either way. */
const MIN_SKEW_MS = 5 * 60_000;
/** A server that is further off than this is not believed. */
const MAX_SKEW_MS = 24 * 3_600_000;

export interface SigningClock {
  /** The time for one signature. */
  read(): Reading;
  /** How far our own clock is behind the server's, in milliseconds; 0 until a refusal showed otherwise. */
  offsetMs(): number;
}

/** One look at the clock: the time that a request is signed by. */
export interface Reading {
  /** Milliseconds since the epoch, as the server counts them. */
  at: number;
  /**
   * Learns the server's time from the refusal of what was signed by this reading. True when that explains the refusal: of
   * several under way at once, all are explained by the same fault, and the one signed last sets the clock.
   */
  correct(serverTime: number): boolean;
}

/** The clock that requests to one server are signed by: the container's own, corrected once a refusal has shown it wrong. */
export function createSigningClock(wallNow: () => number): SigningClock {
  let offset = 0;
  let readings = 0;
  /** The reading whose refusal set the clock. */
  let setBy = 0;
  return {
    offsetMs: () => offset,
    read() {
      const signedOffset = offset;
      const number = ++readings;
      return {
        at: wallNow() + offset,
        correct(serverTime) {
          const learned = serverTime - wallNow();
          const skew = learned - signedOffset;
          // Put so that a time that could not be read, which is NaN, explains nothing.
          const explains = Math.abs(skew) >= MIN_SKEW_MS && Math.abs(learned) <= MAX_SKEW_MS;
          if (explains && number > setBy) {
            offset = learned;
            setBy = number;
          }
          return explains;
        },
      };
    },
  };
}

/** One clock per origin: two servers may differ, and neither may correct the other's. */
export interface SigningClocks {
  of(origin: string): SigningClock;
}

export function createSigningClocks(wallNow: () => number): SigningClocks {
  const clocks = new Map<string, SigningClock>();
  return {
    of(origin) {
      const clock = clocks.get(origin) ?? createSigningClock(wallNow);
      clocks.set(origin, clock);
      return clock;
    },
  };
}
