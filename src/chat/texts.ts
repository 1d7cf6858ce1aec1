import type { ErrorCode } from "../contract/errors.ts";
import { english } from "./texts/en.ts";
import { chinese } from "./texts/zh-cn.ts";

export const LANGUAGES = ["en", "zh-CN"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Every sentence that a person in chat may read. Plain text; what a user wrote is in it as it is. */
export interface Texts {
  titles: {
    found: string;
    none: string;
    /** Of several desktops, so many were found. */
    several: (found: number, asked: number) => string;
    notFound: string;
    ambiguous: string;
    usage: string;
    help: string;
    mistake: string;
    refused: string;
    fault: string;
    later: string;
  };
  /** How many there are, of which so many are shown. */
  count: (shown: number, total: number) => string;
  nobody: (desktop: string, filters: string) => string;
  /** The filters as they were typed, in brackets, or nothing. */
  filters: (typed: string) => string;
  /** All in one line: how many there are, and who was the last. */
  summary: (desktop: string, counted: string, user: string, time: string) => string;
  more: string;
  moreByTime: string;
  notFound: (target: string, profile: string | null) => string;
  /** So many bear the name, of which so many are offered. */
  ambiguous: (name: string, count: number, offered: number) => string;
  notAllowed: string;
  /** Our credentials, permission or set-up are at fault. */
  ourFault: (code: ErrorCode) => string;
  namesNeedPermission: string;
  /** `null`: nobody knows how long. */
  tryAgain: (seconds: number | null) => string;
  stillLooking: string;
  stillLookingAskAgain: string;
  whichDesktop: string;
  usage: string;
  help: readonly string[];
  unknownOption: (text: string, nearest: string | null) => string;
  repeatedOption: (name: string) => string;
  malformedId: (text: string) => string;
  tooMany: (count: number, most: number) => string;
  /** A filter whose value is wrong, in the words of the one vocabulary. */
  wrongValue: (field: string, message: string) => string;
  someone: string;
  group: string;
  unknownTime: (text: string) => string;
  noTime: string;
  columns: { user: string; time: string };
  timesAreYours: string;
  timesAreIn: (zone: string) => string;
  profile: (name: string) => string;
  requestId: (id: string) => string;
  version: (version: string) => string;
}

const TEXTS: Readonly<Record<Language, Texts>> = { en: english, "zh-CN": chinese };

export function textsIn(language: Language): Texts {
  return TEXTS[language];
}

/** Which of our languages a locale such as `zh-Hans-CN` asks for; `null` for one that we do not speak. */
export function languageOf(locale: unknown): Language | null {
  if (typeof locale !== "string") return null;
  if (/^zh\b/i.test(locale)) return "zh-CN";
  return /^en\b/i.test(locale) ? "en" : null;
}
