import type { LookupError } from "../contract/errors.ts";
import { toProblem } from "../contract/problem.ts";
import { NO_STORE } from "./reply.ts";
import { MethodNotAllowed } from "./router.ts";

/**
 * An error in the form that `@middy/http-error-handler` turns into an answer: it takes the message for the body.
 * No other error may reach it, or it would show whatever that one says.
 */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly statusCode: number;
  readonly expose = true;
  readonly headers: Record<string, string>;

  constructor(error: LookupError, requestId: string) {
    // Whoever cannot sign is told nothing that would help.
    const isTold = error.code !== "UNAUTHENTICATED";
    super(isTold ? JSON.stringify(toProblem(error, requestId)) : "", { cause: error });
    this.statusCode = error.status;
    this.headers = { "cache-control": NO_STORE };
    // In this case: the error handler writes it so, and a second one in another case would not replace it.
    if (isTold) this.headers["Content-Type"] = "application/problem+json; charset=utf-8";
    if (error.retryAfterSeconds !== undefined) this.headers["retry-after"] = String(error.retryAfterSeconds);
    if (error instanceof MethodNotAllowed) this.headers["allow"] = error.allow;
  }
}
