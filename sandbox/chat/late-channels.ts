import type { IncomingMessage } from "node:http";
import type { GatewayFunction } from "../gateway.ts";
import { readBytes, type Serving, serve } from "../serve.ts";
import { CHAT_KEYS } from "./requests.ts";

/** What the platforms take at the most is far less. */
const MAX_MESSAGE_BYTES = 256 * 1024;
/** So many conversations are remembered. */
const MAX_KEPT = 1000;
const TENANT_TOKEN = "t-made-up-tenant-token";

/** Slack's `response_url` and DingTalk's `sessionWebhook` have the message's ID in their path here. */
const URL_OF_MESSAGE = /^\/(slack|dingtalk)\/(\w+)$/;
const FEISHU_TOKEN = "/open-apis/auth/v3/tenant_access_token/internal";
const FEISHU_REPLY = /^\/open-apis\/im\/v1\/messages\/om_(\w+)\/reply$/;
const KEPT = /^\/kept\/(\w+)$/;

/**
 * The ways in which platforms take an answer after the response: Slack's `response_url`, DingTalk's `sessionWebhook`, and
 * Feishu's reply API with the app's token. `GET /kept/{message ID}` gives what came, for whoever asked to see.
 */
export function serveLateChannels(): Promise<Serving> {
  const kept = new Map<string, string[]>();
  const keep = (id: string, message: string) => {
    kept.set(id, [...(kept.get(id) ?? []), message]);
    const [oldest] = kept.keys();
    if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
  };

  return serve(async (request, response) => {
    const body = (await readBytes(request, MAX_MESSAGE_BYTES))?.toString("utf8") ?? "";
    const { status, answer } = take(request, body);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  });

  function take(request: IncomingMessage, body: string): { status: number; answer: unknown } {
    const { method, url = "", headers } = request;
    const [, asked] = KEPT.exec(url) ?? [];
    if (method === "GET" && asked !== undefined) return { status: 200, answer: kept.get(asked) ?? [] };
    if (method !== "POST") return { status: 404, answer: { message: "Not Found" } };
    if (url === FEISHU_TOKEN) return { status: 200, answer: giveToken(body) };
    const [, replied] = FEISHU_REPLY.exec(url) ?? [];
    if (replied !== undefined) {
      if (headers.authorization !== `Bearer ${TENANT_TOKEN}`) {
        return {
          status: 400,
          answer: { code: 99_991_663, msg: "Invalid access token for authorization." },
        };
      }
      keep(replied, body);
      return { status: 200, answer: { code: 0, msg: "success" } };
    }
    const [, platform, posted] = URL_OF_MESSAGE.exec(url) ?? [];
    if (posted === undefined) return { status: 404, answer: { message: "Not Found" } };
    keep(posted, body);
    return { status: 200, answer: platform === "slack" ? { ok: true } : { errcode: 0, errmsg: "ok" } };
  }
}

/** Where `npm run chat` learns that the keys are the sandbox's, and where the late answers to its messages are kept. */
export const CHAT_SANDBOX_PATH = "/sandbox/chat";

/** What it learns. */
export interface ChatSandbox {
  late_channels: string;
}

export function tellLateChannels(url: string): GatewayFunction {
  const answer: ChatSandbox = { late_channels: url };
  return {
    name: "chat-sandbox",
    matches: (method, path) => method === "GET" && path === CHAT_SANDBOX_PATH,
    handler: async () => answer,
  };
}

function giveToken(body: string): object {
  return isOurApp(body)
    ? { code: 0, msg: "ok", tenant_access_token: TENANT_TOKEN, expire: 7200 }
    : { code: 10_014, msg: "app secret invalid" };
}

function isOurApp(body: string): boolean {
  try {
    const { app_id: id, app_secret: secret } = JSON.parse(body) as Record<string, unknown>;
    return id === CHAT_KEYS.feishuAppId && secret === CHAT_KEYS.feishuAppSecret;
  } catch {
    return false;
  }
}
