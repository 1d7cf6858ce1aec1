export const LANGUAGES = ["en", "zh-CN"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Which of our languages a locale such as `zh-Hans-CN` asks for; `null` for one that we do not speak. */
export function languageOf(locale: unknown): Language | null {
  if (typeof locale !== "string") return null;
  if (/^zh\b/i.test(locale)) return "zh-CN";
  return /^en\b/i.test(locale) ? "en" : null;
}
