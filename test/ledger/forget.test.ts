import { describe, expect, it } from "vitest";
import { forgetPerson } from "../../src/ledger/forget.ts";
import { createFleet } from "../watch/support/fleet.ts";
import { aReceiver, createWorld } from "../watch/support/world.ts";

describe("forgetting a person", () => {
  it("takes out all that names them, and tells nothing of it as new afterwards", async () => {
    const fleet = createFleet(2);
    const chat = aReceiver("chat");
    const world = createWorld({ fleet, receivers: [chat] });
    await world.next();
    fleet.unbind(0, 0);
    fleet.unbind(1, 0);
    await world.next();
    chat.verdicts.splice(0, 1, { kind: "broken", reason: "made up" });
    expect(chat.received.events).toHaveLength(2);
    expect(await forgetPerson(world.table, "prod", "ID-D0-A", ["chat"])).toEqual({
      events: 1,
      changes: 1,
      bindings: 1,
      outbox: 0,
    });
    for (const prefix of ["events#", "changes#", "bindings#", "outbox#"]) {
      expect(JSON.stringify(world.memory.dataOf(prefix)), prefix).not.toContain("d0-a");
    }
    chat.verdicts.splice(0, 1, { kind: "sent" });
    fleet.unbind(0, 0);
    for (let run = 0; run < 4; run++) await world.next();
    expect(chat.received.events.map(({ user_name: name }) => name).sort()).toEqual(["d0-a", "d0-b", "d1-a"]);
  });

  it("takes out what is still to be told, and finds people by their names", async () => {
    const fleet = createFleet(1);
    const chat = aReceiver("chat", { verdicts: [{ kind: "broken", reason: "made up" }] });
    const world = createWorld({ fleet, receivers: [chat] });
    await world.next();
    fleet.unbind(0, 0);
    await world.next();
    expect(await forgetPerson(world.table, "prod", "D0-a", ["chat"])).toMatchObject({ events: 1, outbox: 1 });
    expect(await forgetPerson(world.table, "prod", "nobody", ["chat"])).toMatchObject({
      events: 0,
      outbox: 0,
    });
  });

  it("is what retention does as well: what has expired is not told again while detach-info lists it", async () => {
    const fleet = createFleet(1);
    const chat = aReceiver("chat");
    const world = createWorld({ fleet, receivers: [chat], settings: { retentionDays: 1 } });
    await world.next();
    fleet.unbind(0, 0);
    await world.next();
    world.pass(3 * 24 * 60);
    fleet.unbind(0, 0);
    for (let run = 0; run < 3; run++) await world.next();
    expect(chat.received.events.map(({ user_name: name }) => name)).toEqual(["d0-a", "d0-b"]);
    expect((await world.table.query({ pk: "events#prod#d0" })).items).toHaveLength(1);
  });
});
