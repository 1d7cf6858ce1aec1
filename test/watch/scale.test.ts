import { describe, expect, it } from "vitest";
import { createFleet } from "./support/fleet.ts";
import { aReceiver, createWorld } from "./support/world.ts";

describe("a fleet of 10,000 desktops, of which 25 lost somebody", () => {
  it("is told of within 50 calls, and checks others with the rest of its share", {
    timeout: 120_000,
  }, async () => {
    const fleet = createFleet(10_000);
    const chat = aReceiver("chat");
    const world = createWorld({ fleet, receivers: [chat] });
    await world.next();
    for (let index = 0; index < 25; index++) fleet.unbind(index * 397, 0);
    let calls = 0;
    let callsUntilTold = 0;
    const outcome = await world.next(({ kind }) => {
      if (kind === "upstream") calls += 1;
      if (kind === "channel") callsUntilTold ||= calls;
      return "fine";
    });
    expect(chat.received.events).toHaveLength(25);
    expect(chat.received.messages.slice(1)).toHaveLength(1);
    expect(callsUntilTold).toBeLessThanOrEqual(50);
    expect(outcome).toMatchObject({
      runs: [{ desktops: 10_000, lost: 25, events: 25, calls: 250, complete: true }],
    });
    expect(calls).toBe(250);
  });
});
