import { describe, expect, it } from "vitest";
import { type Claim, createKeyLocks, type KeyLocks } from "../../src/secrets/key-locks.ts";

const key = (credential: string) => ({ accessKey: "HPUAEXAMPLE", credential });

function claim(locks: KeyLocks, credential: string): Claim {
  const claimed = locks.claim(key(credential));
  if (claimed instanceof Promise) throw new Error("not its turn");
  return claimed;
}

function refuse(locks: KeyLocks, credential: string): void {
  const claimed = claim(locks, credential);
  claimed.end("refused");
  claimed.strike();
}

describe("key locks", () => {
  it("know nothing against a key that was never refused", () => {
    expect(createKeyLocks(() => 0).isLocked(key("a"))).toBe(false);
  });

  it("count another credential under the same access key from nothing", () => {
    const locks = createKeyLocks(() => 0);
    for (let strikes = 0; strikes < 3; strikes++) refuse(locks, "a");
    expect(locks.isLocked(key("a"))).toBe(true);
    expect(locks.isLocked(key("b"))).toBe(false);
  });

  it("are lifted by an acceptance", () => {
    const locks = createKeyLocks(() => 0);
    for (let strikes = 0; strikes < 3; strikes++) refuse(locks, "a");
    claim(locks, "a").end("accepted");
    expect(locks.isLocked(key("a"))).toBe(false);
  });

  it("let no more out for a new credential than the access key has room for", () => {
    const locks = createKeyLocks(() => 0);
    claim(locks, "a");
    claim(locks, "a").end("accepted");
    claim(locks, "a");
    // The acceptance was the old credential's.
    claim(locks, "b");
    expect(locks.claim(key("b"))).toBeInstanceOf(Promise);
  });

  it("doubt a key whose refusal the clock explains, without a strike", () => {
    const locks = createKeyLocks(() => 0);
    claim(locks, "a");
    claim(locks, "a").end("accepted");
    claim(locks, "a").end("refused");
    claim(locks, "a");
    claim(locks, "a");
    expect(locks.claim(key("a"))).toBeInstanceOf(Promise);
    expect(locks.isLocked(key("a"))).toBe(false);
  });
});
