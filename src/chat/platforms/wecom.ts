import { NO_STORE, type Reply } from "../../http/reply.ts";
import { keySchema, parseSection, sectionSchema } from "../chat-secret.ts";
import { CARD_ROWS, type Platform, type Received, type SignedRequest, type Tools } from "../platform.ts";
import { EMPTY, textReply } from "../replies.ts";
import { broken, judgeByCode, refused, retry } from "../verdict.ts";
import { readFlatXml, writeFlatXml } from "../xml.ts";
import { decryptWecom, encryptWecom, signWecom, verifyWecom, type WecomKeys } from "./wecom-crypto.ts";
import { wecomText } from "./wecom-message.ts";

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
  offersPublic: false,
  hosts: ["qyapi.weixin.qq.com"],
  open(section, tools) {
    const { token, encoding_aes_key, receive_id, allow } = parseSection(schema, section, wecom.name);
    const keys: WecomKeys = { token, encodingAesKey: encoding_aes_key, receiveId: receive_id };
    return {
      allow,
      receive: (request) => receive(request, keys),
      reply: ({ card }, { sender, returnTo }) => {
        const parties = { to: sender["users"] ?? "", from: returnTo?.["from"] ?? receive_id };
        return encryptedReply(wecomText(card), parties, keys, tools);
      },
      acknowledge: () => EMPTY,
      deliver: null,
    };
  },
  deliverWithoutKeys: null,
  judge: judgeByCode("errcode", {
    "-1": retry(30, "WeCom is busy"),
    40008: refused("the message type is not supported"),
    40058: refused("the message is longer than WeCom takes"),
    45009: retry(60, "more than 20 messages a minute"),
    45033: retry(60, "too many messages at once"),
    93000: broken("the robot's webhook is not valid, or the robot has been removed"),
  }),
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
