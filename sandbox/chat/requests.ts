import { createCipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import { encryptWecom, signatureOfWecom } from "./wecom-crypto.ts";

/**
 * Requests as the chat platforms send them, signed with the sandbox's keys, and made with none of the code that checks them,
 * so that a fault there cannot hide behind the same fault here.
 */

export const CHAT_PLATFORMS = ["slack", "teams", "feishu", "dingtalk", "wecom", "webhook"] as const;
export type ChatPlatform = (typeof CHAT_PLATFORMS)[number];

/** Keys that are made up, and look it. */
export const CHAT_KEYS = {
  slackSigningSecret: "made-up-slack-signing-secret",
  teamsToken: Buffer.from("made-up-teams-token").toString("base64"),
  feishuEncryptKey: "made-up-feishu-encrypt-key",
  feishuVerificationToken: "made-up-feishu-verification-token",
  feishuAppId: "cli_made_up",
  feishuAppSecret: "made-up-feishu-app-secret",
  dingtalkAppSecret: "made-up-dingtalk-app-secret",
  wecomToken: "made-up-wecom-token",
  wecomAesKey: Buffer.from("made-up-wecom-aes-key-of-32-byte").toString("base64").slice(0, 43),
  wecomReceiveId: "made-up-corp",
  webhookSecret: `whsec_${Buffer.from("made-up-webhook-secret-000").toString("base64")}`,
  hubSecret: "made-up-hub-secret",
} as const;

/** The sandbox's chat secret, which admits everybody. */
export function chatSecretOf({
  feishuApi,
}: {
  feishuApi?: string | undefined;
} = {}): Record<string, unknown> {
  const allow = "all";
  return {
    slack: { signing_secrets: [CHAT_KEYS.slackSigningSecret], allow },
    teams: { tokens: [CHAT_KEYS.teamsToken], allow },
    feishu: {
      encrypt_keys: [CHAT_KEYS.feishuEncryptKey],
      verification_tokens: [CHAT_KEYS.feishuVerificationToken],
      app_id: CHAT_KEYS.feishuAppId,
      app_secret: CHAT_KEYS.feishuAppSecret,
      ...(feishuApi !== undefined && { api_base: feishuApi }),
      allow,
    },
    dingtalk: { app_secrets: [CHAT_KEYS.dingtalkAppSecret], allow },
    wecom: {
      token: CHAT_KEYS.wecomToken,
      encoding_aes_key: CHAT_KEYS.wecomAesKey,
      receive_id: CHAT_KEYS.wecomReceiveId,
      allow,
    },
    webhook: { standard_secrets: [CHAT_KEYS.webhookSecret], hub_secrets: [CHAT_KEYS.hubSecret] },
  };
}

export interface ChatRequest {
  method: "GET" | "POST";
  path: string;
  /** Encoded, without the question mark. */
  query: string;
  headers: Record<string, string>;
  body: string;
}

export interface Typed {
  /** As a person types it, without the bot's mention. */
  text: string;
  /** Where late answers go: Slack's `response_url`, DingTalk's `sessionWebhook`. */
  replyUrl?: string | undefined;
  /** The message's own ID; another one each time if none is given. */
  id?: string | undefined;
  locale?: string | undefined;
}

/** @param now Milliseconds since the epoch. */
export function signedRequest(platform: ChatPlatform, typed: Typed, now: number): ChatRequest {
  const id = typed.id ?? randomBytes(8).toString("hex");
  return MAKERS[platform]({ ...typed, id }, now);
}

type Maker = (typed: Typed & { id: string }, now: number) => ChatRequest;

const MAKERS: Readonly<Record<ChatPlatform, Maker>> = {
  slack({ text, replyUrl, id }, now) {
    const [command = "/unbound", rest = ""] = splitCommand(text);
    const body = new URLSearchParams({
      team_id: "T0MADEUP",
      team_domain: "made-up",
      channel_id: "C0MADEUP",
      user_id: "U0MADEUP",
      user_name: "mallory",
      command,
      text: rest,
      ...(replyUrl !== undefined && { response_url: replyUrl }),
      trigger_id: id,
    }).toString();
    const seconds = String(Math.floor(now / 1000));
    const signature = hmacOf(CHAT_KEYS.slackSigningSecret, `v0:${seconds}:${body}`, "hex");
    return post("slack", body, {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": seconds,
      "x-slack-signature": `v0=${signature}`,
    });
  },

  teams({ text, id, locale = "en-US" }, now) {
    const body = JSON.stringify({
      type: "message",
      id,
      timestamp: new Date(now).toISOString(),
      from: { id: "29:made-up", name: "Mallory", aadObjectId: "user-made-up" },
      textFormat: "plain",
      text: `<at>unbound</at>&nbsp;${withoutCommand(text)}\n`,
      entities: [{ type: "clientInfo", locale, timezone: "Asia/Shanghai" }],
      channelData: { teamsTeamId: "19:made-up@thread.tacv2", tenant: { id: "tenant-made-up" } },
      locale,
    });
    const signature = hmacOf(Buffer.from(CHAT_KEYS.teamsToken, "base64"), body, "base64");
    return post("teams", body, {
      "content-type": "application/json; charset=utf-8",
      authorization: `HMAC ${signature}`,
    });
  },

  feishu({ text, id }, now) {
    return feishuRequest(
      {
        schema: "2.0",
        header: {
          event_id: randomBytes(16).toString("hex"),
          event_type: "im.message.receive_v1",
          create_time: String(now),
          token: CHAT_KEYS.feishuVerificationToken,
          app_id: CHAT_KEYS.feishuAppId,
          tenant_key: "tenant-made-up",
        },
        event: {
          sender: { sender_id: { open_id: "ou_made_up" }, sender_type: "user" },
          message: {
            message_id: `om_${id}`,
            chat_id: "oc_made_up",
            chat_type: "group",
            message_type: "text",
            content: JSON.stringify({ text: `@_user_1 ${text}` }),
            mentions: [{ key: "@_user_1", name: "unbound" }],
          },
        },
      },
      now,
    );
  },

  dingtalk({ text, replyUrl, id }, now) {
    const body = JSON.stringify({
      conversationId: "made-up",
      msgId: id,
      senderNick: "Mallory",
      senderStaffId: "staff-made-up",
      senderCorpId: "corp-made-up",
      conversationType: "2",
      ...(replyUrl !== undefined && {
        sessionWebhook: replyUrl,
        sessionWebhookExpiredTime: now + 5_400_000,
      }),
      text: { content: ` unbound ${withoutCommand(text)}` },
      msgtype: "text",
    });
    const sign = hmacOf(CHAT_KEYS.dingtalkAppSecret, `${now}\n${CHAT_KEYS.dingtalkAppSecret}`, "base64");
    return post("dingtalk", body, {
      "content-type": "application/json; charset=utf-8",
      timestamp: String(now),
      sign,
    });
  },

  wecom({ text, id }, now) {
    const xml = [
      `<xml><ToUserName><![CDATA[${CHAT_KEYS.wecomReceiveId}]]></ToUserName>`,
      "<FromUserName><![CDATA[user-made-up]]></FromUserName>",
      `<CreateTime>${Math.floor(now / 1000)}</CreateTime><MsgType><![CDATA[text]]></MsgType>`,
      `<Content><![CDATA[${text}]]></Content><MsgId>${id}</MsgId><AgentID>1</AgentID></xml>`,
    ].join("");
    const encrypted = encryptForWecom(xml);
    const body = `<xml><ToUserName><![CDATA[${CHAT_KEYS.wecomReceiveId}]]></ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt><AgentID>1</AgentID></xml>`;
    return { ...post("wecom", body, { "content-type": "text/xml" }), query: wecomQuery(encrypted, now) };
  },

  webhook({ text, id }, now) {
    const [, rest = ""] = splitCommand(text);
    const args = rest.split(/\s+/).filter((word) => word !== "");
    const isHelp = args.length === 1 && args[0] === "help";
    const body = JSON.stringify(isHelp ? { command: "help" } : { command: "unbound", args });
    const seconds = String(Math.floor(now / 1000));
    const key = Buffer.from(CHAT_KEYS.webhookSecret.slice("whsec_".length), "base64");
    return post("webhook", body, {
      "content-type": "application/json",
      "webhook-id": `msg_${id}`,
      "webhook-timestamp": seconds,
      "webhook-signature": `v1,${hmacOf(key, `msg_${id}.${seconds}.${body}`, "base64")}`,
    });
  },
};

/** Any event of Feishu's, encrypted and signed. */
export function feishuRequest(event: object, now: number): ChatRequest {
  const iv = randomBytes(16);
  const key = createHash("sha256").update(CHAT_KEYS.feishuEncryptKey).digest();
  const cipher = createCipheriv("aes-256-cbc", key, iv);
  const encrypt = Buffer.concat([iv, cipher.update(JSON.stringify(event)), cipher.final()]).toString(
    "base64",
  );
  const body = JSON.stringify({ encrypt });
  const seconds = String(Math.floor(now / 1000));
  const nonce = randomBytes(4).toString("hex");
  const signature = createHash("sha256")
    .update(`${seconds}${nonce}${CHAT_KEYS.feishuEncryptKey}${body}`)
    .digest("hex");
  return post("feishu", body, {
    "content-type": "application/json; charset=utf-8",
    "x-lark-request-timestamp": seconds,
    "x-lark-request-nonce": nonce,
    "x-lark-signature": signature,
  });
}

/** WeCom's question whether the URL is ours. */
export function wecomUrlCheck(secret: string, now: number): ChatRequest {
  const echostr = encryptForWecom(secret);
  const query = `${wecomQuery(echostr, now)}&echostr=${encodeURIComponent(echostr)}`;
  return { method: "GET", path: "/chat/wecom", query, headers: {}, body: "" };
}

function wecomQuery(encrypted: string, now: number): string {
  const timestamp = String(Math.floor(now / 1000));
  const nonce = randomBytes(4).toString("hex");
  const signature = signatureOfWecom(CHAT_KEYS.wecomToken, timestamp, nonce, encrypted);
  return new URLSearchParams({ msg_signature: signature, timestamp, nonce }).toString();
}

function encryptForWecom(message: string): string {
  return encryptWecom(message, CHAT_KEYS.wecomAesKey, CHAT_KEYS.wecomReceiveId);
}

function post(platform: ChatPlatform, body: string, headers: Record<string, string>): ChatRequest {
  return { method: "POST", path: `/chat/${platform}`, query: "", headers, body };
}

/** `/unbound x y` as `["/unbound", "x y"]`; what begins with no command is all of it what follows. */
function splitCommand(text: string): [string, string] {
  const [, command = "/unbound", rest = ""] = /^\s*(\/\S+)?\s*(.*)$/s.exec(text) ?? [];
  return [command, rest];
}

function withoutCommand(text: string): string {
  return splitCommand(text)[1];
}

function hmacOf(key: string | Buffer, content: string, encoding: "hex" | "base64"): string {
  return createHmac("sha256", key).update(content).digest(encoding);
}
