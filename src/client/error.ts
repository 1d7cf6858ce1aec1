import type { ErrorCode, FieldError, Problem } from "./types.ts";

/** Why there is no answer: the problem as the service told it, or as the client found it on the way there. */
export class UnbindingsError extends Error implements Problem {
  override readonly name = "UnbindingsError";
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryable: boolean;
  readonly request_id: string;
  declare readonly retry_after_seconds?: number;
  declare readonly upstream_status?: number;
  declare readonly upstream_code?: string | null;
  declare readonly upstream_request_id?: string | null;
  declare readonly errors?: readonly FieldError[];
  declare readonly candidates?: readonly { desktop_id: string; desktop_name: string }[];

  constructor(problem: Problem, cause?: unknown) {
    super(`${problem.code}: ${problem.detail}`, cause === undefined ? undefined : { cause });
    this.type = problem.type;
    this.title = problem.title;
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail;
    this.retryable = problem.retryable;
    this.request_id = problem.request_id;
    for (const name of OPTIONAL) {
      if (problem[name] !== undefined) Object.assign(this, { [name]: problem[name] });
    }
  }
}

const OPTIONAL = [
  "retry_after_seconds",
  "upstream_status",
  "upstream_code",
  "upstream_request_id",
  "errors",
  "candidates",
] as const;

/** What the service says in words, said by the client of what lies between the two. */
export interface Fault {
  code: ErrorCode;
  status: number;
  retryable: boolean;
  detail: string;
  retryAfterSeconds?: number | undefined;
}

/** What came back cannot be from the service. */
export const FOREIGN_ANSWER: Fault = {
  code: "UPSTREAM_INVALID_RESPONSE",
  status: 502,
  retryable: true,
  detail: "The answer is not the service's.",
};

export function errorOf(fault: Fault, requestId: string, cause?: unknown): UnbindingsError {
  const { code, status, retryable, detail, retryAfterSeconds } = fault;
  return new UnbindingsError(
    {
      type: `/errors/${code.toLowerCase().replaceAll("_", "-")}`,
      title: "No answer of the service came back",
      status,
      code,
      detail,
      retryable,
      request_id: requestId,
      ...(retryAfterSeconds !== undefined && { retry_after_seconds: retryAfterSeconds }),
    },
    cause,
  );
}

/** The problem in a value, if there is one. */
export function asProblem(value: unknown): Problem | null {
  const { code, status, detail } = (value ?? {}) as Partial<Problem>;
  return typeof code === "string" && typeof status === "number" && typeof detail === "string"
    ? (value as Problem)
    : null;
}
