/** How much time a call has left. One per call; everything inside takes its slice from it. */
export interface Deadline {
  /** Milliseconds left; zero or negative when there is none. */
  remaining(): number;
}

// Lambda needs a moment to send our answer before it kills us.
const LAMBDA_MARGIN_MS = 250;

/**
 * The deadline of one invocation: our own budget, or Lambda's remaining time less a margin, whichever ends
 * first.
 *
 * @param budgetMs The whole-call budget.
 * @param lambdaRemainingMs `context.getRemainingTimeInMillis()`, or `undefined` outside Lambda.
 * @param now Monotonic milliseconds.
 */
export function startDeadline(
  budgetMs: number,
  lambdaRemainingMs: number | undefined,
  now: () => number,
): Deadline {
  const ms = Math.min(budgetMs, (lambdaRemainingMs ?? Number.POSITIVE_INFINITY) - LAMBDA_MARGIN_MS);
  const endsAt = now() + ms;
  return { remaining: () => endsAt - now() };
}
