import { LookupError } from "../contract/errors.ts";
import type { NameProfiles } from "../lookup/ports.ts";
import type { Endpoint } from "../net/endpoint.ts";
import type { CallContext } from "../observe/call.ts";
import type { Warn } from "../observe/log.ts";
import type { Credentials } from "../workspace/credentials.ts";
import type { Profile } from "../workspace/profile.ts";
import { createCachedSecret, type Held } from "./cached-secret.ts";
import type { FetchSecret } from "./fetch-secret.ts";
import { createKeyLocks } from "./key-locks.ts";
import { type ProfileSet, parseWorkspaceSecret } from "./workspace-secret.ts";

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

/**
 * The profiles out of the secret store, kept for a while, renewed when a key is refused.
 *
 * A key that was refused several times in a row is left alone, since Huawei would lock it for everybody.
 */
export function createCredentials(parts: CredentialsParts): Credentials & { nameProfiles: NameProfiles } {
  const { now, wallNow, warn } = parts;
  const stored = createCachedSecret({
    ...parts,
    parse: (text) => parseWorkspaceSecret(text, parts.endpointOverride),
  });
  const locks = createKeyLocks(now);
  /** By profile: until when a look into the store for a newer key is known to be in vain. */
  const barrenUntil = new Map<string, number>();

  /** However it ends, the call has waited for it. */
  async function timed<T>(call: CallContext, work: Promise<T>): Promise<T> {
    const startedAt = now();
    try {
      return await work;
    } finally {
      call.trace.secretMs += now() - startedAt;
    }
  }

  const load = (call: CallContext) => timed(call, stored.load(call.deadline));
  const latest = (call: CallContext) => timed(call, stored.latest(call.deadline));

  /** Looks into the store, past every cache, unless a look moments ago found nothing new. */
  async function lookForNewer(profile: Profile, call: CallContext): Promise<Profile | null> {
    const kept = newerOf(stored.held(), profile);
    if (kept) return kept;
    if (now() < (barrenUntil.get(profile.name) ?? Number.NEGATIVE_INFINITY)) return null;
    const newer = newerOf(await load(call), profile);
    if (!newer) barrenUntil.set(profile.name, now() + BARREN_REFRESH_MS);
    return newer;
  }

  return {
    async current(name, call) {
      const current = await latest(call);
      call.trace.secretAgeMs = now() - current.fetchedAt;
      let profile = pick(current, name);
      if (expiresSoon(profile, wallNow())) profile = pick(await load(call), name);
      call.trace.keyExpiresInMs = profile.expiresAt === null ? null : profile.expiresAt - wallNow();
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
      const { value: profiles } = await latest(call);
      return { defaultName: profiles.defaultName, names: new Set(profiles.byName.keys()) };
    },
    take: locks.take,
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
  };
}

function pick({ value: profiles }: Held<ProfileSet>, name: string | null): Profile {
  const profile = profiles.byName.get(name ?? profiles.defaultName);
  if (!profile) throw new LookupError("NOT_FOUND", { detail: "No such profile." });
  return profile;
}

/** The profile of the same name, if its key is another one. */
function newerOf(held: Held<ProfileSet> | null, old: Profile): Profile | null {
  const profile = held?.value.byName.get(old.name);
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

function keyLeftAlone(): LookupError {
  return new LookupError("CREDENTIALS_REFUSED", {
    detail:
      "Huawei Cloud refused our access key several times; it is left alone until the secret is renewed.",
  });
}
