import type { CallContext } from "../observe/call.ts";
import type { Profile } from "./profile.ts";

/** Where profiles come from, and who is told how their keys fared. */
export interface Credentials {
  /** The profile of that name, or the default one. */
  current(name: string | null, call: CallContext): Promise<Profile>;
  /**
   * Takes the profile's key for one signed request. Where it is in doubt and out often enough, there is a promise instead,
   * which tells when to ask for the profile again.
   *
   * @param isForced Takes it all the same.
   */
  take(profile: Profile, isForced: boolean): Lease | Promise<void>;
  /** The upstream refused this profile's key. Answers with the store's newer key, or `null` if it has none. */
  refused(profile: Profile, call: CallContext): Promise<Profile | null>;
}

/** A key that is out with one signed request. */
export interface Lease {
  /** @param wasAccepted Whether the upstream accepted the key. If not, it may have said nothing of it. */
  end(wasAccepted: boolean): void;
}
