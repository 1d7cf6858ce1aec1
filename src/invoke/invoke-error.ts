import type { Problem } from "../contract/answers.ts";

/**
 * An error as Lambda hands it to whoever invoked: the name becomes `errorType`, which a state machine's `Retry` and
 * `Catch` match on; the message `errorMessage`, the problem as JSON.
 */
export class InvokeError extends Error {
  // Lambda's own log names the constructor, which has another name in the bundle.
  static override readonly name = "InvokeError";

  constructor(problem: Problem) {
    super(JSON.stringify(problem));
    this.name = problem.code;
    // Lambda hands the stack on as `trace`, and would write it into the log.
    this.stack = problem.code;
  }
}
