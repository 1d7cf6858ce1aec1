import { describe, expect, it } from "vitest";
import { createKeyLocks } from "../../src/secrets/key-locks.ts";
import type { Lease } from "../../src/workspace/credentials.ts";
import type { Profile } from "../../src/workspace/profile.ts";

const key = (secretKey: string) => ({ accessKey: "HPUAEXAMPLE", secretKey }) as Profile;

describe("key locks", () => {
  it("know nothing against a key that was never refused", () => {
    expect(createKeyLocks(() => 0).isLocked(key("a"))).toBe(false);
  });

  it("count a mended secret key under the same access key from nothing", () => {
    const locks = createKeyLocks(() => 0);
    for (let strikes = 0; strikes < 3; strikes++) locks.strike(key("a"));
    expect(locks.isLocked(key("a"))).toBe(true);
    expect(locks.isLocked(key("b"))).toBe(false);
  });

  it("are lifted by an acceptance", () => {
    const locks = createKeyLocks(() => 0);
    for (let strikes = 0; strikes < 3; strikes++) locks.strike(key("a"));
    const lease = locks.take(key("a"), true) as Lease;
    lease.end(true);
    expect(locks.isLocked(key("a"))).toBe(false);
  });
});
