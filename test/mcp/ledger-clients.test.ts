import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { serveGateway } from "../../sandbox/gateway.ts";
import { serveSecretsManager } from "../../sandbox/secrets-manager.ts";
import { createDynamoTable } from "../../src/ledger/aws/dynamodb-table.ts";
import { LEDGER_TABLE } from "../../src/ledger/definition.ts";
import { bundle } from "../../tools/bundle.ts";
import { DESKTOP, SECRET } from "../support/api.ts";
import { serveTable } from "../support/dynamodb.ts";
import { CLIENTS, type Connected, lasting } from "./connect.ts";
import { fillLedger, INJECTION } from "./ledger.ts";

/** The function as it is deployed with a ledger, asked by the official clients. */

const NOW = Date.now();
const AT = new Date(NOW - 7_200_000).toISOString();
const closing: (() => unknown)[] = [];
let api: string;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "mcp-ledger-"));
  closing.push(() => rm(folder, { recursive: true }));
  await bundle("handlers/http.ts", folder);
  const store = await serveSecretsManager(() => JSON.stringify(SECRET));
  const served = await serveTable("ledger", LEDGER_TABLE);
  closing.push(
    () => store.close(),
    () => served.close(),
  );
  await fillLedger(
    createDynamoTable({ table: "ledger", wallNow: () => NOW, makeClient: () => served.client }),
    NOW,
  );
  const env = {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "MADEUP",
    AWS_SECRET_ACCESS_KEY: "made-up",
    AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
    AWS_ENDPOINT_URL_DYNAMODB: served.url,
    WORKSPACE_SECRET_ID: "workspace",
    LEDGER_TABLE: "ledger",
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  // Its log.
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const { handler } = await import(pathToFileURL(join(folder, "index.mjs")).href);
  const gateway = await serveGateway({ functions: [{ name: "http", matches: () => true, handler }] });
  closing.push(() => gateway.close());
  api = gateway.url;
}, 60_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await Promise.all(closing.map((close) => close()));
});

describe.each(CLIENTS)("%s", (_, connect) => {
  let client: Connected;
  beforeAll(async () => {
    client = await connect(api);
    // Clients hold answers to the output schemas of the tools that they have listed.
    await client.list();
  });
  afterAll(() => client.close());

  it("lists the ledger's tools after the others", async () => {
    const { tools } = await client.list();
    expect(tools.map(({ name }) => name)).toEqual([
      "find_unbindings",
      "find_unbindings_of_many",
      "find_unbindings_of_person",
      "find_holders",
    ]);
  });

  it.each([
    ["find_unbindings_of_person", { user: "alice", since: "20d" }, "unbindings?user=alice&since=20d", 3],
    ["find_unbindings_of_person", { user: INJECTION }, `unbindings?user=${encodeURIComponent(INJECTION)}`, 1],
    ["find_unbindings_of_person", { user: "bob" }, "unbindings?user=bob", 0],
    ["find_holders", { desktop_id: DESKTOP, at: AT }, `desktops/${DESKTOP}/holders?at=${AT}`, 1],
    ["find_holders", { desktop_name: "win-old", at: AT }, `holders?desktop_name=win-old&at=${AT}`, 1],
  ])("is told the same as over HTTP: %s %j", async (name, input, path, count) => {
    const { content, structuredContent, isError } = await client.call(name, input);
    const http = await fetch(`${api}/v1/${path}`);
    expect(http.status).toBe(200);
    expect(lasting(structuredContent)).toEqual(lasting(await http.json()));
    expect(structuredContent).toMatchObject({ count });
    expect(content).toEqual([{ type: "text", text: JSON.stringify(structuredContent) }]);
    expect(isError ?? false).toBe(false);
  });

  it("is told what is wrong with a question, and which desktop may be meant", async () => {
    const wrong = await client.call("find_holders", { desktop_id: DESKTOP, at: "yesterday" });
    expect([wrong.isError, JSON.parse(wrong.content[0]?.text ?? "").code]).toEqual([true, "INVALID_REQUEST"]);
    const several = await client.call("find_holders", { desktop_name: INJECTION, at: "1h" });
    expect(JSON.parse(several.content[0]?.text ?? "")).toMatchObject({
      code: "AMBIGUOUS_NAME",
      candidates: [{ desktop_id: "d-1" }, { desktop_id: "d-2" }],
    });
  });
});
