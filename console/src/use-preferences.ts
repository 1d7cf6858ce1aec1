import { useEffect, useRef, useState } from "preact/hooks";
import { isPreferencesKey, type Preferences, readPreferences, writePreferences } from "./preferences.ts";

type Change = (before: Preferences) => Preferences;

/** What is remembered on this device, the same in every tab: what one tab forgets, no other writes back. */
export function usePreferences(): [preferences: Preferences, change: (change: Change) => void] {
  const [preferences, setPreferences] = useState(() => readPreferences(() => localStorage));
  const latest = useRef(preferences);
  function hold(next: Preferences): void {
    latest.current = next;
    setPreferences(next);
  }
  useEffect(() => {
    const take = ({ key }: StorageEvent) =>
      isPreferencesKey(key) && hold(readPreferences(() => localStorage));
    addEventListener("storage", take);
    return () => removeEventListener("storage", take);
  }, []);
  function change(make: Change): void {
    const next = make(latest.current);
    if (next === latest.current) return;
    hold(next);
    writePreferences(() => localStorage, next);
  }
  return [preferences, change];
}
