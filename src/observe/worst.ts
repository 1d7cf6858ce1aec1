import type { ErrorCode, LookupError } from "../contract/errors.ts";

/**
 * Of several errors in one answer, the one to act on first. A refused key leads: every further call brings it closer to a
 * lock. Codes that are not here are a caller's mistake.
 */
const WORST_FIRST: readonly ErrorCode[] = [
  "CREDENTIALS_REFUSED",
  "INTERNAL",
  "SECRET_INVALID",
  "SECRET_UNAVAILABLE",
  "UPSTREAM_MISCONFIGURED",
  "PERMISSION_DENIED",
  "UPSTREAM_REJECTED",
  "UPSTREAM_INVALID_RESPONSE",
  "UPSTREAM_UNREACHABLE",
  "UPSTREAM_UNAVAILABLE",
  "UPSTREAM_TIMEOUT",
  "DEADLINE_EXCEEDED",
  "UPSTREAM_THROTTLED",
];

/** The worse of two errors; the first of two that are equally bad. */
export function worseOf(first: LookupError | null, second: LookupError | null): LookupError | null {
  if (!first || !second) return first ?? second;
  return rank(second) < rank(first) ? second : first;
}

function rank({ code }: LookupError): number {
  const index = WORST_FIRST.indexOf(code);
  return index < 0 ? WORST_FIRST.length : index;
}
