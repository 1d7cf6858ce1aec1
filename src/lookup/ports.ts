import { type Candidate, LookupError } from "../contract/errors.ts";
import type { TimedUnbinding } from "../contract/unbinding.ts";
import type { CallContext } from "../observe/call.ts";

/** The profile that a caller means: resolved once, at the edge, and passed on as it is. */
export interface ProfileRef {
  name: string;
  /** What its answers depend on: name, endpoint and project. Caches are keyed by it, never by the name. */
  identity: string;
}

/** The profiles of one moment, so that who decides and who asks mean the same ones. */
export interface Profiles {
  defaultName: string;
  /** Of all of them, faulty or not. */
  names: readonly string[];
  /** Whether there is one of that name, faulty or not. */
  has(name: string): boolean;
  /** @throws LookupError NOT_FOUND, or SECRET_INVALID for a fault of that very profile. */
  find(name: string): Promise<ProfileRef>;
}

export type ReadProfiles = (call: CallContext) => Promise<Profiles>;

/** The secret names another project or endpoint under the same name since the profile was resolved. */
export class ProfileMoved extends LookupError {
  /** What the name stands for now. */
  readonly profile: ProfileRef;

  constructor(profile: ProfileRef) {
    super("SECRET_UNAVAILABLE", { detail: "The profile was changed meanwhile. Try again." });
    this.profile = profile;
  }
}

/** All that the upstream knows of one desktop's unbindings, newest first. */
export interface DesktopHistory {
  rows: readonly TimedUnbinding[];
  /** How many bytes they came in, decoded. */
  bytes: number;
  upstreamRequestId: string | null;
}

/**
 * Asks the upstream what it knows of a desktop.
 *
 * @throws ProfileMoved
 */
export type FetchHistory = (
  profile: ProfileRef,
  desktopId: string,
  call: CallContext,
) => Promise<DesktopHistory>;

/**
 * Asks the upstream which desktops bear a name: exactly, but in any case.
 *
 * @throws ProfileMoved
 */
export type FindDesktops = (
  profile: ProfileRef,
  name: string,
  call: CallContext,
) => Promise<readonly Candidate[]>;
