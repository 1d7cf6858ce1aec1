/** No wait is believed beyond this. */
const MAX_WAIT_SECONDS = 3600;

const SECONDS = /^\d{1,10}$/;
// The forms of an HTTP-date (RFC 9110, 5.6.7) all begin with a day's name.
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/i;
const LIMIT_TEXT = /limit:\s*\d+\s*,\s*time:\s*(\d{1,6})\s*(second|minute|hour|day)/i;
const UNIT_SECONDS: Record<string, number> = { second: 1, minute: 60, hour: 3600, day: 86_400 };

/**
 * How long the upstream wants to be left alone: whole seconds from 1 to 3600, or `null` when it does not say.
 *
 * @param header `Retry-After`: seconds or an HTTP-date. Undocumented for this service, honoured when present.
 * @param text The error text, which may say `limit:200,time:5 minute`.
 * @param now Milliseconds since the epoch, by the upstream's clock where it is known.
 */
export function readWait(header: string | undefined, text: string, now: number): number | null {
  return readRetryAfter(header, now) ?? readLimitText(text);
}

export function readRetryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  const value = header.trim();
  if (SECONDS.test(value)) return clamp(Number(value));
  return HTTP_DATE.test(value) ? clamp(Math.ceil((Date.parse(value) - now) / 1000)) : null;
}

// The quota's window is the longest that the pause can last.
function readLimitText(text: string): number | null {
  const match = LIMIT_TEXT.exec(text);
  if (!match) return null;
  return clamp(Number(match[1]) * (UNIT_SECONDS[(match[2] as string).toLowerCase()] as number));
}

// A wait of nothing, of less, or of no number is no wait that we were told.
function clamp(seconds: number): number | null {
  return seconds >= 1 ? Math.min(seconds, MAX_WAIT_SECONDS) : null;
}
