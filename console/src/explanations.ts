import { EN } from "./explanations/en.ts";
import { ZH } from "./explanations/zh-cn.ts";
import type { Problem } from "./problem.ts";
import type { Language } from "./texts.ts";

/** An error in plain words. */
export interface Explanation {
  /** What happened. */
  what: string;
  /** What the reader can do. */
  todo: string;
  /** What is behind it, and who can fix it. */
  means: string;
}

/** What a look-up from this page cannot end in, unless something is wrong on our side. */
type Unlikely =
  | "METHOD_NOT_ALLOWED"
  | "NOT_ACCEPTABLE"
  | "PAYLOAD_TOO_LARGE"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "INTERNAL"
  | "UNEXPECTED";

export type Explanations = Readonly<Record<Exclude<Problem["code"], Unlikely> | "OTHER", Explanation>>;

const EXPLANATIONS: Record<Language, Explanations> = { en: EN, zh: ZH };

/** A code without words of its own, such as one of a newer API, is explained as a fault on our side. */
export function explain(code: string, language: Language): Explanation {
  const explanations: Readonly<Record<string, Explanation>> = EXPLANATIONS[language];
  return Object.hasOwn(explanations, code)
    ? (explanations[code] as Explanation)
    : EXPLANATIONS[language].OTHER;
}
