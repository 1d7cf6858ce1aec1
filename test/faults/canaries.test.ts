import { describe, expect, it } from "vitest";
import { CANARY, leaksIn } from "./support/canaries.ts";

describe("the canaries", () => {
  it("sing when a secret is in a log line or in an answer", () => {
    for (const name of ["accessKey", "secretKey", "securityToken", "callerCookie"] as const) {
      expect(leaksIn([`{"cause":"${CANARY[name]}"}`], [])).toHaveLength(1);
      expect(leaksIn([], [`{"detail":"${CANARY[name]}"}`])).toHaveLength(1);
    }
  });

  it("sing when a signature is, under whatever name", () => {
    expect(leaksIn(["a Signature=0123456789abcdef"], ["b Signature=0123456789abcdef"])).toHaveLength(2);
  });

  it("let a user's name pass in an answer, and an upstream's words in the log, but not the other way round", () => {
    expect(leaksIn([CANARY.upstreamText, CANARY.encodedMessage], [CANARY.userName])).toEqual([]);
    expect(leaksIn([CANARY.userName], [CANARY.upstreamText, CANARY.encodedMessage])).toHaveLength(3);
  });
});
