import { useRef, useState } from "preact/hooks";
import type { Question } from "./link.ts";

export interface Asking {
  /** As drawn. */
  question: Question;
  /** As of the last key, drawn or not. */
  latest(): Question;
  change(changes: Partial<Question>): void;
}

/** The question in the form. It is there with the first drawing: nothing that comes later overwrites what was typed meanwhile. */
export function useQuestion(initial: () => Question): Asking {
  const [question, setQuestion] = useState(initial);
  const latest = useRef(question);
  return {
    question,
    latest: () => latest.current,
    change(changes) {
      latest.current = { ...latest.current, ...changes };
      setQuestion(latest.current);
    },
  };
}
