import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Client as EarlierClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as EarlierTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createFleet, desktopNamed, type Project, workspaceSecretOf } from "../../sandbox/fleet.ts";
import { serveGateway } from "../../sandbox/gateway.ts";
import { serveSecretsManager } from "../../sandbox/secrets-manager.ts";
import type { Serving } from "../../sandbox/serve.ts";
import { serveWorkspace } from "../../sandbox/workspace.ts";
import { bundle } from "../../tools/bundle.ts";
import { ABOUT, CLIENTS, type Connected, lasting } from "./connect.ts";

/** The function as it is deployed, behind a gateway on loopback, asked by the two official clients. */

const NOW = Date.now();
const servings: Serving[] = [];
let folder: string;
let fleet: readonly Project[];
let api: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mcp-"));
  await bundle("handlers/http.ts", join(folder, "http"));
  fleet = createFleet(NOW);
  const workspace = await serveWorkspace({ fleet });
  const store = await serveSecretsManager(() => workspaceSecretOf(fleet, workspace.url));
  const env = {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "MADEUP",
    AWS_SECRET_ACCESS_KEY: "made-up",
    AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
    WORKSPACE_SECRET_ID: "workspace",
    CORS_ORIGINS: "https://console.example.com",
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  // Its log.
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const { handler } = await import(pathToFileURL(join(folder, "http", "index.mjs")).href);
  const gateway = await serveGateway({ functions: [{ name: "http", matches: () => true, handler }] });
  servings.push(workspace, store, gateway);
  api = gateway.url;
}, 60_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await Promise.all(servings.map((serving) => serving.close()));
  await rm(folder, { recursive: true });
});

const idOf = (name: string) => desktopNamed(fleet, name).desktopId;

describe.each(CLIENTS)("%s", (_, connect, version) => {
  let client: Connected;
  beforeAll(async () => {
    client = await connect(api);
    // Clients hold answers to the output schemas of the tools that they have listed.
    await client.list();
  });
  afterAll(() => client.close());

  it("agrees with the function on a version", () => {
    expect(client.version()).toBe(version);
  });

  it("lists the tools in their order", async () => {
    const { tools } = await client.list();
    expect(tools.map(({ name }) => name)).toEqual(["find_unbindings", "find_unbindings_of_many"]);
  });

  it.each([
    ["by ID", () => ({ desktop_id: idOf("WIN-ALICE"), limit: 2 })],
    ["by name", () => ({ desktop_name: "win-alice", type: "user", since: "900d" })],
    ["about times that nobody can read", () => ({ desktop_name: "WIN-TIMES" })],
    ["about a desktop that nobody was unbound from", () => ({ desktop_name: "WIN-NEVER" })],
    ["about names that mean harm", () => ({ desktop_name: "WIN-NAMES", fresh: true })],
  ])("is told the same as over HTTP, asking %s", async (_how, input) => {
    const { desktop_id, ...query }: Record<string, unknown> = input();
    const { content, structuredContent, isError } = await client.call("find_unbindings", input());
    const asked = new URLSearchParams(
      Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
    );
    const path = desktop_id === undefined ? "unbindings" : `desktops/${desktop_id}/unbindings`;
    const http = await fetch(`${api}/v1/${path}?${asked}`);
    expect(http.status).toBe(200);
    expect(lasting(structuredContent)).toEqual(lasting(await http.json()));
    expect(content).toEqual([{ type: "text", text: JSON.stringify(structuredContent) }]);
    expect(isError ?? false).toBe(false);
  });

  it("is told of many desktops the same as over HTTP, errors among the answers", async () => {
    const input = { desktop_ids: [idOf("WIN-ALICE"), idOf("WIN-DENIED"), "no-such-desktop"] };
    const { content, structuredContent } = await client.call("find_unbindings_of_many", input);
    const http = await fetch(`${api}/v1/unbindings/query`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(input),
    });
    expect(lasting(structuredContent)).toEqual(lasting(await http.json()));
    expect(structuredContent).toMatchObject({ succeeded: 1, failed: 2 });
    expect(content).toEqual([{ type: "text", text: JSON.stringify(structuredContent) }]);
  });

  it("is given the candidates for an ambiguous name, to ask the person", async () => {
    const { content, structuredContent, isError } = await client.call("find_unbindings", {
      desktop_name: "linux-build",
    });
    expect([isError, structuredContent, content.length]).toEqual([true, undefined, 1]);
    const problem = JSON.parse(content[0]?.text ?? "");
    expect(problem).toMatchObject({ code: "AMBIGUOUS_NAME", status: 409 });
    expect(problem.candidates.map((each: { desktop_name: string }) => each.desktop_name).sort()).toEqual([
      "LINUX-BUILD",
      "linux-build",
    ]);
  });

  it("is told every mistake in a question at once, so that a model can mend it", async () => {
    const { content, isError } = await client.call("find_unbindings", { limit: 0, since: "yesterday" });
    expect(isError).toBe(true);
    const { code, errors } = JSON.parse(content[0]?.text ?? "");
    expect(code).toBe("INVALID_REQUEST");
    expect(errors.map(({ field }: { field: string }) => field).sort()).toEqual([
      "desktop_id",
      "limit",
      "since",
    ]);
  });

  it("hears of an unknown tool", async () => {
    await expect(client.call("drop_tables", {})).rejects.toThrow(/unknown tool/);
  });
});

it("lets a client of the earlier revision ping", async () => {
  const client = new EarlierClient(ABOUT);
  const transport = new EarlierTransport(new URL(`${api}/mcp`));
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  expect(await client.ping()).toEqual({});
  await client.close();
});
