import type { Language } from "./language.ts";
import { english } from "./texts/en.ts";
import type { Texts } from "./texts/texts.ts";
import { chinese } from "./texts/zh-cn.ts";

const TEXTS: Readonly<Record<Language, Texts>> = { en: english, "zh-CN": chinese };

export function textsIn(language: Language): Texts {
  return TEXTS[language];
}
