import { createHmac } from "node:crypto";
import type { Context } from "aws-lambda";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { composeWatch } from "../../src/compose/watch.ts";
import { createDynamoTable } from "../../src/ledger/aws/dynamodb-table.ts";
import { LEDGER_TABLE } from "../../src/ledger/definition.ts";
import type { UpstreamAnswer, UpstreamRequest } from "../../src/net/transport.ts";
import { createWatchFunction } from "../../src/watch/watch-function.ts";
import { serveTable } from "../support/dynamodb.ts";
import { rowOf, TWO_PROFILES } from "../support/world.ts";
import { serveReceivers } from "./support/receivers.ts";

/** The function as it is deployed, on DynamoDB in memory, with receivers on real sockets. */

const AWS = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "MADEUP", AWS_SECRET_ACCESS_KEY: "made-up" };
const CONTEXT = { awsRequestId: "request-0001", getRemainingTimeInMillis: () => 120_000 } as Context;

let served: Awaited<ReturnType<typeof serveTable>>;
let receivers: Awaited<ReturnType<typeof serveReceivers>>;
let number = 0;

beforeAll(async () => {
  served = await serveTable("ledger", LEDGER_TABLE);
  receivers = await serveReceivers();
  Object.assign(process.env, AWS, { AWS_ENDPOINT_URL_EVENTBRIDGE: receivers.url });
});
afterAll(() => {
  served.close();
  receivers.close();
});
beforeEach(() => {
  receivers.posted.length = 0;
  receivers.answers.clear();
});

const PLATFORMS = ["slack", "teams", "feishu", "dingtalk", "wecom", "webhook"];

function secretOf(more: Record<string, object> = {}) {
  const channels = PLATFORMS.map((to) => ({
    name: to,
    to,
    url: `${receivers.url}/${to}/hook?key=secret-in-the-url`,
    ...(["feishu", "dingtalk"].includes(to) && { secret: "SECmadeup" }),
    ...(to === "webhook" && { secret: `whsec_${Buffer.from("made-up-key").toString("base64")}` }),
    ...more[to],
  }));
  return { watch: { channels } };
}

/** A fleet of two desktops, from one of which alice goes. */
async function open({
  secret = secretOf(),
  env = {},
}: {
  secret?: unknown;
  env?: Record<string, string>;
} = {}) {
  const bound = { d1: ["alice", "bob"], d2: ["carla"] } as Record<string, string[]>;
  const rows: Record<string, unknown[]> = {};
  let isDown = false;
  const calls: string[] = [];
  const log: string[] = [];
  const name = `ledger-${number++}`;
  const { CreateTableCommand } = await import("@aws-sdk/client-dynamodb");
  await served.client.send(new CreateTableCommand({ TableName: name, ...LEDGER_TABLE }));
  async function send({ path }: UpstreamRequest): Promise<UpstreamAnswer> {
    calls.push(path);
    const answer = (status: number, body: unknown) => ({
      status,
      headers: {},
      body: Buffer.from(JSON.stringify(body)),
    });
    if (isDown) return answer(503, { error_code: "APIGW.0613" });
    const [, desktopId] = /desktops\/(\w+)\/detach-info/.exec(path) ?? [];
    if (desktopId !== undefined) return answer(200, { desktop_detach_infos: rows[desktopId] ?? [] });
    const desktops = Object.entries(bound).map(([id, users]) => ({
      desktop_id: id,
      computer_name: `PC-${id}`,
      attach_user_infos: users.map((user) => ({
        user_id: `id-of-${user}`,
        user_name: user,
        user_group: "users",
        type: "USER",
      })),
    }));
    return answer(200, { total_count: desktops.length, desktops });
  }
  let secretNow: unknown = secret;
  const composition = composeWatch(
    {
      WORKSPACE_SECRET_ID: "workspace",
      WATCH_SECRET_ID: "watch",
      LEDGER_TABLE: name,
      CHAT_REPLY_HOSTS: receivers.host,
      SECRET_TTL_SECONDS: "0",
      WATCH_EVENT_BUS: "bus",
      ...env,
    },
    {
      send,
      fetchSecret: async (id) => JSON.stringify(id === "watch" ? secretNow : TWO_PROFILES),
      write: (line) => log.push(line),
      table: createDynamoTable({ table: name, wallNow: Date.now, makeClient: () => served.client }),
    },
  );
  const handler = createWatchFunction(composition);
  return {
    calls,
    log,
    run: () => handler({}, CONTEXT),
    unbind(desktopId: string, user: string) {
      bound[desktopId] = (bound[desktopId] ?? []).filter((each) => each !== user);
      rows[desktopId] = [...(rows[desktopId] ?? []), rowOf(desktopId, user)];
    },
    fail: (down: boolean) => {
      isDown = down;
    },
    setSecret: (next: unknown) => {
      secretNow = next;
    },
  };
}

describe("the function watch", () => {
  it("tells every kind of channel, signed as each wants it", async () => {
    const world = await open();
    expect(await world.run()).toEqual({
      runs: [
        {
          profile: "prod",
          desktops: 2,
          lost: 0,
          checked: 2,
          events: 0,
          told: 0,
          uncertain: 0,
          broken: 0,
          calls: 3,
          complete: true,
        },
      ],
    });
    expect(receivers.posted.map(({ path }) => path.split("/")[1]).sort()).toEqual(
      PLATFORMS.filter((name) => name !== "webhook").sort(),
    );
    receivers.posted.length = 0;
    world.unbind("d1", "alice");
    expect(await world.run()).toMatchObject({ runs: [{ lost: 1, events: 1, told: 7, checked: 2 }] });
    for (const name of PLATFORMS) expect(receivers.to(name), name).toHaveLength(1);

    const [dingtalk] = receivers.to("dingtalk");
    const query = new URL(dingtalk?.path ?? "", receivers.url).searchParams;
    const stamp = query.get("timestamp");
    const sign = createHmac("sha256", "SECmadeup").update(`${stamp}\nSECmadeup`).digest("base64");
    expect(query.get("sign")).toBe(sign);
    const [feishu] = receivers.to("feishu");
    expect(feishu?.body).toMatchObject({ msg_type: "interactive", sign: expect.any(String) });
    const [webhook] = receivers.to("webhook");
    expect(webhook?.body).toMatchObject({ event: "desktop.unbound", user_name: "alice", confirmed: true });
    expect(webhook?.headers["webhook-id"]).toBe(webhook?.body["event_id"]);
    const [bus] = receivers.posted.filter(({ path }) => path === "/");
    expect(bus?.body["Entries"]).toMatchObject([
      {
        EventBusName: "bus",
        Source: "workspace-unbindings",
        DetailType: "Desktop Unbound",
        Resources: ["d1"],
      },
    ]);

    await world.run();
    for (const name of PLATFORMS) expect(receivers.to(name), name).toHaveLength(1);
  });

  it("writes no name, no URL and no token into its log", async () => {
    const world = await open();
    await world.run();
    world.unbind("d1", "alice");
    receivers.answers.set("slack", { status: 404, body: "no_service" });
    receivers.answers.set("wecom", "reset");
    await world.run();
    const text = world.log.join("\n");
    for (const secret of [
      "alice",
      "bob",
      "PC-d1",
      "secret-in-the-url",
      "SECmadeup",
      "whsec",
      "/hook",
      "made-up",
    ]) {
      expect(text, secret).not.toContain(secret);
    }
    const line = JSON.parse(world.log.filter((each) => each.includes('"request"')).at(-1) as string);
    expect(line).toMatchObject({
      function: "watch",
      outcome: "ok",
      events: 1,
      told: 5,
      broken: 1,
      complete: true,
    });
  });

  it("sends once more what may have arrived, in a later run, and leaves it uncertain after that", async () => {
    const world = await open();
    await world.run();
    receivers.answers.set("slack", "reset");
    receivers.answers.set("webhook", "reset");
    world.unbind("d1", "alice");
    expect(await world.run()).toMatchObject({ runs: [{ told: 5, uncertain: 0 }] });
    expect(receivers.to("webhook")).toHaveLength(1);
    expect(await world.run()).toMatchObject({ runs: [{ told: 0, uncertain: 2 }] });
    await world.run();
    expect(receivers.to("webhook")).toHaveLength(2);
    expect(new Set(receivers.to("webhook").map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  });

  it("throws for a secret that is not valid once the ledger is up to date, and tells what is due when it is mended", async () => {
    const world = await open();
    await world.run();
    receivers.posted.length = 0;
    world.unbind("d1", "alice");
    world.setSecret(secretOf({ slack: { url: "https://hooks.slack.com.evil.example/x", colour: "red" } }));
    const failure = await world.run().catch((error: Error) => error);
    expect(failure).toMatchObject({ name: "SECRET_INVALID" });
    expect(JSON.parse((failure as Error).message).detail).not.toContain("evil");
    expect(receivers.posted).toEqual([]);
    world.setSecret(secretOf());
    expect(await world.run()).toMatchObject({ runs: [{ events: 0, told: 7 }] });
  });

  it("tells a new channel nothing of before, and asks for no app that it does not need", async () => {
    const world = await open();
    await world.run();
    world.unbind("d1", "alice");
    await world.run();
    receivers.posted.length = 0;
    world.setSecret({
      watch: {
        channels: [
          ...secretOf().watch.channels,
          { name: "new", to: "slack", url: `${receivers.url}/slack/new` },
        ],
      },
    });
    await world.run();
    expect(receivers.posted.map(({ path }) => path)).toEqual(["/slack/new"]);
    expect(JSON.stringify(receivers.posted[0]?.body)).toContain("Watching 2 desktops (prod)");
  });

  it("hides users from the bus when it is told so, under IDs that are not the event's", async () => {
    const world = await open({ env: { WATCH_EVENT_BUS_HIDE_USERS: "true" } });
    await world.run();
    world.unbind("d1", "alice");
    await world.run();
    const [bus] = receivers.posted.filter(({ path }) => path === "/");
    const entries = (bus?.body["Entries"] ?? []) as { Detail: string }[];
    const detail = JSON.parse(entries[0]?.Detail ?? "");
    expect(detail).toMatchObject({ user_id: null, user_name: null, user_group: "users" });
    expect(detail.event_id).not.toBe(receivers.to("webhook")[0]?.body["event_id"]);
    expect(JSON.stringify(bus)).not.toContain("alice");
  });

  it("concludes nothing from a list that it cannot read", async () => {
    const world = await open();
    await world.run();
    world.fail(true);
    expect(await world.run()).toMatchObject({ runs: [{ complete: false, lost: 0, events: 0 }] });
  });

  it("watches what it is told to, each fleet once", async () => {
    const world = await open({ env: { WATCH_PROFILES: "*" } });
    const { runs } = await world.run();
    expect(runs.map(({ profile }) => profile)).toEqual(["prod"]);
    const missing = await open({ env: { WATCH_PROFILES: "prod,nobody" } });
    expect((await missing.run()).runs).toMatchObject([
      { profile: "prod", complete: true },
      { profile: "nobody", complete: false },
    ]);
  });

  it("says INTERNAL and names the variables when its configuration is faulty", async () => {
    const log: string[] = [];
    const composition = composeWatch(
      { WORKSPACE_SECRET_ID: "workspace", WATCH_MINUTES: "7", WATCH_CALLS_PER_MINUTE: "0" },
      { write: (line) => log.push(line) },
    );
    const failure = await createWatchFunction(composition)({}, CONTEXT).catch((error: Error) => error);
    expect(failure).toMatchObject({ name: "INTERNAL" });
    expect(log.join()).toMatch(
      /LEDGER_TABLE is not set.*WATCH_MINUTES must be.*WATCH_CALLS_PER_MINUTE must be/,
    );
  });
});
