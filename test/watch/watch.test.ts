import { describe, expect, it } from "vitest";
import type { Change } from "../../src/ledger/changes.ts";
import type { LedgerEvent } from "../../src/ledger/event.ts";
import type { WatchOutcome } from "../../src/watch/watch.ts";
import { createFleet } from "./support/fleet.ts";
import { aReceiver, createWorld } from "./support/world.ts";

function aWorld(desktops = 3, options: Parameters<typeof aReceiver>[1] = {}) {
  const fleet = createFleet(desktops);
  const chat = aReceiver("chat", options);
  const siem = aReceiver("siem", { hasReaders: false, most: { events: 1, atOnce: 5 } });
  const world = createWorld({ fleet, receivers: [chat, siem] });
  const changes = () => world.memory.dataOf("changes#") as Change[];
  return { fleet, chat, siem, world, changes };
}

const summaryOf = (outcome: WatchOutcome | Error | null) => {
  if (outcome === null || outcome instanceof Error) throw outcome ?? new Error("no lease");
  return outcome.runs[0];
};
const users = (events: readonly LedgerEvent[]) => events.map(({ user_name: name }) => name);

describe("the watch", () => {
  it("begins with one line for each channel that people read, and tells nothing that was there before", async () => {
    const { world, chat, siem } = aWorld();
    expect(summaryOf(await world.next())).toEqual({
      profile: "prod",
      desktops: 3,
      lost: 0,
      checked: 3,
      events: 0,
      told: 0,
      uncertain: 0,
      broken: 0,
      calls: 4,
      complete: true,
    });
    expect(chat.received.notices).toEqual([{ profile: "prod", notice: { kind: "watching", desktops: 3 } }]);
    expect(chat.received.events).toEqual([]);
    await world.next();
    expect(chat.received.messages).toHaveLength(1);
    expect(siem.received.messages).toEqual([]);
  });

  it("tells an unbinding in the next run, once, to every channel", async () => {
    const { fleet, world, chat, siem, changes } = aWorld();
    await world.next();
    fleet.unbind(1, 0);
    expect(summaryOf(await world.next())).toMatchObject({ lost: 1, events: 1, told: 2 });
    for (let run = 0; run < 5; run++) await world.next();
    expect(users(chat.received.events)).toEqual(["d1-a"]);
    expect(users(siem.received.events)).toEqual(["d1-a"]);
    expect(chat.received.events[0]).toMatchObject({
      confirmed: true,
      profile: "prod",
      desktop_name: "PC-d1",
    });
    expect(changes()).toHaveLength(1);
  });

  it("tells what detach-info does not show after three runs as unconfirmed, and confirms it without telling again", async () => {
    const { fleet, world, chat, changes } = aWorld();
    await world.next();
    fleet.unbind(0, 5);
    await world.next();
    await world.next();
    expect(chat.received.events).toEqual([]);
    await world.next();
    expect(chat.received.events).toMatchObject([{ confirmed: false, unbound_at: null, detach_time: null }]);
    for (let run = 0; run < 4; run++) await world.next();
    expect(chat.received.events).toHaveLength(1);
    expect(changes().map(({ kind }) => kind)).toEqual(["unbound", "confirmed"]);
    expect(new Set(changes().map(({ event }) => event.event_id)).size).toBe(1);
    expect(changes()[1]?.event).toMatchObject({ confirmed: true, detach_time: "on day 0 #0" });
  });

  it("finds who came and went between two lists by its checks", async () => {
    const { fleet, world, chat } = aWorld();
    await world.next();
    fleet.bind(2, "guest");
    const { users: bound } = [...fleet.desktops.values()][2] as { users: Set<string> };
    bound.delete("d2-a");
    bound.add("d2-a");
    for (const user of ["d2-b", "d2-a"]) bound.delete(user);
    fleet.unbind(2, 0);
    bound.add("d2-a").add("d2-b");
    await world.next();
    await world.next();
    expect(users(chat.received.events)).toEqual(["d2-guest"]);
  });

  it("takes a desktop for gone after two complete lists without it", async () => {
    const { fleet, world, chat } = aWorld();
    await world.next();
    fleet.desktops.delete("d1");
    expect(summaryOf(await world.next())).toMatchObject({ lost: 0, desktops: 2 });
    expect(summaryOf(await world.next())).toMatchObject({ lost: 2 });
    await world.next();
    expect(chat.received.events).toEqual([]);
    await world.next();
    expect(users(chat.received.events).sort()).toEqual(["d1-a", "d1-b"]);
    for (let run = 0; run < 4; run++) await world.next();
    expect(chat.received.events).toHaveLength(2);
  });

  it("concludes nothing from an empty list after one that was not", async () => {
    const { fleet, world, chat } = aWorld();
    await world.next();
    fleet.desktops.clear();
    for (let run = 0; run < 2; run++)
      expect(summaryOf(await world.next())).toMatchObject({ complete: false, lost: 0 });
    expect(chat.received.events).toEqual([]);
  });

  it("says once that it is blind, and once that it sees again", async () => {
    const { world, chat } = aWorld();
    await world.next();
    const blind = () => world.next(({ name }) => (name === "list" ? "fails" : "fine"));
    await blind();
    await blind();
    expect(chat.received.notices).toHaveLength(1);
    for (let run = 0; run < 3; run++) await blind();
    expect(chat.received.notices.slice(1)).toMatchObject([{ notice: { kind: "blind" } }]);
    await world.next();
    await world.next();
    expect(chat.received.notices.slice(2)).toMatchObject([{ notice: { kind: "sees-again" } }]);
  });

  it("tells at the next run that none began for long", async () => {
    const { world, chat } = aWorld();
    await world.next();
    world.pass(60);
    await world.next();
    await world.next();
    expect(chat.received.notices.slice(1).map(({ notice }) => notice.kind)).toEqual(["blind", "sees-again"]);
  });

  it("does nothing while another run is under way", async () => {
    const { world } = aWorld();
    const [first, second] = await Promise.all([world.run(), world.run()]);
    expect([first, second].filter((each) => each === null)).toHaveLength(1);
  });
});

describe("a channel", () => {
  it("that lost the answer is told once more, and then left uncertain", async () => {
    const { fleet, world, chat } = aWorld(3);
    await world.next();
    chat.verdicts.splice(0, 1, { kind: "lost", reason: "made up" });
    fleet.unbind(0, 0);
    expect(summaryOf(await world.next())).toMatchObject({ told: 1, uncertain: 0 });
    expect(summaryOf(await world.next())).toMatchObject({ told: 0, uncertain: 1 });
    await world.next();
    expect(chat.received.events).toHaveLength(2);
  });

  it("that is broken is tried after 1, 2 and 4 runs, and told when it is mended", async () => {
    const { fleet, world, chat } = aWorld();
    await world.next();
    chat.verdicts.splice(0, 1, { kind: "broken", reason: "made up" });
    fleet.unbind(0, 0);
    const tries: number[] = [];
    for (let run = 0; run < 12; run++) {
      const before = chat.received.messages.length;
      await world.next();
      if (chat.received.messages.length > before) tries.push(run);
    }
    expect(tries).toEqual([0, 1, 3, 7]);
    chat.verdicts.splice(0, 1, { kind: "sent" });
    for (let run = 0; run < 8; run++) await world.next();
    expect(users(chat.received.events)).toEqual(["d0-a"]);
  });

  it("that limits is left alone for as long as it says", async () => {
    const { fleet, world, chat } = aWorld();
    await world.next();
    chat.verdicts.splice(0, 1, { kind: "retry", afterSeconds: 1500, reason: "429" }, { kind: "sent" });
    fleet.unbind(0, 0);
    for (let run = 0; run < 5; run++) await world.next();
    expect(chat.received.events).toEqual([]);
    await world.next();
    expect(chat.received.events).toHaveLength(1);
  });

  it("that refuses the form gets plain text at once, and then nothing", async () => {
    const { fleet, world, chat } = aWorld();
    await world.next();
    chat.verdicts.splice(0, 1, { kind: "refused", reason: "made up" });
    fleet.unbind(0, 0);
    const outcome = await world.next();
    expect(outcome).toMatchObject({ refused: 1 });
    expect(chat.received.messages.slice(1).map(({ isPlain }) => isPlain)).toEqual([false, true]);
    await world.next();
    expect(chat.received.messages).toHaveLength(3);
  });

  it("is given up for an event after a week", async () => {
    const { fleet, world, chat } = aWorld();
    await world.next();
    chat.verdicts.splice(0, 1, { kind: "broken", reason: "made up" });
    fleet.unbind(0, 0);
    await world.next();
    world.pass(7 * 24 * 60);
    expect(await world.next()).toMatchObject({ givenUp: 1, failingChannels: 1 });
    expect(world.memory.dataOf("outbox#chat")).toHaveLength(2);
  });

  it("that may not see users gets no name and no ID", async () => {
    const { fleet, world, chat, changes } = aWorld(3, { hidesUsers: true });
    await world.next();
    fleet.unbind(0, 0);
    await world.next();
    expect(chat.received.events).toMatchObject([{ user_id: null, user_name: null }]);
    expect(chat.received.events[0]?.event_id).toMatch(/^[0-9a-f]{32}$/);
    expect(chat.received.events[0]?.event_id).not.toBe(changes()[0]?.event.event_id);
    expect(JSON.stringify(chat.received.messages)).not.toContain("d0-a");
  });
});
