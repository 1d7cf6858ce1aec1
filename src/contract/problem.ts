import type { Problem } from "./answers.ts";
import { ERROR_CODES, type LookupError } from "./errors.ts";

export function toProblem(error: LookupError, requestId: string): Problem {
  const { status, retryable, title } = ERROR_CODES[error.code];
  const problem: Problem = {
    type: `/errors/${error.code.toLowerCase().replaceAll("_", "-")}`,
    title,
    status,
    code: error.code,
    detail: error.detail,
    retryable,
    request_id: requestId,
  };
  if (error.retryAfterSeconds !== undefined) problem.retry_after_seconds = error.retryAfterSeconds;
  if (error.upstream) {
    problem.upstream_status = error.upstream.status;
    problem.upstream_code = error.upstream.code;
    problem.upstream_request_id = error.upstream.requestId;
  }
  if (error.errors) problem.errors = error.errors;
  if (error.candidates) problem.candidates = error.candidates;
  return problem;
}
