import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import type { LedgerEvent } from "../../src/ledger/event.ts";
import { eventBridgeSend } from "../../src/watch/aws/eventbridge.ts";
import type { Message } from "../../src/watch/channel.ts";

const bus = mockClient(EventBridgeClient);
beforeEach(() => bus.reset());

const event = (id: string, more: object = {}) =>
  ({ event_id: id, desktop_id: "d1", user_name: "alice", ...more }) as unknown as LedgerEvent;
const TIME = { remaining: () => 5000 };

const send = (events: readonly LedgerEvent[]) =>
  eventBridgeSend("desktops", () => new EventBridgeClient({ region: "eu-central-1" }))(
    { events } as unknown as Message,
    TIME,
  );
const fault = (name: string, more: object = {}) => Object.assign(new Error(name), { name, ...more });
const answered = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

describe("a bus", () => {
  it("is told of each event by an entry of its own, with no text longer than the bus takes", async () => {
    bus.on(PutEventsCommand).resolves({ Entries: [{ EventId: "1" }, { EventId: "2" }] });
    const verdicts = await send([event("a"), event("b", { user_name: "x".repeat(5000) })]);
    expect(verdicts).toMatchObject([{ kind: "sent" }, { kind: "sent" }]);
    const { Entries = [] } = bus.commandCalls(PutEventsCommand)[0]?.args[0].input ?? {};
    expect(Entries).toMatchObject([
      { EventBusName: "desktops", DetailType: "Desktop Unbound", Resources: ["d1"] },
      { EventBusName: "desktops" },
    ]);
    expect(JSON.parse(Entries[1]?.Detail ?? "").user_name.length).toBeLessThanOrEqual(1000);
  });

  it("is not asked for nothing", async () => {
    expect(await send([])).toMatchObject({ kind: "sent" });
    expect(bus.calls()).toHaveLength(0);
  });

  it("may take some entries of a 200 and not others", async () => {
    bus.on(PutEventsCommand).resolves({
      Entries: [{ EventId: "1" }, { ErrorCode: "ThrottlingException" }, { ErrorCode: "NotAuthorized" }, {}],
    });
    const verdicts = await send(["a", "b", "c", "d", "e"].map((id) => event(id)));
    expect(verdicts).toMatchObject([
      { kind: "sent" },
      { kind: "retry" },
      { kind: "broken" },
      { kind: "lost" },
      { kind: "lost" },
    ]);
  });

  it.each([
    ["of a 500", fault("InternalFailure", answered(500)), "retry"],
    ["of a throttled call", fault("ThrottlingException", answered(400)), "retry"],
    ["of missing rights", fault("AccessDeniedException", answered(400)), "broken"],
    ["of a connection that was refused", fault("Error", { code: "ECONNREFUSED" }), "retry"],
    ["of a connection that broke", fault("Error", { code: "ECONNRESET" }), "lost"],
    ["of time that ran out", fault("AbortError"), "lost"],
  ])("that says nothing because %s ends in its verdict", async (_, error, kind) => {
    bus.on(PutEventsCommand).rejects(error);
    expect(await send([event("a")])).toMatchObject({ kind });
  });
});
