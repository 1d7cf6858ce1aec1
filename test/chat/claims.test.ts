import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signedRequest } from "../../sandbox/chat/requests.ts";
import { readBytes, serve } from "../../sandbox/serve.ts";
import { createTableClaims } from "../../src/chat/aws/table.ts";
import { type Claims, createClaims, createMemoryClaims, REMEMBERED_MS } from "../../src/chat/claims.ts";
import { chatStage } from "../support/chat.ts";
import { dynamodbAt, serveTable } from "../support/dynamodb.ts";
import { rowsOf } from "../support/world.ts";

const TABLE = "messages";
const WALL = Date.parse("2026-11-24T08:00:00Z");
const HOUR_MS = 3_600_000;

let table: Awaited<ReturnType<typeof serveTable>>;

beforeAll(async () => {
  table = await serveTable(TABLE);
});
afterAll(() => table.close());

/** A container of its own on the same table, with a clock that is moved by hand. */
function container(clock: { passed: number }, own = table.client): Claims {
  const claims = createTableClaims(
    TABLE,
    () => WALL + clock.passed,
    () => own,
  );
  // Long: what is tested is the table, however busy the machine is.
  return createClaims({ now: () => clock.passed, table: claims, warn: () => undefined, tableMs: 20_000 });
}

describe("a message that is delivered again", () => {
  it("is known by every container, for as long as Feishu may deliver it", async () => {
    const clock = { passed: 0 };
    expect(await container(clock).claim("feishu:om_1")).toBe(true);
    for (const hours of [0, 1, 6, 7.5]) {
      clock.passed = hours * HOUR_MS;
      expect(await container(clock).claim("feishu:om_1"), `${hours} h`).toBe(false);
    }
    expect(await container(clock).claim("feishu:om_2")).toBe(true);
  });

  it("is forgotten when its time is over, whether or not DynamoDB has deleted it", async () => {
    const clock = { passed: 0 };
    expect(await container(clock).claim("slack:1")).toBe(true);
    clock.passed = REMEMBERED_MS;
    expect(await container(clock).claim("slack:1")).toBe(true);
  });

  it("is heard by every container when it was not answered, and once", async () => {
    const clock = { passed: 0 };
    const first = container(clock);
    expect(await first.claim("webhook:msg_1")).toBe(true);
    await first.release("webhook:msg_1");
    expect(await container(clock).claim("webhook:msg_1")).toBe(true);
    expect(await first.claim("webhook:msg_1")).toBe(false);
  });

  it("is not one that the table wrote down, could not say so, and was asked about again", async () => {
    let calls = 0;
    const cutting = await serve(async (request, response) => {
      const passedOn = ["authorization", "content-type", "x-amz-date", "x-amz-target"];
      const answer = await fetch(table.url, {
        method: "POST",
        headers: passedOn.map((name): [string, string] => [name, String(request.headers[name])]),
        body: String(await readBytes(request, 100_000)),
      });
      calls += 1;
      if (calls === 1) response.destroy();
      else response.writeHead(answer.status).end(await answer.text());
    });
    const cutOff = dynamodbAt(cutting.url);
    try {
      expect(await container({ passed: 0 }, cutOff).claim("slack:cut-off")).toBe(true);
      expect(calls).toBe(2);
      expect(await container({ passed: 0 }).claim("slack:cut-off")).toBe(false);
    } finally {
      cutOff.destroy();
      await cutting.close();
    }
  });

  it("is answered by one of many containers that have it at the same moment", async () => {
    const clock = { passed: 0 };
    const claims = await Promise.all(
      Array.from({ length: 20 }, () => container(clock).claim("slack:at-once")),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  it("is written with the time at which it may go", async () => {
    await container({ passed: 0 }).claim("slack:ttl");
    const { Item } = await table.client.send(
      new GetItemCommand({ TableName: TABLE, Key: { id: { S: "slack:ttl" } } }),
    );
    expect(Item).toEqual({
      id: { S: "slack:ttl" },
      expires_at: { N: String((WALL + REMEMBERED_MS) / 1000) },
      claimant: { S: expect.any(String) },
    });
  });
});

describe("a webhook", () => {
  it("that got an error may be sent again by the same ID, and is answered once", async () => {
    let isDown = true;
    const stage = chatStage({
      say: () =>
        isDown ? { status: 503, body: { error_code: "APIGW.0613", error_msg: "x" } } : rowsOf("d-1", "alice"),
    });
    const request = () =>
      signedRequest("webhook", { text: "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55", id: "1" }, stage.wallNow());
    expect((await stage.ask(request())).statusCode).toBe(503);
    isDown = false;
    const again = await stage.ask(request());
    expect([again.statusCode, JSON.parse(again.body).last_user_name]).toEqual([200, "alice"]);
    const duplicate = await stage.ask(request());
    expect([duplicate.statusCode, duplicate.body]).toEqual([200, ""]);
  });
});

describe("without a table", () => {
  it("a container remembers what it has seen, for as long", async () => {
    let now = 0;
    const { claim } = createMemoryClaims(() => now);
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
    ["does not answer", () => new Promise<never>(() => undefined), "TimeoutError"],
  ])("keeps nobody from an answer when it %s, and is in the log", async (_, fail, reason) => {
    const table = { claim: fail, release: fail };
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
