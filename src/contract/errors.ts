/**
 * The one error vocabulary: every entry, HTTPS, invoke or chat, speaks these codes and no others.
 *
 * `retryable` is advice to the caller: whether asking again, unchanged, can succeed.
 */
export const ERROR_CODES = {
  INVALID_REQUEST: {
    status: 400,
    retryable: false,
    title: "The request is not valid",
    detail: "See `errors` for every fault that was found.",
  },
  UNAUTHENTICATED: {
    status: 401,
    retryable: false,
    title: "The request is not signed as it must be",
    detail: "Check the signing secret and the clock of the sender.",
  },
  FORBIDDEN: {
    status: 403,
    retryable: false,
    title: "You may not ask for this",
    detail: "Ask the operator of this service for access.",
  },
  NOT_FOUND: {
    status: 404,
    retryable: false,
    title: "There is nothing here",
    detail: "No such route.",
  },
  DESKTOP_NOT_FOUND: {
    status: 404,
    retryable: false,
    title: "Huawei Cloud knows no such desktop",
    detail: "Check the desktop ID and the profile.",
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retryable: false,
    title: "This method is not allowed here",
    detail: "See the Allow header.",
  },
  NOT_ACCEPTABLE: {
    status: 406,
    retryable: false,
    title: "None of the accepted media types is available",
    detail: "Available: application/json, text/csv.",
  },
  AMBIGUOUS_NAME: {
    status: 409,
    retryable: false,
    title: "Several desktops bear this name",
    detail: "Ask again with one of the desktop IDs in `candidates`.",
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    retryable: false,
    title: "The request body is too large",
    detail: "At most 64 kB.",
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    retryable: false,
    title: "The request body is of a media type we do not read",
    detail: "Send application/json.",
  },
  UPSTREAM_THROTTLED: {
    status: 429,
    retryable: true,
    title: "Huawei Cloud is limiting our calls",
    detail: "Try again later.",
  },
  INTERNAL: {
    status: 500,
    retryable: false,
    title: "Something is wrong on our side",
    detail: "The operator finds the cause in the log under this request ID.",
  },
  SECRET_INVALID: {
    status: 500,
    retryable: false,
    title: "The stored secret is not what we need",
    detail: "The operator must mend the secret.",
  },
  CREDENTIALS_REFUSED: {
    status: 502,
    retryable: false,
    title: "Huawei Cloud refuses our access key",
    detail: "The operator must check the access key in the secret.",
  },
  PERMISSION_DENIED: {
    status: 502,
    retryable: false,
    title: "Our Huawei Cloud user lacks a permission",
    detail: "The operator must grant workspace:desktops:listDetachInfo.",
  },
  UPSTREAM_MISCONFIGURED: {
    status: 502,
    retryable: false,
    title: "We are set up for the wrong place at Huawei Cloud",
    detail: "The operator must check region, endpoint and project, and that Workspace is enabled there.",
  },
  UPSTREAM_REJECTED: {
    status: 502,
    retryable: false,
    title: "Huawei Cloud rejected our request",
    detail: "The operator finds its reason in the log under this request ID.",
  },
  UPSTREAM_INVALID_RESPONSE: {
    status: 502,
    retryable: true,
    title: "Huawei Cloud's answer could not be read",
    detail: "It may be passing; try again.",
  },
  SECRET_UNAVAILABLE: {
    status: 503,
    retryable: true,
    title: "The stored secret could not be fetched",
    detail: "Try again; if it stays so, the operator must check the secret and our access to it.",
  },
  UPSTREAM_UNAVAILABLE: {
    status: 503,
    retryable: true,
    title: "Huawei Cloud has a fault at the moment",
    detail: "Try again later.",
  },
  UPSTREAM_UNREACHABLE: {
    status: 503,
    retryable: true,
    title: "Huawei Cloud could not be reached",
    detail: "Try again; if it stays so, the operator must check endpoint and network.",
  },
  UPSTREAM_TIMEOUT: {
    status: 504,
    retryable: true,
    title: "Huawei Cloud did not answer in time",
    detail: "Try again later.",
  },
  DEADLINE_EXCEEDED: {
    status: 504,
    retryable: true,
    title: "The time for this request ran out",
    detail: "Try again later.",
  },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string; detail: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** One fault of a request: which field, and what is wrong with it in words of ours. */
export interface FieldError {
  field: string;
  message: string;
}

/** What the upstream said of itself. Codes and IDs only, checked for shape; never its texts. */
export interface UpstreamFacts {
  status: number;
  code: string | null;
  requestId: string | null;
}

/** A desktop that bears an ambiguous name. */
export interface Candidate {
  desktop_id: string;
  desktop_name: string;
}

export interface LookupErrorFacts {
  /** Words of ours that may leave; defaults to the code's own. */
  detail?: string | undefined;
  /** Whole seconds, at least 1. */
  retryAfterSeconds?: number | undefined;
  errors?: readonly FieldError[] | undefined;
  upstream?: UpstreamFacts | undefined;
  candidates?: readonly Candidate[] | undefined;
  /** The permission that our user lacks, such as `workspace:desktops:list`. */
  permission?: string | undefined;
  cause?: unknown;
}

/** The only error that our own code throws on purpose. Holds no request, no response and no secret. */
export class LookupError extends Error {
  override readonly name = "LookupError";
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryAfterSeconds: number | undefined;
  readonly errors: readonly FieldError[] | undefined;
  readonly upstream: UpstreamFacts | undefined;
  readonly candidates: readonly Candidate[] | undefined;
  readonly permission: string | undefined;

  constructor(code: ErrorCode, facts: LookupErrorFacts = {}) {
    super(`${code}: ${ERROR_CODES[code].title}`, { cause: facts.cause });
    this.code = code;
    this.detail = facts.detail ?? ERROR_CODES[code].detail;
    this.retryAfterSeconds = facts.retryAfterSeconds;
    this.errors = facts.errors;
    this.upstream = facts.upstream;
    this.candidates = facts.candidates;
    this.permission = facts.permission;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/** Whatever was thrown, as an error of the vocabulary: what is not ours is a bug of ours. */
export function asLookupError(thrown: unknown): LookupError {
  return thrown instanceof LookupError ? thrown : new LookupError("INTERNAL", { cause: thrown });
}

/** UPSTREAM_THROTTLED with its wait in words as well. */
export function throttled(seconds: number, upstream?: UpstreamFacts): LookupError {
  return new LookupError("UPSTREAM_THROTTLED", {
    upstream,
    retryAfterSeconds: seconds,
    detail: `Try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`,
  });
}
