import type { Answer, Ask } from "./api.ts";
import type { Question } from "./link.ts";
import type { Target } from "./targets.ts";

/** As many look-ups at once as the API's own batch runs. */
const CONCURRENCY = 5;

/** After one of these the rest is not asked: each call would prolong a pause, or be refused for the same reason. */
const LAST_WORDS = new Set<string>(["UPSTREAM_THROTTLED", "TOO_MANY_REQUESTS", "SESSION_EXPIRED"]);

/** Looks all targets up, a few at a time, and hands over each answer as it comes. */
export async function run(
  ask: Ask,
  { targets, question }: { targets: readonly Target[]; question: Question },
  signal: AbortSignal,
  onAnswer: (index: number, answer: Answer) => void,
): Promise<void> {
  let next = 0;
  let final: Answer | null = null;
  async function worker(): Promise<void> {
    while (next < targets.length && !signal.aborted) {
      const index = next++;
      const answer: Answer = final ?? (await ask(targets[index] as Target, question, signal));
      if (!answer.ok && LAST_WORDS.has(answer.problem.code)) final = answer;
      if (!signal.aborted) onAnswer(index, answer);
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, targets.length) }, worker));
}
