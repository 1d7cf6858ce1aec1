import type { Profile } from "../ports.ts";

/** Huawei locks a key for everybody after 5 refusals in a row: we stop before that. */
const STRIKES = 3;
const LOCK_MS = 5 * 60_000;

export interface KeyLocks {
  isLocked(profile: Profile): boolean;
  /**
   * Takes the key for one signed request, after which it is to be given back. A key in doubt is out only as often as it
   * can be refused before we stop: then nothing is taken, and the promise tells when it is worth trying again.
   */
  take(profile: Profile): Promise<void> | null;
  giveBack(profile: Profile): void;
  /** The key was refused once more. */
  strike(profile: Profile): void;
  /** The key was accepted. */
  clear(profile: Profile): void;
}

interface Record {
  /** Refusals in a row. */
  strikes: number;
  lockedUntil: number;
  /** Accepted, and never refused since. */
  isTrusted: boolean;
  /** Requests under way. */
  out: number;
  waiting: PromiseWithResolvers<void> | null;
}

/** Counts refusals in a row per key, and tells which keys are to be left alone. */
export function createKeyLocks(now: () => number): KeyLocks {
  const records = new Map<string, Record>();

  function recordOf({ accessKey, secretKey }: Profile): Record {
    // A mended secret key under the same access key deserves a new start.
    const id = `${accessKey}\n${secretKey}`;
    let record = records.get(id);
    if (!record) {
      record = { strikes: 0, lockedUntil: Number.NEGATIVE_INFINITY, isTrusted: false, out: 0, waiting: null };
      records.set(id, record);
    }
    return record;
  }

  return {
    isLocked: (profile) => now() < recordOf(profile).lockedUntil,
    take(profile) {
      const record = recordOf(profile);
      const hasRoom = record.isTrusted || record.out === 0 || record.strikes + record.out < STRIKES;
      if (hasRoom) {
        record.out += 1;
        return null;
      }
      record.waiting ??= Promise.withResolvers();
      return record.waiting.promise;
    },
    giveBack(profile) {
      const record = recordOf(profile);
      record.out -= 1;
      record.waiting?.resolve();
      record.waiting = null;
    },
    strike(profile) {
      const record = recordOf(profile);
      record.isTrusted = false;
      record.strikes += 1;
      // When the lock ends, a single further refusal renews it.
      if (record.strikes >= STRIKES) record.lockedUntil = now() + LOCK_MS;
    },
    clear(profile) {
      Object.assign(recordOf(profile), {
        isTrusted: true,
        strikes: 0,
        lockedUntil: Number.NEGATIVE_INFINITY,
      });
    },
  };
}
