import type { ProfileRef } from "../lookup/ports.ts";
import type { CallContext } from "../observe/call.ts";
import type { Profile } from "./profile.ts";

/** Where keys come from, and who hears how they fared. */
export interface Credentials {
  /**
   * Lends the profile's key for one signed request, as soon as it may go out: nearly always at once, without a promise.
   *
   * @throws ProfileMoved
   * @throws LookupError CREDENTIALS_REFUSED while the key is left alone, DEADLINE_EXCEEDED when its turn does not come in
   *   time, or why the secret cannot be had.
   */
  lease(profile: ProfileRef, call: CallContext): Lease | Promise<Lease>;
}

/**
 * What a request told of its key: that it is good, that it or the time of the signature was refused, or nothing, since
 * the gateway did not get to look at it.
 */
export type LeaseOutcome = "accepted" | "refused" | "unclear";

/** A key that is out with one signed request. */
export interface Lease {
  profile: Profile;
  /** The request is through. To be called once. */
  end(outcome: LeaseOutcome): void;
  /** The key itself is to blame for the refusal. Tells whether there is a newer one to go on with. */
  refused(call: CallContext): Promise<boolean>;
}
