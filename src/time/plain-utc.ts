const [COMMA, DASH, DOT, SIX, COLON, T, Z] = [0x2c, 0x2d, 0x2e, 0x36, 0x3a, 0x54, 0x5a] as const;

/**
 * What Huawei nearly always sends, such as `2026-02-10T08:15:30:599000Z`, by its digits: with ten thousand rows, a
 * sixth of the regular expression's cost. `null` for every other form, and for values that need a closer look.
 */
export function readPlainUtc(text: string): number | null {
  const end = text.length - 1;
  if (text.charCodeAt(end) !== Z || text.charCodeAt(10) !== T) return null;
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return null;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return null;
  const year = numberAt(text, 0, 4);
  const month = numberAt(text, 5, 7);
  const day = numberAt(text, 8, 10);
  const hour = numberAt(text, 11, 13);
  const minute = numberAt(text, 14, 16);
  // In what is too short, the Z stands here, which is no digit.
  const second = numberAt(text, 17, 19);
  const ms = end === 19 ? 0 : millisecondsAt(text, end);
  // Date.UTC takes a year below 100 for one of the last century; every month has 28 days.
  const isPlain =
    year >= 1000 && month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour <= 23 && minute <= 59;
  return isPlain && second <= 59 && ms >= 0 ? Date.UTC(year, month - 1, day, hour, minute, second, ms) : null;
}

/** The fraction that begins at 19 and ends before `end`, in whole milliseconds; NaN when it is none. */
function millisecondsAt(text: string, end: number): number {
  const separator = text.charCodeAt(19);
  const digits = end - 20;
  if (separator !== DOT && separator !== COLON && separator !== COMMA) return Number.NaN;
  if (digits < 1 || digits > 9) return Number.NaN;
  return Math.floor((numberAt(text, 20, end) * 1000) / 10 ** digits);
}

/** The decimal number from `start` to `end`, or NaN. */
function numberAt(text: string, start: number, end: number): number {
  let number = 0;
  for (let index = start; index < end; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

/** Whether a text that is known to be a time is one in UTC, second by second as RFC 3339 writes it. */
export function isPlainUtc(text: string): boolean {
  return (
    text.charCodeAt(text.length - 1) === Z &&
    text.charCodeAt(10) === T &&
    text.charCodeAt(16) === COLON &&
    // The 60 of a leap second is the next minute.
    text.charCodeAt(17) !== SIX
  );
}
