import * as z from "zod/mini";
import { jsonReply } from "../../http/reply.ts";
import type { Card, Row, Section } from "../card.ts";
import { keySchema, keysSchema, parseSection, sectionSchema } from "../chat-secret.ts";
import { createTenantTokens } from "../feishu-token.ts";
import { fit } from "../fit.ts";
import { clip, escapeFeishu as escaped } from "../plain-text.ts";
import { CARD_ROWS, type Platform, type Received, type SignedRequest } from "../platform.ts";
import { PostFailed } from "../post.ts";
import { type Fields, fieldsOf, readJson, textOf } from "../read-json.ts";
import { decryptFeishu, verifyFeishu } from "../verify/feishu.ts";
import { isEqual } from "../verify/verification.ts";

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
  open(section) {
    const keys = parseSection(schema, section, feishu.name);
    return {
      allow: keys.allow,
      receive: (request, now) => receive(request, keys, now),
      reply: null,
      acknowledge: () => jsonReply(200, {}),
    };
  },
  async deliver(card, { message_id: messageId = "" }, section, { post, now }, time) {
    const keys = parseSection(schema, section, feishu.name);
    const base = keys.api_base ?? DEFAULT_BASE;
    const token = await tokens.get({ base, appId: keys.app_id, appSecret: keys.app_secret }, post, now, time);
    const path = `/open-apis/im/v1/messages/${encodeURIComponent(messageId)}/reply`;
    const content = { msg_type: "interactive", content: JSON.stringify(cardOf(card)) };
    const { body } = await post(
      `${base}${path}`,
      // Within an hour, Feishu takes a message with the same UUID once.
      { ...content, uuid: messageId.slice(-50) },
      { authorization: `Bearer ${token}` },
      time,
    );
    const { code } = readJson(body);
    if (code !== 0) throw new PostFailed(`Feishu refused the reply: code ${Number(code)}`);
  },
};

/** Of the container: a token is good for up to two hours, longer than a secret is kept. */
const tokens = createTenantTokens();

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

function receive(request: SignedRequest, keys: Keys, now: number): Received {
  const envelope = asJson(request.raw.toString("utf8"));
  if (!envelope) return { kind: "refused", reason: "bad-scheme" };
  const encrypted = textOf(envelope["encrypt"]);
  // In plain text only while the app has no Encrypt Key, and then for the handshake alone.
  const isPlain = encrypted === null && keys.encrypt_keys.every((key) => key === "");
  const body =
    encrypted !== null ? asJson(decryptFeishu(encrypted, keys.encrypt_keys)) : isPlain ? envelope : null;
  if (!body) return { kind: "refused", reason: "mismatch" };
  // A handshake bears no signature; that it could be decrypted, and its token, are what there is to check.
  if (body["type"] === "url_verification") return shakeHands(body, keys);
  const verdict = verifyFeishu(request.raw, request.headers, keys.encrypt_keys, now);
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
  const text = textOf(asJson(textOf(content))?.["text"]) ?? "";
  const keys = Array.isArray(mentions) ? mentions.map((mention) => textOf(fieldsOf(mention)["key"])) : [];
  return keys
    .filter((key) => key !== null)
    .reduce((rest, key) => rest.replaceAll(key, " "), text.replace(/@_(?:user_\d+|all)\b/g, " "));
}

function asJson(text: string | null): Fields | null {
  if (text === null) return null;
  try {
    return readJson(text);
  } catch {
    // What is not even JSON was sent by nobody we know.
    return null;
  }
}

const TEMPLATES: Readonly<Record<Card["tone"], string>> = {
  found: "blue",
  none: "green",
  hint: "grey",
  fault: "orange",
};

const MAX_TITLE = 100;
const MAX_SUMMARY = 200;
/** Of all rows together; a card may have 30 kB, and the words around them need room. */
const MAX_ROWS_BYTES = 20_000;

/**
 * Card JSON 2.0, in which an unknown property is an error.
 *
 * @see https://open.feishu.cn/document/feishu-cards/card-json-v2-structure
 */
function cardOf({ title, tone, sections, notes, summary }: Card): object {
  const plain = (content: string) => ({ tag: "plain_text", content });
  const div = (content: string) => ({ tag: "div", text: plain(content) });
  return {
    schema: "2.0",
    config: { update_multi: true, summary: { content: clip(summary, MAX_SUMMARY) } },
    header: { template: TEMPLATES[tone], title: plain(clip(title, MAX_TITLE)) },
    body: {
      elements: [
        ...sections.flatMap((section) => [
          ...headingOf(section).map(div),
          ...(section.rows.length > 0
            ? [
                {
                  tag: "markdown",
                  content: fit(section.rows.map(rowText), MAX_ROWS_BYTES / sections.length).join("\n"),
                },
              ]
            : []),
          ...(section.lead === null ? [] : [div(section.lead)]),
          ...section.commands.map(div),
        ]),
        { tag: "div", text: { ...plain(notes.join(" ")), text_size: "notation" } },
      ],
    },
  };
}

function headingOf({ name, id, lines }: Section): string[] {
  const heading = [name, id === name ? null : id].filter((part) => part !== null).join("  ");
  return heading === "" ? [...lines] : [heading, ...lines];
}

/** Only markdown has a time in the reader's own zone; so names are escaped here. */
function rowText({ user, about, at, time }: Row): string {
  const group = about === "" ? "" : ` (${escaped(about)})`;
  return `- **${escaped(user)}**${group} ${at === null ? escaped(time) : localTime(at)}`;
}

function localTime(at: number): string {
  const part = (format: string) =>
    `<local_datetime millisecond='${at}' format_type='${format}'></local_datetime>`;
  return `${part("date_num")} ${part("time_sec")}`;
}
