import { NO_STORE, type Reply } from "../../http/reply.ts";
import type { Card, Section } from "../card.ts";
import { keySchema, parseSection, sectionSchema } from "../chat-secret.ts";
import { fit } from "../fit.ts";
import { escapeWecom } from "../plain-text.ts";
import { CARD_ROWS, type Platform, type Received, type SignedRequest, type Tools } from "../platform.ts";
import { EMPTY, textReply } from "../replies.ts";
import { decryptWecom, encryptWecom, signWecom, verifyWecom, type WecomKeys } from "../verify/wecom.ts";
import { readFlatXml, writeFlatXml } from "../xml.ts";

/**
 * WeCom's messages to an app, answered passively: encrypted XML within 5 s, or not at all.
 *
 * @see https://developer.work.weixin.qq.com/document/path/90238
 */
export const wecom: Platform = {
  name: "wecom",
  methods: ["GET", "POST"],
  lookupMs: 3500,
  rows: CARD_ROWS,
  prefix: "unbound",
  hasLocalTimes: false,
  open(section, tools) {
    const { token, encoding_aes_key, receive_id, allow } = parseSection(schema, section, wecom.name);
    const keys: WecomKeys = { token, encodingAesKey: encoding_aes_key, receiveId: receive_id };
    return {
      allow,
      receive: (request) => receive(request, keys),
      reply: ({ card }, { sender, returnTo }) => {
        const parties = { to: sender["users"] ?? "", from: returnTo?.["from"] ?? receive_id };
        return encryptedReply(textOf(card), parties, keys, tools);
      },
      acknowledge: () => EMPTY,
    };
  },
  deliver: null,
};

const schema = sectionSchema({ token: keySchema, encoding_aes_key: keySchema, receive_id: keySchema }, [
  "users",
]);

function receive({ method, raw, query }: SignedRequest, keys: WecomKeys): Received {
  const isCheck = method !== "POST";
  // A plus sign that was not encoded has become a blank on the way.
  const encrypted = isCheck
    ? (query["echostr"] ?? "").replaceAll(" ", "+")
    : (readFlatXml(raw.toString("utf8"))?.["Encrypt"] ?? "");
  const verdict = encrypted === "" ? "bad-scheme" : verifyWecom(query, encrypted, keys);
  if (verdict !== "ok") return { kind: "refused", reason: verdict };
  const plain = decryptWecom(encrypted, keys);
  if (plain === null) return { kind: "refused", reason: "not for us" };
  return isCheck ? { kind: "handshake", reply: textReply(plain) } : readMessage(plain);
}

function readMessage(xml: string): Received {
  const {
    MsgType: type,
    Content: text = "",
    FromUserName: user,
    ToUserName: us,
    MsgId: id,
  } = readFlatXml(xml) ?? {};
  if (type !== "text" || !user) return { kind: "ignored" };
  return {
    kind: "message",
    message: {
      id: id || null,
      text,
      sender: { users: user },
      language: null,
      timeZone: null,
      returnTo: us ? { from: us } : null,
    },
  };
}

function encryptedReply(
  content: string,
  { to, from }: { to: string; from: string },
  keys: WecomKeys,
  { wallNow, randomBytes }: Tools,
): Reply {
  const seconds = Math.floor(wallNow() / 1000);
  const message = writeFlatXml({
    ToUserName: to,
    FromUserName: from,
    CreateTime: seconds,
    MsgType: "text",
    Content: content,
  });
  const random = randomBytes(24);
  const encrypted = encryptWecom(message, keys, random);
  const nonce = random.subarray(16).toString("hex");
  return {
    status: 200,
    headers: { "content-type": "application/xml; charset=utf-8", "cache-control": NO_STORE },
    body: writeFlatXml({
      Encrypt: encrypted,
      MsgSignature: signWecom(keys.token, String(seconds), nonce, encrypted),
      TimeStamp: seconds,
      Nonce: nonce,
    }),
  };
}

/** Of a text message, in UTF-8: https://developer.work.weixin.qq.com/document/path/90241 */
const MAX_BYTES = 2048;

/** The card as plain text, cut after a whole line; the small print always has room. */
function textOf({ title, sections, notes }: Card): string {
  const lines = [title, ...sections.flatMap(sectionLines)].map(escapeWecom);
  const end = `\n\n${escapeWecom(notes.join(" "))}`;
  return fit(lines, MAX_BYTES - Buffer.byteLength(end)).join("\n") + end;
}

function sectionLines({ name, id, lines, rows, lead, commands }: Section): string[] {
  const heading = [name, id === name ? null : id].filter((part) => part !== null).join(" ");
  return [
    ...(heading === "" ? [] : ["", heading]),
    ...lines,
    ...rows.map(({ user, about, time }) => `• ${user}${about === "" ? "" : ` (${about})`}  ${time}`),
    ...(lead === null ? [] : [lead]),
    ...commands,
  ];
}
