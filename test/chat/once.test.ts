import { CreateTableCommand, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signedRequest } from "../../sandbox/chat/requests.ts";
import { createTableClaim } from "../../src/chat/aws/table.ts";
import { type Claim, createClaim, createMemoryClaim, REMEMBERED_MS } from "../../src/chat/once.ts";
import { chatStage } from "../support/chat.ts";
import { rowsOf } from "../support/world.ts";

const TABLE = "messages";
const WALL = Date.parse("2026-11-24T08:00:00Z");
const HOUR_MS = 3_600_000;

const server = dynalite({ createTableMs: 0 });
let client: DynamoDBClient;

beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "MADEUP", secretAccessKey: "made-up" },
  });
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
});
afterAll(() => {
  client.destroy();
  server.close();
});

/** A container of its own on the same table, with a clock that is moved by hand. */
function container(clock: { passed: number }): Claim {
  const table = createTableClaim(
    TABLE,
    () => WALL + clock.passed,
    () => client,
  );
  return createClaim(
    () => clock.passed,
    table,
    () => undefined,
  );
}

describe("a message that is delivered again", () => {
  it("is known by every container, for as long as Feishu may deliver it", async () => {
    const clock = { passed: 0 };
    expect(await container(clock)("feishu:om_1")).toBe(true);
    for (const hours of [0, 1, 6, 7.5]) {
      clock.passed = hours * HOUR_MS;
      expect(await container(clock)("feishu:om_1"), `${hours} h`).toBe(false);
    }
    expect(await container(clock)("feishu:om_2")).toBe(true);
  });

  it("is forgotten when its time is over, whether or not DynamoDB has deleted it", async () => {
    const clock = { passed: 0 };
    expect(await container(clock)("slack:1")).toBe(true);
    clock.passed = REMEMBERED_MS;
    expect(await container(clock)("slack:1")).toBe(true);
  });

  it("is answered by one of many containers that have it at the same moment", async () => {
    const clock = { passed: 0 };
    const claims = await Promise.all(Array.from({ length: 20 }, () => container(clock)("slack:at-once")));
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  it("is written with the time at which it may go", async () => {
    await container({ passed: 0 })("slack:ttl");
    const { Item } = await client.send(
      new GetItemCommand({ TableName: TABLE, Key: { id: { S: "slack:ttl" } } }),
    );
    expect(Item).toEqual({
      id: { S: "slack:ttl" },
      expires_at: { N: String((WALL + REMEMBERED_MS) / 1000) },
    });
  });
});

describe("without a table", () => {
  it("a container remembers what it has seen, for as long", async () => {
    let now = 0;
    const claim = createMemoryClaim(() => now);
    expect([await claim("a"), await claim("a"), await claim("b")]).toEqual([true, false, true]);
    now = REMEMBERED_MS - 1;
    expect(await claim("a")).toBe(false);
    now = REMEMBERED_MS;
    expect(await claim("a")).toBe(true);
  });
});

describe("a table that is down", () => {
  it.each([
    [
      "fails",
      () => Promise.reject(Object.assign(new Error("x"), { name: "ResourceNotFoundException" })),
      "ResourceNotFoundException",
    ],
    ["does not answer", () => new Promise<boolean>(() => undefined), "TimeoutError"],
  ])("keeps nobody from an answer when it %s, and is in the log", async (_, table, reason) => {
    const stage = chatStage({ say: () => rowsOf("desktop-1", "alice"), world: { table } });
    const request = signedRequest("slack", { text: "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55" }, stage.wallNow());
    expect((await stage.ask(request)).body).toContain("alice");
    expect(stage.log).toContainEqual(
      expect.objectContaining({ message: "dedupe_table_unavailable", reason }),
    );
    // The container's own memory still knows it.
    expect((await stage.ask(request)).body).toBe("");
  });
});
