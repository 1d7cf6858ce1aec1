import { describe, expect, it } from "vitest";
import { ERROR_CODES, type ErrorCode, LookupError } from "../../src/contract/errors.ts";
import { worseOf } from "../../src/observe/worst.ts";

const worst = (...codes: ErrorCode[]) =>
  codes.map((code) => new LookupError(code)).reduce<LookupError | null>(worseOf, null)?.code ?? null;

describe("the worst of several errors", () => {
  it("is a refused key, whatever else there is and wherever it stands", () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      expect(worst(code, "CREDENTIALS_REFUSED")).toBe("CREDENTIALS_REFUSED");
      expect(worst("CREDENTIALS_REFUSED", code)).toBe("CREDENTIALS_REFUSED");
    }
  });

  it("is what the operator must act on, then Huawei's faults, then a limit, then a caller's mistake", () => {
    expect(worst("UPSTREAM_TIMEOUT", "PERMISSION_DENIED", "UPSTREAM_THROTTLED")).toBe("PERMISSION_DENIED");
    expect(worst("UPSTREAM_THROTTLED", "UPSTREAM_UNAVAILABLE")).toBe("UPSTREAM_UNAVAILABLE");
    expect(worst("DESKTOP_NOT_FOUND", "UPSTREAM_THROTTLED")).toBe("UPSTREAM_THROTTLED");
  });

  it("ranks every server error above everything that is none", () => {
    const codes = Object.keys(ERROR_CODES) as ErrorCode[];
    const isServerError = (code: ErrorCode) => ERROR_CODES[code].status >= 500;
    for (const code of codes.filter(isServerError)) {
      for (const other of codes.filter((each) => !isServerError(each))) expect(worst(other, code)).toBe(code);
    }
  });

  it("is the first of equals, and nothing where there is none", () => {
    expect(worst("DESKTOP_NOT_FOUND", "FORBIDDEN")).toBe("DESKTOP_NOT_FOUND");
    expect(worst()).toBeNull();
  });
});
