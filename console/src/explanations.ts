import { EN } from "./explanations/en.ts";
import type { Explanation, Explanations } from "./explanations/explanation.ts";
import { ZH } from "./explanations/zh-cn.ts";
import type { Language } from "./texts.ts";

const EXPLANATIONS: Record<Language, Explanations> = { en: EN, zh: ZH };

/** A code without words of its own, such as one of a newer API, is explained as a fault on our side. */
export function explain(code: string, language: Language): Explanation {
  const explanations: Readonly<Record<string, Explanation>> = EXPLANATIONS[language];
  return Object.hasOwn(explanations, code)
    ? (explanations[code] as Explanation)
    : EXPLANATIONS[language].OTHER;
}
