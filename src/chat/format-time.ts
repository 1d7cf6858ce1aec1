/**
 * An instant as text with its offset, where the platform cannot show it in the reader's own zone.
 *
 * @param at Milliseconds since the epoch.
 * @param timeZone An IANA name.
 * @returns `2026-02-10 16:15:30 +08:00`, or `2026-02-10 08:15:30 UTC`.
 */
export function formatInZone(at: number, timeZone: string): string {
  if (timeZone === "UTC") return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const offset = parts["timeZoneName"]?.replace("GMT", "") || "+00:00";
  const { year, month, day, hour, minute, second } = parts;
  return `${year}-${month}-${day} ${hour}:${minute}:${second} ${offset}`;
}

/** A format is costly to make; there are few zones, and as many at most are kept. */
const MAX_FORMATS = 50;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-CA", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
      timeZoneName: "longOffset",
    });
    if (formats.size >= MAX_FORMATS) formats.clear();
    formats.set(timeZone, format);
  }
  return format;
}
