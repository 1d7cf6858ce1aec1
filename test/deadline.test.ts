import { describe, expect, it } from "vitest";
import { startDeadline } from "../src/deadline.ts";

describe("the deadline of a call", () => {
  it("is our own budget outside Lambda", () => {
    expect(startDeadline(8000, undefined, () => 500).remaining()).toBe(8000);
  });

  it("is our own budget while Lambda has more time", () => {
    expect(startDeadline(8000, 8250, () => 500).remaining()).toBe(8000);
    expect(startDeadline(8000, 30_000, () => 500).remaining()).toBe(8000);
  });

  it("leaves a quarter of a second of Lambda's time for our answer", () => {
    expect(startDeadline(8000, 8249, () => 500).remaining()).toBe(7999);
    expect(startDeadline(8000, 300, () => 500).remaining()).toBe(50);
  });

  it("has passed when Lambda has no more than that left", () => {
    expect(startDeadline(8000, 250, () => 500).remaining()).toBe(0);
    expect(startDeadline(8000, 100, () => 500).remaining()).toBe(-150);
  });

  it("comes nearer with the clock and passes", () => {
    let now = 500;
    const deadline = startDeadline(1000, undefined, () => now);
    now = 1200;
    expect(deadline.remaining()).toBe(300);
    now = 1600;
    expect(deadline.remaining()).toBe(-100);
  });
});
