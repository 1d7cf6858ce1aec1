import { LookupError } from "../contract/errors.ts";
import type { CallContext } from "../observe/call.ts";
import type { LeaseOutcome } from "../workspace/credentials.ts";

/**
 * Huawei locks a key for everybody after 5 refusals in a row: we stop before that. A burst starts with no more either, so
 * that a key that turned bad, or a clock that leapt, is refused no more often before it is noticed.
 */
const STRIKES = 3;
const LOCK_MS = 5 * 60_000;
/** An acceptance that is older says nothing of the key any more. */
const ACCEPTANCE_MS = 1000;

/** A key as the upstream tells it from others, and as the secret has it. */
export interface KeyId {
  accessKey: string;
  /** All that the secret says of the access key: a lock starts from nothing when it changes. */
  credential: string;
}

export interface KeyLocks {
  isLocked(key: KeyId): boolean;
  /**
   * Claims the key for one signed request. A burst starts with a few, and more follow while acceptances come back: until
   * then there is a promise, which is resolved when it is worth trying again.
   */
  claim(key: KeyId): Claim | Promise<void>;
}

export interface Claim {
  /** The request is through. */
  end(outcome: LeaseOutcome): void;
  /** The key itself is to blame for the refusal. */
  strike(): void;
}

/** What is under way with one access key, whatever profiles share it. */
interface Traffic {
  credential: string;
  /** Requests under way. */
  out: number;
  /** When the upstream last accepted the key, of what went out since it was last in doubt. */
  acceptedAt: number;
  /** How often it came into doubt: an answer to what went out before says nothing of it. */
  doubts: number;
  waiting: PromiseWithResolvers<void> | null;
}

/** What is held against a credential. */
interface Conduct {
  /** Refusals in a row. */
  strikes: number;
  lockedUntil: number;
}

/** Counts refusals in a row, tells which keys are to be left alone, and lets no more go out than may be refused. */
export function createKeyLocks(now: () => number): KeyLocks {
  const traffics = new Map<string, Traffic>();
  const conducts = new Map<string, Conduct>();

  function trafficOf({ accessKey, credential }: KeyId): Traffic {
    const traffic = traffics.get(accessKey) ?? {
      credential,
      out: 0,
      acceptedAt: Number.NEGATIVE_INFINITY,
      doubts: 0,
      waiting: null,
    };
    traffics.set(accessKey, traffic);
    if (traffic.credential !== credential) doubt(traffic);
    traffic.credential = credential;
    return traffic;
  }

  function conductOf({ credential }: KeyId): Conduct {
    const conduct = conducts.get(credential) ?? { strikes: 0, lockedUntil: Number.NEGATIVE_INFINITY };
    conducts.set(credential, conduct);
    return conduct;
  }

  function lend(traffic: Traffic, conduct: Conduct): Claim {
    const { doubts } = traffic;
    traffic.out += 1;
    return {
      end(outcome) {
        traffic.out -= 1;
        traffic.waiting?.resolve();
        traffic.waiting = null;
        if (outcome === "refused") doubt(traffic);
        if (outcome !== "accepted" || traffic.doubts !== doubts) return;
        traffic.acceptedAt = now();
        conduct.strikes = 0;
        conduct.lockedUntil = Number.NEGATIVE_INFINITY;
      },
      strike() {
        conduct.strikes += 1;
        // When the lock ends, a single further refusal renews it.
        if (conduct.strikes >= STRIKES) conduct.lockedUntil = now() + LOCK_MS;
      },
    };
  }

  return {
    isLocked: (key) => now() < conductOf(key).lockedUntil,
    claim(key) {
      const traffic = trafficOf(key);
      const conduct = conductOf(key);
      // Nothing is under way: a burst begins, however good the key was a moment ago.
      if (traffic.out === 0) traffic.acceptedAt = Number.NEGATIVE_INFINITY;
      const isAccepted = now() - traffic.acceptedAt < ACCEPTANCE_MS;
      if (isAccepted || traffic.out === 0 || conduct.strikes + traffic.out < STRIKES) {
        return lend(traffic, conduct);
      }
      traffic.waiting ??= Promise.withResolvers();
      return traffic.waiting.promise;
    },
  };
}

function doubt(traffic: Traffic): void {
  traffic.acceptedAt = Number.NEGATIVE_INFINITY;
  // Stryker disable next-line AssignmentOperator: who compares it asks only whether it is another.
  traffic.doubts += 1;
}

/**
 * Waits until a request with the same key is through.
 *
 * @throws LookupError DEADLINE_EXCEEDED when the call is over before.
 */
export async function awaitTurn(turn: Promise<void>, { deadline }: CallContext): Promise<void> {
  const over = Promise.withResolvers<never>();
  const giveUp = () => over.reject(new LookupError("DEADLINE_EXCEEDED"));
  const timer = setTimeout(giveUp, Math.max(0, deadline.remaining()));
  try {
    await Promise.race([turn, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}
