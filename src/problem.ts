import { type Candidate, ERROR_CODES, type ErrorCode, type FieldError, type LookupError } from "./errors.ts";

/** An error as callers see it: RFC 9457, flat. `type` is a path, relative to wherever the API is mounted. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail: string;
  retryable: boolean;
  retry_after_seconds?: number;
  request_id: string;
  upstream_status?: number;
  upstream_code?: string | null;
  upstream_request_id?: string | null;
  errors?: readonly FieldError[];
  candidates?: readonly Candidate[];
}

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
