import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ChatRequest, chatSecretOf, signedRequest } from "../../sandbox/chat/requests.ts";
import { serveSecretsManager } from "../../sandbox/secrets-manager.ts";
import { readBytes, type Serving, serve } from "../../sandbox/serve.ts";
import { ATTEMPT_LIMITS } from "../../src/net/transport.ts";
import { bundle } from "../../tools/bundle.ts";
import { serveTable } from "../support/dynamodb.ts";
import { toEvent } from "../support/events.ts";
import { rowOf } from "../support/world.ts";

/** The functions as they are deployed, each in a process of its own, with all that they speak to on loopback. */

const ID = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";
const TABLE = "messages";

interface Heard {
  path: string;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

const servings: Serving[] = [];
let table: Awaited<ReturnType<typeof serveTable>>;
let folder: string;
let env: Record<string, string>;
let delayMs = 0;
/** What came to Lambda, and to the platform's later channel. */
const invoked: Heard[] = [];
const posted: Heard[] = [];

async function standIn(heard: Heard[], status: number, answer = ""): Promise<string> {
  const serving = await serve(async (request, response) => {
    const body = (await readBytes(request, 100_000))?.toString("utf8") ?? "";
    heard.push({ path: request.url ?? "", headers: request.headers, body });
    response.writeHead(status, { "content-type": "application/json" }).end(answer);
  });
  servings.push(serving);
  return serving.url;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chat-"));
  await bundle("handlers/chat.ts", join(folder, "chat"));
  await bundle("handlers/chat-worker.ts", join(folder, "chat-worker"));
  const upstream = await serve((_, response) => {
    setTimeout(() => response.end(JSON.stringify({ desktop_detach_infos: [rowOf(ID, "alice")] })), delayMs);
  });
  const workspace = {
    access_key: "MADEUP",
    secret_key: "made-up",
    project_id: "0123456789abcdef0123456789abcdef",
    endpoint: upstream.url,
  };
  const secrets: Record<string, object> = { workspace, chat: chatSecretOf() };
  const store = await serveSecretsManager((id) => (secrets[id] ? JSON.stringify(secrets[id]) : null));
  servings.push(upstream, store);
  table = await serveTable(TABLE);
  const posts = await standIn(posted, 200, "ok");
  env = {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "MADEUP",
    AWS_SECRET_ACCESS_KEY: "made-up",
    AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
    AWS_ENDPOINT_URL_LAMBDA: await standIn(invoked, 202),
    AWS_ENDPOINT_URL_DYNAMODB: table.url,
    WORKSPACE_SECRET_ID: "workspace",
    CHAT_SECRET_ID: "chat",
    CHAT_WORKER_FUNCTION: "chat-worker",
    CHAT_DEDUPE_TABLE: TABLE,
    CHAT_REPLY_HOSTS: new URL(posts).host,
    REPLY_URL: `${posts}/commands/made-up`,
  };
});

afterAll(async () => {
  table.close();
  await Promise.all(servings.map((serving) => serving.close()));
  await rm(folder, { recursive: true });
});

const PROGRAM = `
  const { handler } = await import(process.env.HANDLER);
  process.on("message", async (event) => {
    const endsAt = Date.now() + 10_000;
    const context = { awsRequestId: "request-0001", getRemainingTimeInMillis: () => endsAt - Date.now() };
    process.send(await handler(event, context).then((result) => ({ result }), ({ name }) => ({ error: name })));
  });
  process.send("ready");`;

interface Container {
  invoke: (event: unknown) => Promise<{ result?: { statusCode: number; body: string }; error?: string }>;
  stop: () => void;
}

/** A process with that function in it, which takes one event at a time. */
async function start(name: string): Promise<Container> {
  const child: ChildProcess = spawn(process.execPath, ["--input-type=module", "--eval", PROGRAM], {
    env: { ...env, HANDLER: join(folder, name, "index.mjs") },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await once(child, "message");
  return {
    invoke: async (event) => {
      child.send(event as object);
      const [answer] = await once(child, "message");
      return answer;
    },
    stop: () => child.kill(),
  };
}

const ask = (container: Container, request: ChatRequest) =>
  container.invoke(
    toEvent({ ...request, body: Buffer.from(request.body).toString("base64"), isBase64Encoded: true }, "v2"),
  );

const slack = (id: string) =>
  signedRequest("slack", { text: `/unbound ${ID}`, replyUrl: env["REPLY_URL"], id }, Date.now());

describe("the built functions", () => {
  it("answer a message once, whichever container it comes to", async () => {
    delayMs = 0;
    const containers = await Promise.all([start("chat"), start("chat")]);
    try {
      const request = slack("fast");
      const bodies: string[] = [];
      for (const container of containers) bodies.push((await ask(container, request)).result?.body ?? "");
      expect(bodies[0]).toContain("alice");
      expect(bodies[1]).toBe("");
    } finally {
      for (const container of containers) container.stop();
    }
  });

  it("wait for a slow upstream as long as Teams waits for them, which has no later channel", async () => {
    delayMs = ATTEMPT_LIMITS.totalMs + 200;
    const chat = await start("chat");
    try {
      const { result } = await ask(chat, signedRequest("teams", { text: ID }, Date.now()));
      expect(result?.body).toContain("alice");
    } finally {
      chat.stop();
    }
  });

  it("hand a slow lookup to the worker through Lambda, which has the patience and sends the answer once", async () => {
    // Longer than any attempt may take that somebody waits for.
    delayMs = ATTEMPT_LIMITS.totalMs + 200;
    const [chat, worker] = await Promise.all([start("chat"), start("chat-worker")]);
    try {
      const { result } = await ask(chat, slack("slow"));
      expect(result?.body).toContain("Still looking; the answer follows here.");
      expect(invoked).toHaveLength(1);
      expect(invoked[0]?.path).toBe("/2015-03-31/functions/chat-worker/invocations");
      expect(invoked[0]?.headers["x-amz-invocation-type"]).toBe("Event");
      const job = JSON.parse(invoked[0]?.body ?? "");
      expect(await worker.invoke(job)).toEqual({});
      expect(await worker.invoke(job)).toEqual({});
      expect(posted.map(({ path }) => path)).toEqual(["/commands/made-up"]);
      expect(posted[0]?.body).toContain("alice");
    } finally {
      chat.stop();
      worker.stop();
    }
  });
});
