import type { Candidate } from "../contract/errors.ts";
import type { TimedUnbinding } from "../contract/unbinding.ts";
import type { CallContext } from "../observe/call.ts";

/** What the profiles are called; for those who decide who may use which. */
export type NameProfiles = (call: CallContext) => Promise<ProfileNames>;

export interface ProfileNames {
  defaultName: string;
  names: ReadonlySet<string>;
}

/** All that the upstream knows of one desktop's unbindings, newest first. */
export interface DesktopHistory {
  profile: string;
  rows: readonly TimedUnbinding[];
  /** How many bytes they came in, decoded. */
  bytes: number;
  upstreamRequestId: string | null;
}

/** Asks the upstream what it knows of a desktop. */
export type FetchHistory = (
  profile: string | null,
  desktopId: string,
  call: CallContext,
) => Promise<DesktopHistory>;

/** Asks the upstream which desktops bear a name: exactly, but in any case. */
export type FindDesktops = (
  profile: string | null,
  name: string,
  call: CallContext,
) => Promise<readonly Candidate[]>;
