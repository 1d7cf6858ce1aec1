import type { Unbinding } from "../../src/contract/answers.ts";

export interface Mark {
  row: Unbinding;
  /** Milliseconds since the epoch. */
  at: number;
  /** Where on the axis: 0 is the oldest, 1 the newest. */
  position: number;
}

export interface Lane {
  /** The user's or group's name, else its ID, else an empty text. */
  label: string;
  marks: Mark[];
}

export interface Timeline {
  from: number;
  to: number;
  lanes: Lane[];
  /** Users beyond those that have a lane. */
  hiddenLanes: number;
}

/** More would be no picture. The table below has them all. */
const MAX_LANES = 12;
const DAY_MS = 86_400_000;

/** Users as lanes, times as marks; the user unbound last comes first. `null` when no time can be read. */
export function toTimeline(rows: readonly Unbinding[]): Timeline | null {
  const timed = rows.flatMap((row) =>
    row.unbound_at === null ? [] : [{ row, at: Date.parse(row.unbound_at) }],
  );
  if (timed.length === 0) return null;
  const times = timed.map(({ at }) => at);
  let [from, to] = [Math.min(...times), Math.max(...times)];
  // A single moment gets a day on either side, so that it has a place.
  if (to - from < DAY_MS) [from, to] = [from - DAY_MS, to + DAY_MS];
  // Two users may bear one name; the ID tells them apart.
  const byUser = new Map<string, Lane>();
  for (const { row, at } of timed) {
    const user = row.user_id ?? row.user_name ?? "";
    const lane = byUser.get(user) ?? { label: row.user_name ?? user, marks: [] };
    lane.marks.push({ row, at, position: (at - from) / (to - from) });
    byUser.set(user, lane);
  }
  const lanes = [...byUser.values()];
  return { from, to, lanes: lanes.slice(0, MAX_LANES), hiddenLanes: Math.max(0, lanes.length - MAX_LANES) };
}
