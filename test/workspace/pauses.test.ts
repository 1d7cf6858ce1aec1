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
    expect(pauses.remaining("prod")).toBe(0);
    pauses.pause("prod", 5000);
    expect(pauses.remaining("prod")).toBe(5000);
    pass(4999);
    expect(pauses.remaining("prod")).toBe(1);
    pass(2);
    expect(pauses.remaining("prod")).toBe(0);
  });

  it("is one profile's alone", () => {
    const { pauses } = setUp();
    pauses.pause("prod", 5000);
    expect(pauses.remaining("lab")).toBe(0);
  });

  it("is not cut short by a shorter one, but made longer by a longer one", () => {
    const { pauses } = setUp();
    pauses.pause("prod", 5000);
    pauses.pause("prod", 1000);
    expect(pauses.remaining("prod")).toBe(5000);
    pauses.pause("prod", 6000);
    expect(pauses.remaining("prod")).toBe(6000);
  });
});
