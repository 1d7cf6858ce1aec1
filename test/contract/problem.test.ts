import { describe, expect, it } from "vitest";
import { asLookupError, ERROR_CODES, type ErrorCode, LookupError } from "../../src/contract/errors.ts";
import { toProblem } from "../../src/contract/problem.ts";

/** The table of the README, in its order: what callers build on. */
const VOCABULARY: [ErrorCode, number, boolean][] = [
  ["INVALID_REQUEST", 400, false],
  ["UNAUTHENTICATED", 401, false],
  ["FORBIDDEN", 403, false],
  ["NOT_FOUND", 404, false],
  ["DESKTOP_NOT_FOUND", 404, false],
  ["METHOD_NOT_ALLOWED", 405, false],
  ["NOT_ACCEPTABLE", 406, false],
  ["AMBIGUOUS_NAME", 409, false],
  ["PAYLOAD_TOO_LARGE", 413, false],
  ["UNSUPPORTED_MEDIA_TYPE", 415, false],
  ["UPSTREAM_THROTTLED", 429, true],
  ["INTERNAL", 500, false],
  ["SECRET_INVALID", 500, false],
  ["CREDENTIALS_REFUSED", 502, false],
  ["PERMISSION_DENIED", 502, false],
  ["UPSTREAM_MISCONFIGURED", 502, false],
  ["UPSTREAM_REJECTED", 502, false],
  ["UPSTREAM_INVALID_RESPONSE", 502, true],
  ["SECRET_UNAVAILABLE", 503, true],
  ["UPSTREAM_UNAVAILABLE", 503, true],
  ["UPSTREAM_UNREACHABLE", 503, true],
  ["UPSTREAM_TIMEOUT", 504, true],
  ["DEADLINE_EXCEEDED", 504, true],
];

describe("the vocabulary of errors", () => {
  it("has exactly the codes that callers build on, with their status and advice", () => {
    const told = Object.entries(ERROR_CODES).map(([code, { status, retryable }]) => [
      code,
      status,
      retryable,
    ]);
    expect(told).toEqual(VOCABULARY);
  });

  it("says of every code what it is and what to do, in sentences of its own", () => {
    const titles = new Set(Object.values(ERROR_CODES).map(({ title }) => title));
    expect(titles.size).toBe(VOCABULARY.length);
    for (const { title, detail } of Object.values(ERROR_CODES)) {
      expect(title).toMatch(/^[A-Z][^.]+$/);
      expect(detail).toMatch(/^[A-Z].+\.$/);
    }
  });
});

describe("an error of ours", () => {
  it("keeps its cause but shows none of it", () => {
    const cause = new Error("inner words");
    const error = new LookupError("SECRET_UNAVAILABLE", { cause });
    expect(error.cause).toBe(cause);
    expect(error.message).toBe("SECRET_UNAVAILABLE: The stored secret could not be fetched");
    expect(JSON.stringify(toProblem(error, "r"))).not.toContain("inner words");
  });

  it("is a bug of ours when something else was thrown", () => {
    const thrown = new TypeError("x is undefined");
    expect(asLookupError(thrown)).toMatchObject({ code: "INTERNAL", status: 500, cause: thrown });
    expect(asLookupError("a string")).toMatchObject({ code: "INTERNAL", cause: "a string" });
  });

  it("stays what it is when it is one of ours", () => {
    const error = new LookupError("NOT_FOUND");
    expect(asLookupError(error)).toBe(error);
  });
});

describe("an error as a problem", () => {
  it("is flat and has only what there is to say", () => {
    expect(toProblem(new LookupError("DEADLINE_EXCEEDED"), "request-0001")).toEqual({
      type: "/errors/deadline-exceeded",
      title: "The time for this request ran out",
      status: 504,
      code: "DEADLINE_EXCEEDED",
      detail: "Try again later.",
      retryable: true,
      request_id: "request-0001",
    });
  });

  it("tells what the upstream said of itself, the wait, the faults and the candidates", () => {
    const errors = [{ field: "since", message: "is later than until" }];
    const candidates = [{ desktop_id: "d1", desktop_name: "WIN" }];
    const error = new LookupError("UPSTREAM_THROTTLED", {
      detail: "Try again in 30 seconds.",
      retryAfterSeconds: 30,
      upstream: { status: 429, code: "APIGW.0308", requestId: null },
      errors,
      candidates,
    });
    expect(toProblem(error, "request-0001")).toEqual({
      type: "/errors/upstream-throttled",
      title: "Huawei Cloud is limiting our calls",
      status: 429,
      code: "UPSTREAM_THROTTLED",
      detail: "Try again in 30 seconds.",
      retryable: true,
      retry_after_seconds: 30,
      request_id: "request-0001",
      upstream_status: 429,
      upstream_code: "APIGW.0308",
      upstream_request_id: null,
      errors,
      candidates,
    });
  });
});
