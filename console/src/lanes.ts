import type { Unbinding } from "../../src/contract/answers.ts";
import { visible } from "./plain.ts";
import { type Ruler, rulerFor } from "./ruler.ts";
import type { Zone } from "./time.ts";

export interface Mark {
  row: Unbinding;
  /** Which of the answer's rows it is. */
  index: number;
  /** Milliseconds since the epoch. */
  at: number;
  /** Where on the axis: 0 is its beginning, 1 its end. */
  position: number;
}

export interface Lane {
  /** The user's or group's name, else its ID, else an empty text. */
  label: string;
  isGroup: boolean;
  marks: Mark[];
}

export interface Timeline {
  /** The oldest and the newest mark. */
  first: number;
  last: number;
  ruler: Ruler;
  /** Where now is on the axis; `null` when the device's clock lies before the newest mark. */
  now: number | null;
  lanes: Lane[];
  /** Users beyond those that have a lane. */
  hiddenLanes: number;
}

/** More would be no picture. The table below has them all. */
const MAX_LANES = 8;
const HOUR_MS = 3_600_000;
/** Room before the oldest mark and after the newest, as a share of what lies between. */
const MARGIN = 0.04;

/**
 * Users as lanes, times as marks; the user unbound last comes first. The axis ends now, so that it shows how long ago the
 * last unbinding was. `null` when no time can be read.
 */
export function toTimeline(rows: readonly Unbinding[], now: number, zone: Zone): Timeline | null {
  const timed = rows.flatMap((row, index) =>
    row.unbound_at === null ? [] : [{ row, index, at: Date.parse(row.unbound_at) }],
  );
  if (timed.length === 0) return null;
  const times = timed.map(({ at }) => at);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const isNowKnown = now >= last;
  const end = isNowKnown ? now : last;
  const margin = Math.max((end - first) * MARGIN, HOUR_MS / 2);
  const [from, to] = [first - margin, isNowKnown ? end : end + margin];
  const place = (at: number) => (at - from) / (to - from);
  // Two users may have the same name; the ID tells them apart.
  const byUser = new Map<string, Lane>();
  for (const { row, index, at } of timed) {
    const user = `${row.type ?? ""} ${row.user_id ?? row.user_name ?? ""}`;
    const lane = byUser.get(user) ?? {
      label: visible(row.user_name, row.user_id),
      isGroup: row.type === "GROUP",
      marks: [],
    };
    lane.marks.push({ row, index, at, position: place(at) });
    byUser.set(user, lane);
  }
  const lanes = [...byUser.values()];
  return {
    first,
    last,
    ruler: rulerFor(from, to, zone),
    now: isNowKnown ? place(now) : null,
    lanes: lanes.slice(0, MAX_LANES),
    hiddenLanes: Math.max(0, lanes.length - MAX_LANES),
  };
}
