import { LookupError } from "../contract/errors.ts";
import { ProfileMoved, type ProfileRef, type ReadProfiles } from "../lookup/ports.ts";
import type { Endpoint } from "../net/endpoint.ts";
import type { CallContext } from "../observe/call.ts";
import type { Warn } from "../observe/log.ts";
import type { Credentials } from "../workspace/credentials.ts";
import { type Profile, refOf } from "../workspace/profile.ts";
import { createCachedSecret, type Held, isStoreDown } from "./cached-secret.ts";
import type { FetchSecret } from "./fetch-secret.ts";
import { awaitTurn, type Claim, createKeyLocks } from "./key-locks.ts";
import { credentialOf, type KeyedProfile, withKeys } from "./shared-keys.ts";
import { invalidSecret, parseWorkspaceSecret } from "./workspace-secret.ts";

/** After a look into the store that found no newer key, refusals of the same key lead to no other for this long. */
const BARREN_REFRESH_MS = 30_000;
/** The store is asked for newer credentials when temporary ones end within this. */
const EXPIRY_MARGIN_MS = 60_000;
/** While a profile cannot be used, or is about to end, the store is asked no more often than this. */
const UNUSABLE_REFRESH_MS = 5000;

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

export interface StoredCredentials extends Credentials {
  readProfiles: ReadProfiles;
  /** The profile of that name, or the default one, if it can be used now. */
  current(name: string | null, call: CallContext): Promise<Profile>;
}

/** What the secret holds; a faulty profile by what is wrong with it. */
interface StoredProfiles {
  defaultName: string;
  byName: ReadonlyMap<string, KeyedProfile>;
  faulty: ReadonlyMap<string, readonly string[]>;
}

/**
 * The profiles out of the secret store, kept for a while, renewed when a key is refused.
 *
 * A key that was refused several times in a row is left alone, since Huawei would lock it for everybody.
 */
export function createCredentials(parts: CredentialsParts): StoredCredentials {
  const { now, wallNow, warn } = parts;
  const stored = createCachedSecret({ ...parts, parse });
  const locks = createKeyLocks(now);
  /** By key: until when a look into the store for a newer one is known to be in vain. */
  const barrenUntil = new Map<string, number>();
  let loggedFaults = "";

  function parse(text: string): StoredProfiles {
    const { defaultName, byName, faulty } = parseWorkspaceSecret(text, parts.endpointOverride);
    const faults = [...faulty.values()].flat().join("; ");
    if (faults !== "" && faults !== loggedFaults) warn("secret_profiles_invalid", { faults });
    loggedFaults = faults;
    return { defaultName, byName: withKeys(byName), faulty };
  }

  /** However it ends, the call has waited for it. */
  async function timed<T>(call: CallContext, work: Promise<T>): Promise<T> {
    const startedAt = now();
    try {
      return await work;
    } finally {
      call.trace.secretMs += now() - startedAt;
    }
  }

  const latest = (call: CallContext) => timed(call, stored.latest(call.deadline));
  const renewed = (call: CallContext) =>
    timed(call, stored.loadAtMostEvery(UNUSABLE_REFRESH_MS, call.deadline));

  /** The profile of that name; a faulty one may have been corrected in the store. */
  async function find(held: Held<StoredProfiles>, name: string, call: CallContext): Promise<KeyedProfile> {
    if (!held.value.faulty.has(name)) return pick(held.value, name);
    return pick((await renewed(call)).value, name);
  }

  /** The same profile, or the store's newer one when it ends soon; to its last second when there is none. */
  async function unexpired(profile: KeyedProfile, call: CallContext): Promise<KeyedProfile> {
    if (!endsWithin(profile, EXPIRY_MARGIN_MS, wallNow())) return profile;
    let failure: unknown = null;
    let newest = profile;
    try {
      newest = pick((await renewed(call)).value, profile.name);
    } catch (error) {
      if (!isStoreDown(error)) throw error;
      failure = error;
    }
    if (!endsWithin(newest, 0, wallNow())) return newest;
    throw failure ?? invalidSecret(["expires_at has passed, and the store has nothing newer"]);
  }

  /** Looks into the store, past every cache, unless a look moments ago found nothing new. */
  async function lookForNewer(profile: KeyedProfile, call: CallContext): Promise<KeyedProfile | null> {
    const kept = newerOf(stored.held(), profile);
    if (kept) return kept;
    const { credential } = profile.key;
    if (now() < (barrenUntil.get(credential) ?? Number.NEGATIVE_INFINITY)) return null;
    const newer = newerOf(await timed(call, stored.load(call.deadline)), profile);
    if (!newer) barrenUntil.set(credential, now() + BARREN_REFRESH_MS);
    return newer;
  }

  async function current(name: string | null, call: CallContext): Promise<KeyedProfile> {
    const held = await latest(call);
    call.trace.secretAgeMs = now() - held.fetchedAt;
    const profile = await unexpired(await find(held, name ?? held.value.defaultName, call), call);
    call.trace.keyExpiresInMs = profile.expiresAt === null ? null : profile.expiresAt - wallNow();
    if (!locks.isLocked(profile.key)) return profile;
    const newer = await lookForNewer(profile, call);
    if (!newer || locks.isLocked(newer.key)) throw keyLeftAlone();
    return newer;
  }

  async function refused(profile: KeyedProfile, claim: Claim, call: CallContext): Promise<boolean> {
    claim.strike();
    warn("credentials_refused", {
      request_id: call.requestId,
      profile: profile.name,
      code: call.trace.upstreamCode,
    });
    try {
      return (await lookForNewer(profile, call)) !== null;
    } catch (error) {
      // The refusal is what the caller must hear of; that the store did not answer either is for the log.
      warn("secret_refresh_failed", {
        request_id: call.requestId,
        code: error instanceof LookupError ? error.code : "INTERNAL",
      });
      return false;
    }
  }

  return {
    current,
    async readProfiles(call) {
      const held = await latest(call);
      const { defaultName, byName, faulty } = held.value;
      return {
        defaultName,
        names: [...byName.keys(), ...faulty.keys()],
        has: (name) => byName.has(name) || faulty.has(name),
        find: async (name) => refOf(await find(held, name, call)),
      };
    },
    async lease({ name, identity }: ProfileRef, call) {
      for (;;) {
        // Asked again after every wait: the key may have been replaced meanwhile, or be left alone.
        const profile = await current(name, call);
        const now = refOf(profile);
        if (now.identity !== identity) throw new ProfileMoved(now);
        const claim = locks.claim(profile.key);
        if (!(claim instanceof Promise)) {
          return { profile, end: claim.end, refused: (after) => refused(profile, claim, after) };
        }
        await awaitTurn(claim, call);
      }
    },
  };
}

function pick({ byName, faulty }: StoredProfiles, name: string): KeyedProfile {
  const faults = faulty.get(name);
  if (faults) throw invalidSecret(faults);
  const profile = byName.get(name);
  if (!profile) throw new LookupError("NOT_FOUND", { detail: "No such profile." });
  return profile;
}

/** The profile of the same name, if its credential is another one. */
function newerOf(held: Held<StoredProfiles> | null, old: Profile): KeyedProfile | null {
  const profile = held?.value.byName.get(old.name);
  return profile && credentialOf(profile) !== credentialOf(old) ? profile : null;
}

function endsWithin({ expiresAt }: Profile, ms: number, wallNow: number): boolean {
  return expiresAt !== null && expiresAt - wallNow <= ms;
}

function keyLeftAlone(): LookupError {
  return new LookupError("CREDENTIALS_REFUSED", {
    detail:
      "Huawei Cloud refused our access key several times; it is left alone until the secret is renewed.",
  });
}
