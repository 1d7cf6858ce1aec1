import { useEffect, useRef, useState } from "preact/hooks";
import type { Answer, Ask } from "./api.ts";
import type { Question } from "./link.ts";
import { pageProblem } from "./problem.ts";
import { run } from "./run.ts";
import type { Looked } from "./table.ts";
import type { Target } from "./targets.ts";

/** One look-up of all targets: what was asked, and what has come so far. */
export interface Asked {
  question: Question;
  looked: readonly Looked[];
}

export interface LookUp {
  asked: Asked | null;
  isRunning: boolean;
  start(question: Question, targets: readonly Target[]): Promise<void>;
  /** Asks again for some of them. */
  again(indexes: readonly number[]): Promise<void>;
  /** Keeps what has come; the rest is marked as not looked up. */
  stop(): void;
  clear(): void;
}

export function useLookUp(ask: Ask): LookUp {
  const [asked, setAsked] = useState<Asked | null>(null);
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);

  /** Shows each answer as it comes. */
  async function go({ question, looked }: Asked, indexes: readonly number[]): Promise<void> {
    controller.current?.abort();
    const current = new AbortController();
    controller.current = current;
    let latest = looked.map((each, index) => (indexes.includes(index) ? { ...each, answer: null } : each));
    setAsked({ question, looked: latest });
    const targets = indexes.map((index) => (looked[index] as Looked).target);
    try {
      await run(ask, { targets, question }, current.signal, (position, answer) => {
        latest = latest.map((each, index) => (index === indexes[position] ? { ...each, answer } : each));
        setAsked({ question, looked: latest });
      });
    } catch (error) {
      // Stopped by its reader, or by a new question.
      if (!current.signal.aborted) throw error;
    }
  }

  return {
    asked,
    isRunning: asked?.looked.some(({ answer }) => answer === null) ?? false,
    start: (question, targets) =>
      go(
        { question, looked: targets.map((target) => ({ target, answer: null })) },
        targets.map((_, index) => index),
      ),
    async again(indexes) {
      if (asked) await go(asked, indexes);
    },
    stop() {
      controller.current?.abort();
      setAsked((before) => before && { ...before, looked: before.looked.map(orStopped) });
    },
    clear() {
      controller.current?.abort();
      setAsked(null);
    },
  };
}

function orStopped({ target, answer }: Looked): Looked {
  const stopped: Answer = { ok: false, problem: pageProblem("STOPPED", false) };
  return { target, answer: answer ?? stopped };
}
