import { type CalendarUnit, type Civil, civil, instantOf, type Zone } from "./time.ts";

export interface Ruler {
  unit: CalendarUnit;
  /** Where the ticks are: 0 is the axis' beginning, 1 its end. */
  ticks: { at: number; position: number }[];
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What a step may be, with its usual length; the finest that gives few enough ticks is taken. */
const STEPS: readonly { unit: CalendarUnit; count: number; ms: number }[] = [
  { unit: "minute", count: 15, ms: 15 * MINUTE_MS },
  { unit: "hour", count: 1, ms: 60 * MINUTE_MS },
  { unit: "hour", count: 6, ms: 360 * MINUTE_MS },
  { unit: "day", count: 1, ms: DAY_MS },
  { unit: "day", count: 2, ms: 2 * DAY_MS },
  { unit: "day", count: 7, ms: 7 * DAY_MS },
  { unit: "month", count: 1, ms: 30.4 * DAY_MS },
  { unit: "month", count: 3, ms: 91.3 * DAY_MS },
  { unit: "month", count: 6, ms: 182.6 * DAY_MS },
  { unit: "year", count: 1, ms: 365.25 * DAY_MS },
  { unit: "year", count: 2, ms: 2 * 365.25 * DAY_MS },
  { unit: "year", count: 5, ms: 5 * 365.25 * DAY_MS },
  { unit: "year", count: 10, ms: 10 * 365.25 * DAY_MS },
  { unit: "year", count: 100, ms: 100 * 365.25 * DAY_MS },
];

const MAX_TICKS = 6;
/** Of an axis that the coarsest step does not divide into few ticks: years 0 to 9999. */
const MOST_TICKS = 100;

/** Ticks at whole units of the calendar in that zone, few enough to be labelled. */
export function rulerFor(from: number, to: number, zone: Zone): Ruler {
  const step =
    STEPS.find(({ ms }) => (to - from) / ms <= MAX_TICKS) ?? (STEPS.at(-1) as (typeof STEPS)[number]);
  const { unit, count } = step;
  const ticks: Ruler["ticks"] = [];
  let next = floor(civil(from, zone), unit, count);
  for (let steps = 0; steps < MOST_TICKS; steps++) {
    const at = instantOf(next, zone);
    if (at > to) break;
    if (at >= from) ticks.push({ at, position: (at - from) / (to - from) });
    next = { ...next, [unit]: next[unit] + count };
  }
  return { unit, ticks };
}

/** The last whole multiple of a unit before that. */
function floor({ year, month, day, hour, minute }: Civil, unit: CalendarUnit, count: number): Civil {
  const whole = (value: number) => Math.floor(value / count) * count;
  switch (unit) {
    case "year":
      return { year: whole(year), month: 0, day: 1, hour: 0, minute: 0 };
    case "month":
      return { year, month: whole(month), day: 1, hour: 0, minute: 0 };
    case "day":
      return { year, month, day, hour: 0, minute: 0 };
    case "hour":
      return { year, month, day, hour: whole(hour), minute: 0 };
    case "minute":
      return { year, month, day, hour, minute: whole(minute) };
  }
}
