import { COVERAGE_KEY, type Coverage, profileOf } from "./profile-state.ts";
import type { Table } from "./table.ts";

/** What an answer rests on, as callers see it: flat. Times are RFC 3339, UTC. */
export interface CoverageNow {
  watched_since: string | null;
  desktops_known: number;
  desktops_checked: number;
  oldest_check_at: string | null;
  complete: boolean;
}

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export async function readCoverage(table: Table, profile: string): Promise<Coverage | null> {
  return (await table.get<Coverage>({ pk: profileOf(profile), sk: COVERAGE_KEY }))?.data ?? null;
}

/** What was written down is as old as the last run: whatever a day may have made untrue since is not said any more. */
export function coverageNow(kept: Coverage | null, now: number): CoverageNow {
  if (!kept)
    return {
      watched_since: null,
      desktops_known: 0,
      desktops_checked: 0,
      oldest_check_at: null,
      complete: false,
    };
  const { watched_since: since, desktops_known: known, desktops_checked: checked } = kept;
  const forgottenBefore = kept.retention_days ? now - kept.retention_days * DAY_MS : null;
  const oldest = kept.oldest_check_at;
  // Desktops that were too new to count may be old enough by now.
  const isRecent = now - kept.at <= (checked === known ? DAY_MS : HOUR_MS);
  return {
    watched_since: since === null ? null : textOf(Math.max(since, forgottenBefore ?? since)),
    desktops_known: known,
    desktops_checked: checked,
    oldest_check_at: oldest === null ? null : textOf(oldest),
    complete: kept.complete && isRecent && (oldest === null || now - oldest <= DAY_MS),
  };
}

export function textOf(time: number): string {
  return new Date(time).toISOString();
}
