import type { Profile } from "../ports.ts";

/** Huawei locks a key for everybody after 5 refusals in a row: we stop before that. */
const STRIKES = 3;
const LOCK_MS = 5 * 60_000;

export interface KeyLocks {
  isLocked(profile: Profile): boolean;
  /** The key was refused once more. */
  strike(profile: Profile): void;
  /** The key was accepted. */
  clear(profile: Profile): void;
}

interface Record {
  strikes: number;
  lockedUntil: number;
}

/** Counts refusals in a row per key, and tells which keys are to be left alone. */
export function createKeyLocks(now: () => number): KeyLocks {
  const records = new Map<string, Record>();
  // A mended secret key under the same access key deserves a new start.
  const idOf = ({ accessKey, secretKey }: Profile) => `${accessKey}\n${secretKey}`;
  return {
    isLocked: (profile) => now() < (records.get(idOf(profile))?.lockedUntil ?? Number.NEGATIVE_INFINITY),
    strike(profile) {
      const record = records.get(idOf(profile)) ?? { strikes: 0, lockedUntil: Number.NEGATIVE_INFINITY };
      record.strikes += 1;
      // When the lock ends, a single further refusal renews it.
      if (record.strikes >= STRIKES) record.lockedUntil = now() + LOCK_MS;
      records.set(idOf(profile), record);
    },
    clear: (profile) => void records.delete(idOf(profile)),
  };
}
