import { isPlainUtc, readPlainUtc } from "./plain-utc.ts";

/**
 * Times in the forms this service meets, as milliseconds since the epoch.
 *
 * Only what is unambiguous is read: a time with a zone, or milliseconds since the epoch. A zone is never
 * invented, since a time that is off by hours would name the wrong suspect.
 */

// Date, time, optional seconds, optional fraction (after a dot, a comma, or Huawei's colon), zone.
const ZONED =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,:](\d{1,9}))?)? ?(?:[Zz]|UTC|GMT|([+-])(\d{2})(?::?(\d{2}))?)$/;

// RFC 3339 `date-time`: seconds and zone are obligatory, a fraction follows a dot.
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;

// Below this (3 March 1973) a bare number is likelier to be seconds than milliseconds: ambiguous, not read.
const SMALLEST_EPOCH_MS = 100_000_000_000;
// 9999-12-31T23:59:59.999Z, the last instant RFC 3339 can write.
const LARGEST_EPOCH_MS = 253_402_300_799_999;

const DIGITS = /^\d{12,15}$/;

/** An upstream time as milliseconds since the epoch; `null` when it has no zone or cannot be read. */
export function readInstant(text: string): number | null {
  const plain = readPlainUtc(text);
  // Stryker disable next-line ConditionalExpression: without it the closer look below says the same, more slowly.
  if (plain !== null) return plain;
  const trimmed = text.trim();
  if (DIGITS.test(trimmed)) {
    const ms = Number(trimmed);
    return ms >= SMALLEST_EPOCH_MS && ms <= LARGEST_EPOCH_MS ? ms : null;
  }
  const match = ZONED.exec(trimmed);
  if (!match) return null;
  // A part that is absent is empty, and what is empty counts as nought.
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second = "",
    fraction = "",
    sign,
    offsetHours = "",
    offsetMinutes = "",
  ] = match as unknown as string[];
  // RFC 3339 allows a leap second; it is read as the first moment of the next minute.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return null;
  const midnight = Date.parse(`${year}-${month}-${day}T00:00:00.000Z`);
  // Date.parse lets 30 February through as 2 March.
  if (Number.isNaN(midnight) || new Date(midnight).getUTCDate() !== Number(day)) return null;
  const local =
    midnight +
    Number(hour) * 3_600_000 +
    Number(minute) * 60_000 +
    Number(second) * 1000 +
    Number(fraction.slice(0, 3).padEnd(3, "0"));
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  const instant = sign === "-" ? local + offset : local - offset;
  return isWritable(instant) ? instant : null;
}

/** Whether RFC 3339 has a form for it: years 0000 to 9999. */
function isWritable(instant: number): boolean {
  return instant >= -62_167_219_200_000 && instant <= LARGEST_EPOCH_MS;
}

/** RFC 3339, UTC, with milliseconds. */
export function writeInstant(instant: number): string {
  return new Date(instant).toISOString();
}

/** The same for an instant that was read from `text`, which most often needs but another fraction. */
export function rewriteInstant(text: string, instant: number): string {
  // Date.prototype.toISOString takes eight times as long as this.
  return isPlainUtc(text)
    ? `${text.slice(0, 19)}.${String(1000 + (((instant % 1000) + 1000) % 1000)).slice(1)}Z`
    : writeInstant(instant);
}

const SPAN = /^(\d{1,6})([dhm])$/;
const SPAN_UNIT_MS: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000 };

/**
 * A bound that a caller gives: RFC 3339 with a zone, or a span before `now` such as `30d`, `12h`, `45m`.
 * A blank before an offset is read as `+`, which is what an unencoded `+` in a query string becomes.
 */
export function readBound(text: string, now: number): number | null {
  const span = SPAN.exec(text);
  if (span) {
    const instant = now - Number(span[1]) * (SPAN_UNIT_MS[span[2] as string] as number);
    return isWritable(instant) ? instant : null;
  }
  const rfc3339 = text.replace(/ (?=\d{2}:\d{2}$)/, "+");
  return RFC3339.test(rfc3339) ? readInstant(rfc3339) : null;
}
