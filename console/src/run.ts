import { type Answer, ask } from "./api.ts";
import type { Question } from "./link.ts";
import type { Target } from "./targets.ts";

/** As many look-ups at once as the API's own batch runs. */
const CONCURRENCY = 5;

/**
 * Looks all targets up, a few at a time, and tells of each answer as it comes. Once Huawei Cloud limits us, the rest
 * is not asked: each would only prolong the pause.
 */
export async function run(
  targets: readonly Target[],
  question: Question,
  signal: AbortSignal,
  onAnswer: (index: number, answer: Answer) => void,
): Promise<void> {
  let next = 0;
  let limited: Answer | null = null;
  async function worker(): Promise<void> {
    while (next < targets.length && !signal.aborted) {
      const index = next++;
      const answer: Answer = limited ?? (await ask(targets[index] as Target, question, signal));
      if (!answer.ok && answer.problem.code === "UPSTREAM_THROTTLED") limited = answer;
      if (!signal.aborted) onAnswer(index, answer);
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, targets.length) }, worker));
}
