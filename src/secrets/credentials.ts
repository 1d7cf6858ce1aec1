import { LookupError } from "../errors.ts";
import { createSingleFlight } from "../flight.ts";
import type {
  CallContext,
  Credentials,
  Endpoint,
  FetchSecret,
  NameProfiles,
  Profile,
  Warn,
} from "../ports.ts";
import { createKeyLocks } from "./key-locks.ts";
import { StoreOutage } from "./outage.ts";
import { type ProfileSet, parseWorkspaceSecret } from "./workspace-secret.ts";

/** A fetch of the secret takes no longer than this. */
export const SECRET_FETCH_MS = 1500;
/** While the store is down, the last good value serves no longer than this. */
const LAST_GOOD_MS = 3_600_000;
/** After a failed fetch the last good value serves this long before the store is tried again. */
const STORE_RETRY_MS = 5000;
/** After a look into the store that found no newer key, a profile's refusals lead to no other for this long. */
const BARREN_REFRESH_MS = 30_000;
/** Temporary credentials are not used when they end within this. */
const EXPIRY_MARGIN_MS = 60_000;

export interface CredentialsParts {
  fetchSecret: FetchSecret;
  secretId: string;
  ttlMs: number;
  endpointOverride: Endpoint | null;
  warn: Warn;
  /** Monotonic milliseconds. */
  now: () => number;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
}

interface Held {
  profiles: ProfileSet;
  /** When the fetch began. */
  fetchedAt: number;
  /** The store is asked again from then on. */
  staleAt: number;
}

/**
 * The profiles out of the secret store, kept for a while, renewed when a key is refused.
 *
 * Concurrent misses share one fetch; a failure is never kept. When the store is down, the last good value serves
 * on for up to an hour. A key that was refused several times in a row is left alone, since Huawei would lock it
 * for everybody.
 */
export function createCredentials(parts: CredentialsParts): Credentials & { nameProfiles: NameProfiles } {
  const { now, wallNow, warn } = parts;
  const flights = createSingleFlight<Held>();
  const locks = createKeyLocks(now);
  let held: Held | null = null;
  /** By profile: until when a look into the store for a newer key is known to be in vain. */
  const barrenUntil = new Map<string, number>();

  /** Fetches, parses and keeps. `fresh` goes past the caches on the way and shares no flight that does not. */
  async function load(call: CallContext, fresh: boolean): Promise<Held> {
    const startedAt = now();
    try {
      return await flights.join(fresh ? "fresh" : "cached", call.deadline, async ({ signal }) => {
        const fetchedAt = now();
        const text = await fetchInTime(parts, signal, fresh);
        const profiles = parseWorkspaceSecret(text, parts.endpointOverride);
        const fetched = { profiles, fetchedAt, staleAt: now() + parts.ttlMs };
        // An older fetch that took its time must not undo a newer one.
        if (!held || held.fetchedAt <= fetchedAt) held = fetched;
        return fetched;
      }).result;
    } finally {
      call.trace.secretMs += now() - startedAt;
    }
  }

  async function latest(call: CallContext): Promise<Held> {
    if (held && now() < held.staleAt) return held;
    const lastGood = held;
    try {
      return await load(call, false);
    } catch (error) {
      if (!lastGood || !isOutage(error) || now() - lastGood.fetchedAt > LAST_GOOD_MS) throw error;
      warn("secret_store_unavailable_using_last_good_value", {
        age_seconds: secondsSince(lastGood.fetchedAt),
      });
      lastGood.staleAt = now() + STORE_RETRY_MS;
      return lastGood;
    }
  }

  function secondsSince(instant: number): number {
    return Math.round((now() - instant) / 1000);
  }

  /** Looks into the store, past every cache, unless a look moments ago found nothing new. */
  async function lookForNewer(profile: Profile, call: CallContext): Promise<Profile | null> {
    const kept = newerOf(held, profile);
    if (kept) return kept;
    if (now() < (barrenUntil.get(profile.name) ?? Number.NEGATIVE_INFINITY)) return null;
    const newer = newerOf(await load(call, true), profile);
    if (!newer) barrenUntil.set(profile.name, now() + BARREN_REFRESH_MS);
    return newer;
  }

  return {
    async current(name, call) {
      const current = await latest(call);
      call.trace.secretAgeMs = now() - current.fetchedAt;
      let profile = pick(current, name);
      if (expiresSoon(profile, wallNow())) profile = pick(await load(call, true), name);
      if (expiresSoon(profile, wallNow())) {
        throw new LookupError("SECRET_INVALID", {
          detail: "The secret is not valid: expires_at has passed, and the store has nothing newer.",
        });
      }
      if (!locks.isLocked(profile)) return profile;
      const newer = await lookForNewer(profile, call);
      if (!newer || locks.isLocked(newer)) throw keyLeftAlone();
      return newer;
    },
    async nameProfiles(call) {
      const { profiles } = await latest(call);
      return { defaultName: profiles.defaultName, names: new Set(profiles.byName.keys()) };
    },
    async refused(profile, call) {
      locks.strike(profile);
      warn("credentials_refused", {
        request_id: call.requestId,
        profile: profile.name,
        code: call.trace.upstreamCode,
      });
      try {
        return await lookForNewer(profile, call);
      } catch (error) {
        // The refusal is what the caller must hear of; that the store did not answer either is for the log.
        warn("secret_refresh_failed", {
          request_id: call.requestId,
          code: error instanceof LookupError ? error.code : "INTERNAL",
        });
        return null;
      }
    },
    accepted(profile) {
      locks.clear(profile);
    },
  };
}

/** The secret's text, or SECRET_UNAVAILABLE after its slice of time, whatever the store's client does then. */
async function fetchInTime(
  { fetchSecret, secretId }: CredentialsParts,
  abandoned: AbortSignal,
  fresh: boolean,
): Promise<string> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let onAbandoned: (() => void) | undefined;
  const stopped = new Promise<never>((_, reject) => {
    const stop = (why: LookupError) => {
      controller.abort();
      reject(why);
    };
    const cause = new StoreOutage(`no answer in ${SECRET_FETCH_MS} ms`);
    timer = setTimeout(() => stop(new LookupError("SECRET_UNAVAILABLE", { cause })), SECRET_FETCH_MS);
    onAbandoned = () => stop(new LookupError("DEADLINE_EXCEEDED"));
    abandoned.addEventListener("abort", onAbandoned);
  });
  try {
    return await Promise.race([fetchSecret(secretId, { signal: controller.signal, fresh }), stopped]);
  } finally {
    clearTimeout(timer);
    if (onAbandoned) abandoned.removeEventListener("abort", onAbandoned);
  }
}

function pick({ profiles }: Held, name: string | null): Profile {
  const profile = profiles.byName.get(name ?? profiles.defaultName);
  if (!profile) throw new LookupError("NOT_FOUND", { detail: "No such profile." });
  return profile;
}

/** The profile of the same name, if its key is another one. */
function newerOf(held: Held | null, old: Profile): Profile | null {
  const profile = held?.profiles.byName.get(old.name);
  if (!profile) return null;
  const isSame =
    profile.accessKey === old.accessKey &&
    profile.secretKey === old.secretKey &&
    profile.securityToken === old.securityToken;
  return isSame ? null : profile;
}

function expiresSoon({ expiresAt }: Profile, wallNow: number): boolean {
  return expiresAt !== null && expiresAt - wallNow <= EXPIRY_MARGIN_MS;
}

function isOutage(error: unknown): boolean {
  return (
    error instanceof LookupError && error.code === "SECRET_UNAVAILABLE" && error.cause instanceof StoreOutage
  );
}

function keyLeftAlone(): LookupError {
  return new LookupError("CREDENTIALS_REFUSED", {
    detail:
      "Huawei Cloud refused our access key several times; it is left alone until the secret is renewed.",
  });
}
