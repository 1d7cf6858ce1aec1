import type { Language } from "./texts.ts";

const LOCALES: Record<Language, string> = { en: "en", zh: "zh-CN" };

/** The reader's own time, with its zone. */
export function absolute(instant: string, language: Language): string {
  return new Intl.DateTimeFormat(LOCALES[language], {
    dateStyle: "medium",
    timeStyle: "long",
  }).format(new Date(instant));
}

/** A day, as the axis of a timeline names it. */
export function day(instant: number, language: Language): string {
  return new Intl.DateTimeFormat(LOCALES[language], { dateStyle: "medium" }).format(new Date(instant));
}

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** How long ago, in the largest unit that fits. */
export function relative(instant: string, now: number, language: Language): string {
  const seconds = (Date.parse(instant) - now) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? (["second", 1] as const);
  return new Intl.RelativeTimeFormat(LOCALES[language], { numeric: "auto" }).format(
    Math.trunc(seconds / size),
    unit,
  );
}
