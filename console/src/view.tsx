import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Texts } from "./texts/en.ts";
import type { Language } from "./texts.ts";
import type { Times } from "./time.ts";

/** What every part of the page needs to show anything. */
export interface View {
  language: Language;
  texts: Texts;
  times: Times;
  /** Milliseconds since the epoch, as of this minute. */
  now: number;
  copy(text: string): void;
}

const Context = createContext<View | null>(null);

export const ViewProvider = Context.Provider;

export function useView(): View {
  const view = useContext(Context);
  if (!view) throw new Error("no view");
  return view;
}
