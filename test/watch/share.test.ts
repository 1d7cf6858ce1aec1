import { describe, expect, it } from "vitest";
import { createShare } from "../../src/watch/share.ts";

function aShare(callsPerMinute: number, minutes = 5) {
  let now = 0;
  const share = createShare({
    callsPerMinute,
    minutes,
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
  });
  return { share, now: () => now, take: () => share.take(() => 270_000 - now) };
}

describe("a run's share of the quota", () => {
  it("is its interval's, in a burst of which people who ask still have some", async () => {
    const { take, now, share } = aShare(50);
    for (let call = 0; call < 150; call++) expect(await take()).toBe(true);
    expect(now()).toBe(0);
    for (let call = 150; call < 250; call++) expect(await take()).toBe(true);
    expect(now()).toBe(60_000);
    expect(await take()).toBe(false);
    expect(share.isOver()).toBe(true);
  });

  it("is larger where the quota is", async () => {
    const { take, now } = aShare(1000);
    for (let call = 0; call < 5000; call++) await take();
    expect(now()).toBe(0);
    expect(await take()).toBe(false);
  });

  it("counts further attempts, and ends when the upstream says stop", async () => {
    const { take, share } = aShare(1, 5);
    await take();
    share.note(3);
    expect([await take(), await take(), await take()]).toEqual([true, true, false]);
    const other = aShare(50);
    other.share.stop();
    expect(await other.take()).toBe(false);
  });
});
