import type { ProfileRef } from "../lookup/ports.ts";
import { type Profile, refOf } from "../workspace/profile.ts";
import type { KeyId } from "./key-locks.ts";

/** A profile of the secret, and the key that it shares with others of the same access key. */
export interface KeyedProfile extends Profile {
  key: KeyId;
  ref: ProfileRef;
}

/** The same profiles, each with its key: what one of them changes of a shared access key is news of the key for all. */
export function withKeys(profiles: ReadonlyMap<string, Profile>): ReadonlyMap<string, KeyedProfile> {
  const byAccessKey = new Map<string, string[]>();
  for (const profile of profiles.values()) {
    const { accessKey } = profile;
    byAccessKey.set(accessKey, [...(byAccessKey.get(accessKey) ?? []), credentialOf(profile)]);
  }
  const keyed = [...profiles].map(([name, profile]) => {
    const credentials = [...new Set(byAccessKey.get(profile.accessKey))].sort();
    const key = { accessKey: profile.accessKey, credential: JSON.stringify(credentials) };
    return [name, { ...profile, key, ref: refOf(profile) }] as const;
  });
  return new Map(keyed);
}

/** Whatever the upstream judges a signature by: a refusal says nothing of another credential. */
export function credentialOf(profile: Profile): string {
  const { accessKey, secretKey, securityToken, projectId, endpoint } = profile;
  return JSON.stringify([accessKey, secretKey, securityToken, projectId, endpoint.origin]);
}
