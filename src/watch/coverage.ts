import type { DesktopState } from "../ledger/desktops.ts";
import type { Coverage, ProfileState } from "../ledger/profile-state.ts";
import { PAGE_SIZE } from "./read-list.ts";

const DAY_MS = 86_400_000;
const DAY_MINUTES = 1440;

/**
 * The most desktops that can each be checked once a day, which complete answers need: a run lists them all, a page a call, and spends
 * the rest of its calls on checks.
 */
export function largestFleet({
  callsPerMinute,
  minutes,
}: {
  callsPerMinute: number;
  minutes: number;
}): number {
  const runs = DAY_MINUTES / minutes;
  // Each page begins with the last desktop of the one before.
  return Math.floor((callsPerMinute * DAY_MINUTES) / (1 + runs / (PAGE_SIZE - 1)));
}

/** The desktops of a profile, counted while they pass by. */
export interface Census {
  desktops: Map<string, { firstSeen: number; checkedAt: number | null }>;
  /** Checks of this run that were answered. */
  checks: Map<string, number>;
  /** Whether a desktop was found to be gone of which detach-info was never read. */
  vanishedUnchecked: boolean;
}

export function newCensus(): Census {
  return { desktops: new Map(), checks: new Map(), vanishedUnchecked: false };
}

export function addToCensus(census: Census, desktopId: string, state: DesktopState): void {
  census.desktops.set(desktopId, { firstSeen: state.first_seen, checkedAt: state.checked_at });
}

export function coverageOf(
  census: Census,
  profile: ProfileState,
  retentionDays: number,
  now: number,
): Coverage {
  let checked = 0;
  let oldest: number | null = null;
  let isComplete = profile.last_complete_at !== null;
  for (const [id, { firstSeen, checkedAt: before }] of census.desktops) {
    const checkedAt = census.checks.get(id) ?? before;
    if (checkedAt !== null) {
      checked += 1;
      oldest = Math.min(oldest ?? checkedAt, checkedAt);
    }
    const isNew = now - firstSeen <= DAY_MS;
    if (!isNew && (checkedAt === null || now - checkedAt > DAY_MS)) isComplete = false;
  }
  const since = watchedSince(profile, retentionDays, now);
  const { vanished_unchecked_at: vanishedAt } = profile;
  if (vanishedAt !== null && (since === null || vanishedAt >= since)) isComplete = false;
  return {
    watched_since: since,
    desktops_known: census.desktops.size,
    desktops_checked: checked,
    oldest_check_at: oldest,
    complete: isComplete,
    at: now,
    retention_days: retentionDays,
  };
}

/** Never earlier than what has been forgotten. */
function watchedSince(
  { first_complete_at: first }: ProfileState,
  retentionDays: number,
  now: number,
): number | null {
  if (first === null || retentionDays === 0) return first;
  return Math.max(first, now - retentionDays * DAY_MS);
}
