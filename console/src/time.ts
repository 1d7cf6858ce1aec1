import type { Language } from "./texts.ts";

/** In which zone times are shown: the device's, or UTC. */
export type Zone = "local" | "utc";

export interface Times {
  zone: Zone;
  /** The zone's name, such as `Asia/Shanghai`. */
  zoneName: string;
  day(instant: number): string;
  /** The time of day, with the zone. */
  clock(instant: number): string;
  /** Day, time and zone. */
  absolute(instant: number): string;
  /** How long ago, in calendar terms; an empty text for a moment in the future, which only a wrong clock can make. */
  relative(instant: number, now: number): string;
  /** A tick of a time axis: as much as its unit needs. */
  tick(instant: number, unit: CalendarUnit): string;
}

export type CalendarUnit = "year" | "month" | "day" | "hour" | "minute";

// 24 hours and the month's name: 3/4/2026 would be two different days.
const LOCALES: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };

/** Between a day and a time of day. */
export const SEPARATORS: Record<Language, string> = { en: ", ", zh: " " };

const TICKS: Record<CalendarUnit, Intl.DateTimeFormatOptions> = {
  year: { year: "numeric" },
  month: { month: "short", year: "numeric" },
  day: { day: "numeric", month: "short" },
  hour: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  minute: { hour: "2-digit", minute: "2-digit" },
};

export function createTimes(language: Language, zone: Zone): Times {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(LOCALES[language], { ...options, ...(zone === "utc" && { timeZone: "UTC" }) });
  const day = format({ year: "numeric", month: "short", day: "numeric" });
  const clock = format({ hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" });
  const relative = new Intl.RelativeTimeFormat(LOCALES[language], { numeric: "auto" });
  return {
    zone,
    zoneName: clock.resolvedOptions().timeZone,
    day: (instant) => day.format(instant),
    clock: (instant) => clock.format(instant),
    absolute: (instant) => `${day.format(instant)}${SEPARATORS[language]}${clock.format(instant)}`,
    relative: (instant, now) => {
      const ago = howLongAgo(instant, now, zone);
      return ago === null ? "" : relative.format(-ago.count, ago.unit);
    },
    tick: (instant, unit) => format(TICKS[unit]).format(instant),
  };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Up to here hours say more than the calendar: at one in the morning, eleven at night is no "yesterday". */
const HOURS_UNTIL_MS = 12 * HOUR_MS;
/** Up to here days are counted, then months. */
const DAYS_UNTIL = 31;

interface Ago {
  count: number;
  unit: Intl.RelativeTimeFormatUnit;
}

/**
 * By the calendar: "yesterday" is the day before today in the zone that is shown, "last month" the month before this one,
 * however many hours or days that is. `null` for the future, beyond the minute that clocks are apart.
 */
function howLongAgo(instant: number, now: number, zone: Zone): Ago | null {
  const elapsed = now - instant;
  if (elapsed < -MINUTE_MS) return null;
  if (elapsed < MINUTE_MS) return { count: 0, unit: "second" };
  if (elapsed < HOUR_MS) return { count: Math.floor(elapsed / MINUTE_MS), unit: "minute" };
  const [then, today] = [civil(instant, zone), civil(now, zone)];
  const days = (dayNumber(today) - dayNumber(then)) / DAY_MS;
  if (days === 0 || elapsed < HOURS_UNTIL_MS) return { count: Math.floor(elapsed / HOUR_MS), unit: "hour" };
  const months = (today.year - then.year) * 12 + today.month - then.month;
  if (days < DAYS_UNTIL || months === 0) return { count: days, unit: "day" };
  return months < 12 ? { count: months, unit: "month" } : { count: today.year - then.year, unit: "year" };
}

/** A moment as a calendar and a clock on the wall show it; `month` from 0. */
export interface Civil {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

export function civil(instant: number, zone: Zone): Civil {
  const date = new Date(instant);
  return zone === "utc"
    ? {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth(),
        day: date.getUTCDate(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
      }
    : {
        year: date.getFullYear(),
        month: date.getMonth(),
        day: date.getDate(),
        hour: date.getHours(),
        minute: date.getMinutes(),
      };
}

/** The moment at which a wall shows that; parts beyond their range carry over, as in `Date`. */
export function instantOf({ year, month, day, hour, minute }: Civil, zone: Zone): number {
  const date = new Date(0);
  if (zone === "utc") {
    date.setUTCFullYear(year, month, day);
    return date.setUTCHours(hour, minute, 0, 0);
  }
  date.setFullYear(year, month, day);
  return date.setHours(hour, minute, 0, 0);
}

function dayNumber({ year, month, day }: Civil): number {
  return Date.UTC(year, month, day);
}

const pad = (number: number, length = 2) => String(number).padStart(length, "0");

/** What `<input type="datetime-local">` shows for a moment. */
export function toField(instant: number, zone: Zone): string {
  const { year, month, day, hour, minute } = civil(instant, zone);
  return `${pad(year, 4)}-${pad(month + 1)}-${pad(day)}T${pad(hour)}:${pad(minute)}`;
}

const FIELD = /^(\d{4,6})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/;

/** The moment that `<input type="datetime-local">` was set to; `null` while it is not complete. */
export function fromField(text: string, zone: Zone): number | null {
  const match = FIELD.exec(text);
  if (!match) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match.slice(1).map(Number);
  return instantOf({ year, month: month - 1, day, hour, minute }, zone);
}
