import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { type ChatPlatform, chatSecretOf, signedRequest } from "../../sandbox/chat/requests.ts";
import { serveSecretsManager } from "../../sandbox/secrets-manager.ts";
import { readBytes, type Serving, serve } from "../../sandbox/serve.ts";
import { LEDGER_TABLE } from "../../src/ledger/definition.ts";
import { bundle } from "../../tools/bundle.ts";
import type { Template } from "./cloudformation.ts";
import { type Container, type Invocation, startContainer } from "./container.ts";
import { serveTable } from "./dynamodb.ts";
import { toEvent, type WireRequest } from "./events.ts";

export type FunctionName = "http" | "invoke" | "chat" | "chat-worker" | "watch";

/** What one of the stand-ins answers, and after how long. */
export interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  delayMs?: number;
}

/** What happens around the functions; a test changes it as it goes. */
export interface Surroundings {
  /** Huawei Cloud, by desktop. */
  huawei: (desktopId: string) => Answer;
  /** Its list of desktops. */
  fleet: Answer;
  /** What the Workspace secret has besides the usual. */
  secret: object;
  /** The watch secret. */
  watchSecret: (receiver: string) => object;
  /** A chat platform's API, when a late answer comes, and what the watch tells. */
  platform: Answer;
  /** Lambda, when the worker is to be started. */
  lambda: Answer;
}

export interface Installation {
  surroundings: Surroundings;
  /** A new container. `env` goes before what the template has. */
  start: (name: FunctionName, env?: Record<string, string>) => Promise<Container>;
  /** The job that the worker was last started with. */
  lastJob: () => unknown;
  typed: (platform: ChatPlatform, desktopId: string) => WireRequest;
  close: () => Promise<void>;
}

const TABLE = "messages";
const LEDGER = "ledger";

export const fine = (): Surroundings => ({
  huawei: () => ({ body: { desktop_detach_infos: [] } }),
  fleet: { body: { total_count: 0, desktops: [] } },
  secret: {},
  watchSecret: (url) => ({
    watch: { channels: [{ name: "team", to: "webhook", url, secret: "whsec_bWFkZS11cA==" }] },
  }),
  platform: { body: { ok: true, code: 0, tenant_access_token: "t-made-up", expire: 7200 } },
  lambda: { status: 202 },
});

/** The functions as they are built and as the template sets them up, with all that they speak to on loopback. */
export async function install(template: Template): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), "installation-"));
  const names: FunctionName[] = ["http", "invoke", "chat", "chat-worker", "watch"];
  for (const name of names) await bundle(`handlers/${name}.ts`, join(folder, name));
  let surroundings = fine();
  let lastJob: unknown = null;
  const servings: Serving[] = [];
  const containers: Container[] = [];

  async function standIn(answer: (path: string, body: string) => Answer): Promise<string> {
    const serving = await serve(async (request, response) => {
      const heard = (await readBytes(request, 1_000_000))?.toString("utf8") ?? "";
      const { status = 200, body = {}, headers = {}, delayMs = 0 } = answer(request.url ?? "", heard);
      const end = () => response.writeHead(status, { ...JSON_TYPE, ...headers }).end(JSON.stringify(body));
      setTimeout(end, delayMs);
    });
    servings.push(serving);
    return serving.url;
  }

  const huawei = await standIn((path) => {
    const desktopId = /\/desktops\/([^/?]+)/.exec(path)?.[1];
    return desktopId === undefined ? surroundings.fleet : surroundings.huawei(desktopId);
  });
  const platform = await standIn(() => surroundings.platform);
  const lambda = await standIn((_, body) => {
    lastJob = JSON.parse(body);
    return surroundings.lambda;
  });
  const workspace = () => ({ ...KEY, endpoint: huawei, ...surroundings.secret });
  const secretOf = (id: string) => {
    if (id.includes("watch")) return surroundings.watchSecret(platform);
    return id.includes("chat") ? chatSecretOf({ feishuApi: platform }) : workspace();
  };
  const store = await serveSecretsManager((id) => JSON.stringify(secretOf(id)));
  servings.push(store);
  const table = await serveTable(TABLE);
  await table.client.send(new CreateTableCommand({ TableName: LEDGER, ...LEDGER_TABLE }));
  const everywhere = {
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "MADEUP",
    AWS_SECRET_ACCESS_KEY: "made-up",
    AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
    AWS_ENDPOINT_URL_LAMBDA: lambda,
    AWS_ENDPOINT_URL_DYNAMODB: table.url,
    CHAT_WORKER_FUNCTION: "chat-worker",
    CHAT_DEDUPE_TABLE: TABLE,
    LEDGER_TABLE: LEDGER,
    CHAT_REPLY_HOSTS: new URL(platform).host,
  };

  return {
    get surroundings() {
      return surroundings;
    },
    set surroundings(next) {
      surroundings = next;
    },
    async start(name, env = {}) {
      const { Variables, timeoutMs } = setUpOf(template, name);
      const container = await startContainer(
        join(folder, name, "index.mjs"),
        { ...Variables, ...everywhere, ...env },
        timeoutMs,
      );
      containers.push(container);
      return container;
    },
    lastJob: () => lastJob,
    typed: (name, desktopId) => {
      const replyUrl = `${platform}/later`;
      const { body, ...request } = signedRequest(
        name,
        { text: `/unbound ${desktopId}`, replyUrl },
        Date.now(),
      );
      return { ...request, body: Buffer.from(body).toString("base64"), isBase64Encoded: true };
    },
    async close() {
      for (const container of containers) container.stop();
      table.close();
      await Promise.all(servings.map((serving) => serving.close()));
      await rm(folder, { recursive: true });
    },
  };
}

const JSON_TYPE = { "content-type": "application/json" };
const KEY = {
  access_key: "HPUAEXAMPLEAK0000001",
  secret_key: "made-up",
  project_id: "0123456789abcdef0123456789abcdef",
};

/** What the template has for a function, but for what is known only once it is deployed. */
function setUpOf(template: Template, name: FunctionName) {
  const found = Object.values(template.Resources).find(
    ({ Type, Properties }) =>
      Type === "AWS::Lambda::Function" && Properties?.["FunctionName"].endsWith(`-${name}`),
  );
  const variables = Object.entries(found?.Properties?.["Environment"].Variables ?? {});
  return {
    Variables: Object.fromEntries(
      variables.filter((entry): entry is [string, string | number] => typeof entry[1] !== "object"),
    ) as Record<string, string>,
    timeoutMs: Number(found?.Properties?.["Timeout"]) * 1000,
  };
}

export const lookup = (desktopId: string): WireRequest => ({ path: `/v1/desktops/${desktopId}/unbindings` });

export const batch = (...desktopIds: string[]): WireRequest => ({
  method: "POST",
  path: "/v1/unbindings/query",
  headers: JSON_TYPE,
  body: JSON.stringify({ desktop_ids: desktopIds }),
});

export function ask(container: Container, request: WireRequest): Promise<Invocation> {
  return container.invoke(toEvent(request, "v2"));
}
