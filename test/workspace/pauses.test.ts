import { describe, expect, it } from "vitest";
import { createPauses } from "../../src/workspace/pauses.ts";

function setUp() {
  let now = 1000;
  const pauses = createPauses(() => now);
  const pass = (ms: number) => {
    now += ms;
  };
  return { pauses, pass };
}

describe("a pause that the upstream asked for", () => {
  it("ends when its time is over", () => {
    const { pauses, pass } = setUp();
    expect(pauses.remaining("KEY1")).toBe(0);
    pauses.pause("KEY1", 5000);
    expect(pauses.remaining("KEY1")).toBe(5000);
    pass(4999);
    expect(pauses.remaining("KEY1")).toBe(1);
    pass(2);
    expect(pauses.remaining("KEY1")).toBe(0);
  });

  it("is one access key's alone", () => {
    const { pauses } = setUp();
    pauses.pause("KEY1", 5000);
    expect(pauses.remaining("KEY2")).toBe(0);
  });

  it("is not cut short by a shorter one, but made longer by a longer one", () => {
    const { pauses } = setUp();
    pauses.pause("KEY1", 5000);
    pauses.pause("KEY1", 1000);
    expect(pauses.remaining("KEY1")).toBe(5000);
    pauses.pause("KEY1", 6000);
    expect(pauses.remaining("KEY1")).toBe(6000);
  });
});
