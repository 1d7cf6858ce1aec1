import { createDecipheriv, createHash } from "node:crypto";
import * as z from "zod/mini";
import { type Fields, fieldsOf } from "../../contract/object.ts";
import { jsonReply } from "../../http/reply.ts";
import { keySchema, keysSchema, parseSection, sectionSchema } from "../chat-secret.ts";
import {
  CARD_ROWS,
  type Deliver,
  type Platform,
  type Received,
  type SignedRequest,
  type Tools,
} from "../platform.ts";
import { parseObject, textOf } from "../read-json.ts";
import { broken, judgeByCode, refused, retry } from "../verdict.ts";
import {
  type HeaderValues,
  isEqual,
  isTimely,
  readStamp,
  usable,
  type Verification,
} from "../verification.ts";
import { feishuReply } from "./feishu-message.ts";
import { createTenantTokens } from "./feishu-token.ts";

/** Codes of a token that Feishu does not know or does not accept any more. */
const TOKEN_CODES: readonly number[] = [99991661, 99991663, 99991664, 99991668];

/**
 * Feishu and Lark, by events (`im.message.receive_v1`). The answer cannot ride in the response: it is a reply to the message,
 * sent with the app's own token.
 *
 * @see https://open.feishu.cn/document/server-docs/im-v1/message/events/receive
 */
export const feishu: Platform = {
  name: "feishu",
  methods: ["POST"],
  lookupMs: 1800,
  rows: CARD_ROWS,
  prefix: "/unbound",
  hasLocalTimes: true,
  offersPublic: false,
  hosts: ["open.feishu.cn", "open.larksuite.com"],
  open(section, tools) {
    const keys = parseSection(schema, section, feishu.name);
    return {
      allow: keys.allow,
      receive: (request, now) => receive(request, keys, now),
      reply: null,
      acknowledge: () => jsonReply(200, {}),
      deliver: deliverBy(keys, tools),
    };
  },
  deliverWithoutKeys: null,
  judge: judgeByCode("code", {
    9499: refused("the request is not of Feishu's form"),
    10003: broken("the app ID is missing or wrong"),
    10014: broken("the app secret is wrong"),
    11232: retry(60, "too many messages in Feishu, above all on full and half hours"),
    19001: broken("the robot's webhook is not valid"),
    19021: broken("the signature or its clock is wrong"),
    19022: broken("our IP address is not on the robot's list"),
    19024: broken("the robot's keyword is not in the message"),
    19036: refused("the message is larger than Feishu takes"),
    230001: refused("a parameter of the reply is wrong"),
    230002: broken("the bot is not in the chat"),
    230006: broken("the app has no bot"),
    230011: broken("the message that is answered has been withdrawn"),
    230020: retry(60, "too many messages in this chat"),
    230025: refused("the message is larger than Feishu takes"),
    230099: refused("the card is not of Feishu's form"),
    99991400: retry(60, "too many calls of Feishu's API"),
    ...Object.fromEntries(TOKEN_CODES.map((code) => [code, broken("the app's token is not accepted")])),
    99991672: broken("the app lacks a permission"),
  }),
};

const DEFAULT_BASE = "https://open.feishu.cn";

const schema = sectionSchema(
  {
    encrypt_keys: keysSchema,
    verification_tokens: keysSchema,
    app_id: keySchema,
    app_secret: keySchema,
    /** Lark's is https://open.larksuite.com. */
    api_base: z.optional(keySchema),
  },
  ["tenants", "chats", "users"],
);

type Keys = z.infer<typeof schema>;

function deliverBy({ api_base: base = DEFAULT_BASE, app_id, app_secret }: Keys, tools: Tools): Deliver {
  // As long as the section stays the same: a token is good for up to two hours.
  const tokens = createTenantTokens({ base, appId: app_id, appSecret: app_secret }, tools, feishu.judge);

  return async (card, { message_id: messageId = "" }, time) => {
    const url = `${base}/open-apis/im/v1/messages/${encodeURIComponent(messageId)}/reply`;
    const json = feishuReply(card, messageId);
    const token = await tokens.get(time);
    if (typeof token !== "string") return token;
    return await tools.post({ url, json, headers: { authorization: `Bearer ${token}` }, time }, (answer) => {
      const { code } = parseObject(answer.body) ?? {};
      if (TOKEN_CODES.includes(Number(code))) tokens.forget(token);
      return feishu.judge(answer);
    });
  };
}

function receive(request: SignedRequest, keys: Keys, now: number): Received {
  const envelope = parseObject(request.raw.toString("utf8"));
  if (!envelope) return { kind: "refused", reason: "bad-scheme" };
  const encrypted = textOf(envelope["encrypt"]);
  // In plain text only while the app has no Encrypt Key, and then for the handshake alone.
  const isPlain = encrypted === null && keys.encrypt_keys.every((key) => key === "");
  const body =
    encrypted !== null ? parseObject(decryptFeishu(encrypted, keys.encrypt_keys)) : isPlain ? envelope : null;
  if (!body) return { kind: "refused", reason: "mismatch" };
  // A handshake bears no signature; that it could be decrypted, and its token, are what there is to check.
  if (body["type"] === "url_verification") return shakeHands(body, keys);
  const verdict = verifyFeishu(request.raw, request.headers, { encryptKeys: keys.encrypt_keys }, now);
  if (verdict !== "ok") return { kind: "refused", reason: verdict };
  const header = fieldsOf(body["header"]);
  if (!isKnown(header["token"], keys)) return { kind: "refused", reason: "token" };
  return readEvent(header, fieldsOf(body["event"]));
}

function shakeHands(body: Fields, keys: Keys): Received {
  const { challenge, token } = body;
  if (typeof challenge !== "string" || !isKnown(token, keys)) return { kind: "refused", reason: "token" };
  return { kind: "handshake", reply: jsonReply(200, { challenge }) };
}

function isKnown(token: unknown, { verification_tokens: known }: Keys): boolean {
  return typeof token === "string" && known.some((each) => isEqual(token, each));
}

function readEvent(header: Fields, event: Fields): Received {
  const message = fieldsOf(event["message"]);
  const id = textOf(message["message_id"]);
  const isText = header["event_type"] === "im.message.receive_v1" && message["message_type"] === "text";
  if (!isText || id === null) return { kind: "ignored" };
  const sender = fieldsOf(event["sender"]);
  // Other bots, and we ourselves, are none whom we answer.
  if (sender["sender_type"] === "app" || sender["sender_type"] === "bot") return { kind: "ignored" };
  return {
    kind: "message",
    message: {
      id,
      text: textIn(message),
      sender: {
        tenants: textOf(header["tenant_key"]),
        chats: textOf(message["chat_id"]),
        users: textOf(fieldsOf(sender["sender_id"])["open_id"]),
      },
      language: null,
      timeZone: null,
      returnTo: { message_id: id },
    },
  };
}

/** `content` is JSON in text; a mention stands in it as a key such as `@_user_1`. */
function textIn({ content, mentions }: Fields): string {
  const text = textOf(parseObject(textOf(content))?.["text"]) ?? "";
  const keys = Array.isArray(mentions) ? mentions.map((mention) => textOf(fieldsOf(mention)["key"])) : [];
  return keys
    .filter((key) => key !== null)
    .reduce((rest, key) => rest.replaceAll(key, " "), text.replace(/@_(?:user_\d+|all)\b/g, " "));
}

/** Feishu delivers again for over seven hours, and does not say whether with a new time stamp. */
const FEISHU_WINDOW_MS = 8 * 3_600_000;

interface FeishuCheck {
  encryptKeys: readonly string[];
  windowMs?: number;
}

/** `X-Lark-Signature`: hex SHA-256 over timestamp, nonce, encrypt key and the raw body, still encrypted. */
export function verifyFeishu(
  raw: Buffer,
  headers: HeaderValues,
  { encryptKeys, windowMs = FEISHU_WINDOW_MS }: FeishuCheck,
  now: number,
): Verification {
  const stamp = headers["x-lark-request-timestamp"];
  const signedAt = readStamp(stamp, 1000);
  if (signedAt === null) return "bad-scheme";
  if (!isTimely(signedAt, now, windowMs)) return "stale";
  const signature = headers["x-lark-signature"] ?? "";
  const nonce = headers["x-lark-request-nonce"] ?? "";
  const isRight = usable(encryptKeys).some((key) =>
    isEqual(signature, createHash("sha256").update(`${stamp}${nonce}${key}`).update(raw).digest("hex")),
  );
  return isRight ? "ok" : "mismatch";
}

/** AES-256-CBC, key = SHA-256 of the encrypt key, the first 16 bytes are the IV. `null` when it cannot be undone. */
export function decryptFeishu(encrypted: string, encryptKeys: readonly string[]): string | null {
  const bytes = Buffer.from(encrypted, "base64");
  for (const encryptKey of usable(encryptKeys)) {
    try {
      const key = createHash("sha256").update(encryptKey).digest();
      const decipher = createDecipheriv("aes-256-cbc", key, bytes.subarray(0, 16));
      return Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString("utf8");
    } catch {
      // Another key may have encrypted it; if none did, the null says so.
    }
  }
  return null;
}
