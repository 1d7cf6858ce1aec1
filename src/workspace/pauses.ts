export interface Pauses {
  /** Milliseconds for which this access key is still to be left alone; 0 when it is not. */
  remaining(accessKey: string): number;
  /** Leaves the access key alone for that long; a longer pause stands. */
  pause(accessKey: string, ms: number): void;
}

/**
 * Remembers, per container, which access keys the upstream asked us to leave alone, and until when. The quota is the
 * key's, whatever profiles share it.
 */
export function createPauses(now: () => number): Pauses {
  const endsAt = new Map<string, number>();
  return {
    remaining: (accessKey) => Math.max(0, (endsAt.get(accessKey) ?? 0) - now()),
    pause(accessKey, ms) {
      endsAt.set(accessKey, Math.max(endsAt.get(accessKey) ?? 0, now() + ms));
    },
  };
}
