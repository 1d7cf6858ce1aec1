import type { Lease } from "../workspace/credentials.ts";
import type { Profile } from "../workspace/profile.ts";

/** Huawei locks a key for everybody after 5 refusals in a row: we stop before that. */
const STRIKES = 3;
const LOCK_MS = 5 * 60_000;

export interface KeyLocks {
  isLocked(profile: Profile): boolean;
  /**
   * Takes the key for one signed request. A key in doubt is out only as often as it can be refused before we stop: then
   * nothing is taken, and the promise tells when it is worth trying again.
   *
   * @param isForced Takes it all the same.
   */
  take(profile: Profile, isForced: boolean): Lease | Promise<void>;
  /** The key was refused once more. */
  strike(profile: Profile): void;
}

interface Record {
  /** Refusals in a row. */
  strikes: number;
  /** Refusals ever. */
  refusals: number;
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
      record = {
        strikes: 0,
        refusals: 0,
        lockedUntil: Number.NEGATIVE_INFINITY,
        isTrusted: false,
        out: 0,
        waiting: null,
      };
      records.set(id, record);
    }
    return record;
  }

  return {
    isLocked: (profile) => now() < recordOf(profile).lockedUntil,
    take(profile, isForced) {
      const record = recordOf(profile);
      const hasRoom = record.isTrusted || record.out === 0 || record.strikes + record.out < STRIKES;
      if (hasRoom || isForced) return lend(record);
      record.waiting ??= Promise.withResolvers();
      return record.waiting.promise;
    },
    strike(profile) {
      const record = recordOf(profile);
      record.isTrusted = false;
      record.strikes += 1;
      // Stryker disable next-line AssignmentOperator: whoever compares it asks only whether it is another.
      record.refusals += 1;
      // When the lock ends, a single further refusal renews it.
      if (record.strikes >= STRIKES) record.lockedUntil = now() + LOCK_MS;
    },
  };
}

function lend(record: Record): Lease {
  const { refusals } = record;
  record.out += 1;
  return {
    end(wasAccepted) {
      record.out -= 1;
      record.waiting?.resolve();
      record.waiting = null;
      // An answer that was long under way says nothing of a key that was refused meanwhile.
      if (!wasAccepted || record.refusals !== refusals) return;
      record.isTrusted = true;
      record.strikes = 0;
      record.lockedUntil = Number.NEGATIVE_INFINITY;
    },
  };
}
