import type { LookupError } from "../contract/errors.ts";
import { unavailable } from "./outage.ts";

/** A fault as the AWS SDK throws it: by its name, with the status if there was an answer. */
export interface StoreFault {
  name?: string;
  message?: string;
  $metadata?: { httpStatusCode?: number };
}

/** What the store says when it, or its key service, is the one in trouble. */
const PASSING: ReadonlySet<string | undefined> = new Set([
  "InternalServiceError",
  "InternalServiceErrorException",
  "ThrottlingException",
  "Throttling",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "LimitExceededException",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "TimeoutError",
  "AbortError",
]);

/** Whether the store may do better in a moment. */
export function isPassing({ name, $metadata }: StoreFault): boolean {
  const status = $metadata?.httpStatusCode;
  // Without a status nothing was answered: the network, or our own limit of time.
  return PASSING.has(name) || status === undefined || status >= 500 || status === 429;
}

export function toLookupError(fault: StoreFault): LookupError {
  const { name = "unknown", message = "" } = fault;
  return unavailable(`${name}: ${message}`, isPassing(fault));
}
