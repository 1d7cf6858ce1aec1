import { EN, type Texts } from "./texts/en.ts";
import { ZH } from "./texts/zh-cn.ts";

export type Language = "en" | "zh";

const TEXTS: Record<Language, Texts> = { en: EN, zh: ZH };

export function textsFor(language: Language): Texts {
  return TEXTS[language];
}

/** The reader's language, as the browser tells it. */
export function preferredLanguage(languages: readonly string[]): Language {
  const first = languages.find((language) => /^(?:zh|en)\b/i.test(language));
  return first?.toLowerCase().startsWith("zh") ? "zh" : "en";
}
