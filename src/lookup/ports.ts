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

/** Who is bound to a desktop, as a list of desktops says. */
export interface ListedBinding {
  user_id: string | null;
  user_name: string | null;
  user_group: string | null;
  type: string | null;
}

export interface ListedDesktop {
  desktop_id: string;
  desktop_name: string | null;
  /** `null` where the list does not say. */
  bindings: readonly ListedBinding[] | null;
}

/** A part of the list of all desktops of a profile. */
export interface FleetPage {
  desktops: readonly ListedDesktop[];
  /** Desktops in all, or `null` when the upstream does not say. */
  total: number | null;
}

/** Lists that many desktops, from that one on. */
export type ListFleet = (
  profile: string | null,
  page: { offset: number; limit: number },
  call: CallContext,
) => Promise<FleetPage>;
