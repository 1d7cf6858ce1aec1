import type { Language } from "./texts.ts";
import type { Zone } from "./time.ts";
import { uniqueInAnyCase } from "./unique.ts";

/** What the page remembers on this device. Of answers and of people nothing. */
export interface Preferences {
  /** `null`: as the browser says. */
  language: Language | null;
  zone: Zone;
  /** Whether a single key is a shortcut. */
  hasSingleKeys: boolean;
  /** On a shared computer no desktop is remembered. */
  isShared: boolean;
  /** Desktops as they were asked for, the last one first. */
  recent: readonly string[];
}

const DEFAULTS: Preferences = {
  language: null,
  zone: "local",
  hasSingleKeys: true,
  isShared: false,
  recent: [],
};

const KEY = "workspace-unbindings.preferences";
const MAX_RECENT = 8;
const MAX_LENGTH = 255;

/** Whatever is kept there, by whoever: only what is as it should be is taken. */
export function readPreferences(storage: () => Storage): Preferences {
  try {
    const kept: unknown = JSON.parse(storage().getItem(KEY) ?? "{}");
    const { language, zone, hasSingleKeys, isShared, recent } = kept as Record<string, unknown>;
    return {
      ...DEFAULTS,
      language: language === "en" || language === "zh" ? language : DEFAULTS.language,
      zone: zone === "utc" ? "utc" : "local",
      hasSingleKeys: hasSingleKeys !== false,
      isShared: isShared === true,
      recent: isShared === true ? [] : names(recent),
    };
  } catch {
    return DEFAULTS;
  }
}

/** A browser that keeps nothing has a page that remembers nothing. */
export function writePreferences(storage: () => Storage, preferences: Preferences): void {
  try {
    storage().setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Switched off, or full.
  }
}

/** With these desktops first, each once in any case. */
export function remember(preferences: Preferences, desktops: readonly string[]): Preferences {
  if (preferences.isShared) return preferences;
  const all = uniqueInAnyCase([...desktops, ...preferences.recent]);
  return { ...preferences, recent: all.filter(isName).slice(0, MAX_RECENT) };
}

/** Whether a change of the storage is one of these; `null` stands for all of it. */
export function isPreferencesKey(key: string | null): boolean {
  return key === null || key === KEY;
}

function names(kept: unknown): string[] {
  return Array.isArray(kept) ? kept.filter(isName).slice(0, MAX_RECENT) : [];
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_LENGTH;
}
