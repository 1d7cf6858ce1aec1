export interface Pauses {
  /** Milliseconds that this profile is still to be left alone; 0 when it is not. */
  remaining(profile: string): number;
  /** Leaves the profile alone for that long; a longer pause stands. */
  pause(profile: string, ms: number): void;
}

/** Remembers, per container, which profiles the upstream asked us to leave alone, and until when. */
export function createPauses(now: () => number): Pauses {
  const endsAt = new Map<string, number>();
  return {
    remaining: (profile) => Math.max(0, (endsAt.get(profile) ?? 0) - now()),
    pause(profile, ms) {
      endsAt.set(profile, Math.max(endsAt.get(profile) ?? 0, now() + ms));
    },
  };
}
