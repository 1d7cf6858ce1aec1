import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createWarmUp } from "../../src/compose/warm-up.ts";
import { readConfig } from "../../src/config/config.ts";
import { createConnections } from "../../src/net/connections.ts";
import { createTransport } from "../../src/net/transport.ts";
import { newTrace } from "../../src/observe/call.ts";
import { createCredentials } from "../../src/secrets/credentials.ts";
import { createWorkspaceClient } from "../../src/workspace/client.ts";
import { refOf } from "../../src/workspace/profile.ts";
import { makeAuthority, makeCertificate } from "../faults/support/certificate.ts";
import { aCall } from "../support/call.ts";

const authority = makeAuthority();
const certificate = makeCertificate({ hosts: ["localhost"], issuer: authority });

const SECRET = {
  access_key: "MADEUP",
  secret_key: "made-up",
  project_id: "0123456789abcdef0123456789abcdef",
};

/** The upstream: its connections and requests, and what it does before it answers one. */
let upstream: Awaited<ReturnType<typeof startUpstream>>;
beforeEach(async () => {
  upstream = await startUpstream();
});
afterEach(() => upstream.close());

async function startUpstream() {
  const sockets: Socket[] = [];
  const seen = { connections: 0, requests: 0 };
  let beforeAnswer = (_socket: Socket): boolean => true;
  const server = createServer(certificate, (request, response) => {
    seen.requests += 1;
    if (beforeAnswer(request.socket)) response.end('{"desktop_detach_infos":[]}');
  });
  server.on("secureConnection", (socket) => {
    seen.connections += 1;
    sockets.push(socket);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `https://localhost:${(server.address() as AddressInfo).port}`,
    seen,
    closeAll: () => sockets.splice(0).map((socket) => socket.destroy()),
    doFirst: (act: typeof beforeAnswer) => {
      beforeAnswer = act;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

type Fetch = () => Promise<string>;

function aContainer(fetch: Fetch, env: Record<string, string> = {}) {
  let fetches = 0;
  const { config } = readConfig({ WORKSPACE_SECRET_ID: "s", WORKSPACE_ENDPOINT: upstream.endpoint, ...env });
  if (!config) throw new Error("the configuration is faulty");
  const clock = { now: () => performance.now(), wallNow: () => Date.now() };
  const credentials = createCredentials({
    fetchSecret: () => {
      fetches += 1;
      return fetch();
    },
    secretId: "s",
    ttlMs: 300_000,
    endpointOverride: config.workspaceEndpoint,
    warn: () => {},
    ...clock,
  });
  const connections = createConnections({ ca: authority.cert });
  const client = createWorkspaceClient({
    credentials,
    send: createTransport({ connections, now: clock.now }),
    warn: () => {},
    random: () => 0,
    sleep: async () => {},
    ...clock,
  });
  return {
    warmUp: createWarmUp({ config, credentials, openAhead: connections.openAhead, now: clock.now }),
    ask: async () =>
      client.fetchHistory(refOf(await credentials.current(null, aCall())), "desktop-1", aCall({ trace })),
    fetches: () => fetches,
  };
}

let trace = newTrace();
beforeEach(() => {
  trace = newTrace();
});

const theSecret = async () => JSON.stringify({ ...SECRET, endpoint: upstream.endpoint });

describe("warming up", () => {
  it("fetches the secret and opens the connection that the first call uses, and sends nothing", async () => {
    const container = aContainer(theSecret);
    await container.warmUp();
    await vi.waitFor(() => expect(upstream.seen).toEqual({ connections: 1, requests: 0 }));
    await container.ask();
    await container.ask();
    expect(upstream.seen).toEqual({ connections: 1, requests: 2 });
    expect(container.fetches()).toBe(1);
  });

  it("learns the endpoint from the secret where no variable tells it", async () => {
    const container = aContainer(theSecret, { WORKSPACE_ENDPOINT: "" });
    await container.warmUp();
    await vi.waitFor(() => expect(upstream.seen).toEqual({ connections: 1, requests: 0 }));
  });

  it("does not ask the extension, which is not ready before an invocation", async () => {
    const container = aContainer(theSecret, { SECRETS_SOURCE: "extension" });
    await container.warmUp();
    expect(container.fetches()).toBe(0);
    await vi.waitFor(() => expect(upstream.seen.connections).toBe(1));
  });

  it("says nothing of a secret that could not be fetched: the call fetches it again", async () => {
    let isDown = true;
    const container = aContainer(() => (isDown ? Promise.reject(new Error("down")) : theSecret()));
    await container.warmUp();
    isDown = false;
    await expect(container.ask()).resolves.toMatchObject({ rows: [] });
    expect(container.fetches()).toBe(2);
  });

  it("says nothing of an upstream that is not there", async () => {
    const container = aContainer(theSecret, { WORKSPACE_ENDPOINT: "https://localhost:1" });
    await expect(container.warmUp()).resolves.toBeUndefined();
    await expect(container.ask()).rejects.toMatchObject({ code: "UPSTREAM_UNREACHABLE" });
  });

  it("is joined by a call that comes before the secret is there", async () => {
    const answer = Promise.withResolvers<void>();
    const container = aContainer(() => answer.promise.then(theSecret));
    const warming = container.warmUp();
    const asking = container.ask();
    answer.resolve();
    await Promise.all([warming, asking]);
    expect(container.fetches()).toBe(1);
  });

  it("does not hold init up for longer than a second and a half", async () => {
    const container = aContainer(() => new Promise(() => {}));
    const startedAt = performance.now();
    await container.warmUp();
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it("costs nothing when the connection was closed while the container was frozen", async () => {
    const container = aContainer(theSecret);
    await container.warmUp();
    await vi.waitFor(() => expect(upstream.seen.connections).toBe(1));
    upstream.closeAll();
    await setTimeout(20);
    await container.ask();
    expect(trace.attempts).toBe(1);
    expect(upstream.seen.connections).toBe(2);
  });

  it("costs one free retry when the connection turns out to be dead", async () => {
    const container = aContainer(theSecret);
    await container.warmUp();
    let isDead = true;
    upstream.doFirst((socket) => {
      if (isDead) socket.destroy();
      const mayAnswer = !isDead;
      isDead = false;
      return mayAnswer;
    });
    await container.ask();
    expect(trace.attempts).toBe(2);
    expect(upstream.seen).toEqual({ connections: 2, requests: 2 });
  });

  it.each([
    ["all is well", () => upstream.endpoint],
    ["nothing answers", () => "https://localhost:1"],
  ])("lets the process end by itself when %s", async (_, endpoint) => {
    const child = spawn(process.execPath, ["handlers/http.ts"], {
      env: {
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "made-up",
        AWS_SECRET_ACCESS_KEY: "made-up",
        AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://127.0.0.1:1",
        AWS_MAX_ATTEMPTS: "1",
        WORKSPACE_SECRET_ID: "s",
        WORKSPACE_ENDPOINT: endpoint(),
        NODE_TLS_REJECT_UNAUTHORIZED: "0",
      },
      stdio: "ignore",
    });
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
  });
});
