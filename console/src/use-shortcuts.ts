import { useLayoutEffect, useRef } from "preact/hooks";

/** Keys, as `KeyboardEvent.key` names them, and what they do. */
export type Shortcuts = Readonly<Record<string, () => void>>;

const TYPING = "input, textarea, select, [contenteditable]";

/** Single keys, while nobody types. */
export function useShortcuts(shortcuts: Shortcuts, isOn: boolean): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  // With the first drawing: a key that is pressed at once counts.
  useLayoutEffect(() => {
    function press(event: KeyboardEvent): void {
      const isTyping = event.target instanceof Element && event.target.closest(TYPING) !== null;
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (event.key !== "Escape" && (!isOn || isTyping)) return;
      const act = Object.hasOwn(latest.current, event.key) ? latest.current[event.key] : undefined;
      if (!act) return;
      if (event.key !== "Escape") event.preventDefault();
      act();
    }
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [isOn]);
}
