/** Without a complete list for so many intervals, the watch is blind. */
const BLIND_INTERVALS = 3;
/** A run may begin a little earlier than the one before did. */
const JITTER_INTERVALS = 0.5;
const MINUTE_MS = 60_000;

export interface Sight {
  started_at: number;
  last_complete_at: number | null;
  /** Runs that began since the last complete list, this one included. */
  runs_without_list: number;
}

/** Whether there was no complete list for three intervals: by the clock, or by the runs that should have made one. */
export function isBlind(sight: Sight, now: number, minutes: number): boolean {
  const since = sight.last_complete_at ?? sight.started_at;
  return isOverdue(since, now, minutes) || sight.runs_without_list >= BLIND_INTERVALS;
}

/** By the clock alone. */
export function isOverdue(since: number, now: number, minutes: number): boolean {
  return (now - since) / (minutes * MINUTE_MS) >= BLIND_INTERVALS - JITTER_INTERVALS;
}
