import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redact, redactEncoded } from "../../src/observe/redact.ts";
import { RUNS } from "../support/runs.ts";

describe("redacting a foreign text", () => {
  it("takes out every secret that it is given, wherever and however often it stands", () => {
    expect(redact("key s3cr3t, again s3cr3t!", ["s3cr3t"])).toBe("key [redacted], again [redacted]!");
  });

  it("passes over a secret that there is none of", () => {
    expect(redact("nothing to hide", [null, ""])).toBe("nothing to hide");
  });

  it("leaves no rest of a secret that begins as another does", () => {
    expect(redact("x AKAKAK-tail x", ["AKAKAK", "AKAKAK-tail"])).toBe("x [redacted] x");
  });

  it("leaves no piece of a secret at the end of a huge text", () => {
    const token = "T0k3n".repeat(400);
    const redacted = redact(`${token} `.repeat(6), [token]);
    expect(redacted).toBe("[redacted] ".repeat(6));
  });

  it.each([
    [
      "SDK-HMAC-SHA256 Access=HPUAKEY, SignedHeaders=host;x, Signature=0a1b",
      "SDK-HMAC-SHA256 [redacted], [redacted];x, [redacted]",
    ],
    ["signature=abc", "[redacted]"],
    ["Credential='x'", "Credential='x'"],
    ["Credential=AKIA/2026", "[redacted]"],
    [
      "Incorrect IAM authentication information: ak HPUAEXAMPLE0001 not exist",
      "Incorrect IAM authentication information: [redacted] not exist",
    ],
    ["AK=HPUAEXAMPLE0001", "[redacted]"],
    ["access key id: HPUAEXAMPLE0001.", "[redacted]."],
    ["access_keyHPUAEXAMPLE0001", "[redacted]"],
    ["accesskey : HPUAEXAMPLE0001", "[redacted]"],
    ["AccessKeyId=HPUAEXAMPLE0001", "[redacted]"],
    ["AK access failed to reach the limit,forbidden", "AK access failed to reach the limit,forbidden"],
    ["a\nX-Security-Token: gQpj bi1u\nb", "a [redacted] b"],
    ["x-auth-token = t", "[redacted]"],
    ["Authorization: Bearer x", "[redacted]"],
    ["Cookie:a=b; c=d", "[redacted]"],
    ["Authorization:\r\n Bearer x", "[redacted]"],
    ["the task breaks", "the task breaks"],
  ])("takes out of %j what looks like a credential", (text, redacted) => {
    expect(redact(text, [])).toBe(redacted);
  });

  it("shows a run of control characters as one blank, so that a line of a log stays one line", () => {
    expect(redact("a\r\n\tb\u2028c\u007fd\u0000", [])).toBe("a b c d ");
  });

  it("cuts to 1,024 characters", () => {
    expect(redact("x".repeat(1024), [])).toBe("x".repeat(1024));
    expect(redact(`${"x".repeat(1024)}y`, [])).toBe("x".repeat(1024));
    expect(redact(`${"\n".repeat(8191)}yz`, [])).toBe(" y");
  });

  it("lets no secret through, whatever text it stands in", () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9+/=]{8,40}$/);
    const around = fc.string({
      unit: fc.constantFrom(..."aZ09+/= :=;\n\0\u007f\u2028ü李\u{1f600}"),
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 3 }), fc.array(around), (secrets, texts) => {
        const text = texts.flatMap((part, index) => [part, secrets[index % secrets.length]]).join("");
        const redacted = redact(text, secrets);
        for (const secret of secrets) expect(redacted).not.toContain(secret);
        expect(redacted.length).toBeLessThanOrEqual(1024);
        expect(redacted).not.toMatch(/[\u0000-\u001f\u007f]/);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("an encoded authorisation message in the log", () => {
  it("stays what it is, however much like a credential a part of it looks", () => {
    const message = "Q2xvdWQ=ak+AKABCDEFGHIJKLMNOP/Access=abc";
    expect(redactEncoded(message, ["made-up", null])).toBe(message);
  });

  it("loses our keys, should it hold any, and what is longer than can be decoded", () => {
    expect(redactEncoded(`a made-up ${"x".repeat(20_000)}`, ["made-up"])).toBe(
      `a [redacted] ${"x".repeat(10_240 - 13)}`,
    );
  });
});
