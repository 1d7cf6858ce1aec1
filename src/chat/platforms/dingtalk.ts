import { fieldsOf } from "../../contract/object.ts";
import { jsonReply } from "../../http/reply.ts";
import { keysSchema, parseSection, sectionSchema } from "../chat-secret.ts";
import {
  CARD_ROWS,
  type Deliver,
  type Platform,
  type Received,
  type SignedRequest,
  type Tools,
} from "../platform.ts";
import { parseObject, readJson, textOf } from "../read-json.ts";
import { textsIn } from "../texts.ts";
import {
  broken,
  judgeByCode,
  type NotSent,
  type PlatformAnswer,
  refused,
  retry,
  type Verdict,
  type Verdicts,
} from "../verdict.ts";
import {
  type HeaderValues,
  hmac,
  isEqual,
  isTimely,
  readStamp,
  usable,
  type Verification,
} from "../verification.ts";
import { dingtalkMessage } from "./dingtalk-message.ts";

/**
 * DingTalk's robots over HTTP. The signature covers no byte of the body: only allow-lists, dedupe and the list of hosts
 * stand between a captured header and an answer.
 *
 * @see https://open.dingtalk.com/document/isvapp/receive-message
 */
export const dingtalk: Platform = {
  name: "dingtalk",
  methods: ["POST"],
  lookupMs: 1800,
  rows: CARD_ROWS,
  prefix: "unbound",
  hasLocalTimes: false,
  offersPublic: false,
  hosts: ["oapi.dingtalk.com", "api.dingtalk.com"],
  open(section, tools) {
    const { app_secrets: secrets, allow } = parseSection(schema, section, dingtalk.name);
    return {
      allow,
      receive: (request, now) => receive(request, secrets, now),
      reply: ({ card }) => jsonReply(200, dingtalkMessage(card)),
      acknowledge: (language) =>
        jsonReply(200, { msgtype: "text", text: { content: textsIn(language).stillLooking } }),
      deliver: deliverWithoutKeys(tools),
    };
  },
  deliverWithoutKeys,
  judge,
};

/** The URL is the key: it is good until the time that came with it. */
function deliverWithoutKeys({ post }: Tools): Deliver {
  return (card, { session_webhook: url = "" }, time) =>
    post({ url, json: JSON.stringify(dingtalkMessage(card)), time }, judge);
}

const schema = sectionSchema({ app_secrets: keysSchema }, ["corps", "users"]);

function receive(request: SignedRequest, secrets: readonly string[], now: number): Received {
  const verdict = verifyDingtalk(request.headers, secrets, now);
  if (verdict !== "ok") return { kind: "refused", reason: verdict };
  const body = readJson(request.raw.toString("utf8"));
  if ((body["msgtype"] ?? "text") !== "text") return { kind: "ignored" };
  const webhook = textOf(body["sessionWebhook"]);
  const expiresAt = Number(body["sessionWebhookExpiredTime"] ?? Number.POSITIVE_INFINITY);
  return {
    kind: "message",
    message: {
      id: textOf(body["msgId"]),
      text: textOf(fieldsOf(body["text"])["content"]) ?? "",
      sender: { corps: textOf(body["senderCorpId"]), users: textOf(body["senderStaffId"]) },
      language: null,
      timeZone: null,
      returnTo: webhook !== null && expiresAt > now ? { session_webhook: webhook } : null,
    },
  };
}

const HOUR_MS = 3_600_000;

/**
 * Header `sign`: base64 HMAC over `{timestamp}\n{app secret}`. **It does not cover the body**: nothing in the body may be
 * believed that an allow-list does not admit, and a message is answered once.
 */
export function verifyDingtalk(
  headers: HeaderValues,
  appSecrets: readonly string[],
  now: number,
): Verification {
  const stamp = headers["timestamp"];
  const signedAt = readStamp(stamp, 1);
  if (signedAt === null) return "bad-scheme";
  if (!isTimely(signedAt, now, HOUR_MS)) return "stale";
  const sign = headers["sign"] ?? "";
  return usable(appSecrets).some((secret) => isEqual(sign, hmac(secret, `${stamp}\n${secret}`, "base64")))
    ? "ok"
    : "mismatch";
}

/** After 20 messages in a minute; who goes on is blocked for ten. */
const RATE_WAIT_SECONDS = 60;
const TOO_MANY = retry(RATE_WAIT_SECONDS, "more than 20 messages a minute");
const NO_TOKEN = broken("the robot's token is not known");

const VERDICTS: Verdicts = {
  "-1": retry(30, "DingTalk is busy"),
  40035: refused("a parameter is missing or wrong"),
  43004: refused("the content type is wrong"),
  90030: retry(3600, "the webhook is over its limit"),
  130101: TOO_MANY,
  300001: NO_TOKEN,
  300005: NO_TOKEN,
  310000: broken("DingTalk's security settings refuse the message"),
  400013: broken("the group has been dissolved"),
  400101: NO_TOKEN,
  400102: broken("the robot has been stopped"),
  400105: refused("the message type is not supported"),
  400106: broken("there is no such robot"),
  410100: TOO_MANY,
  460101: refused("the message is longer than 20,000 bytes"),
};

/** 310000 stands for all security settings; which one, its text alone says. */
const SECURITY_SETTINGS: readonly { says: RegExp; means: NotSent }[] = [
  { says: /sign|timestamp/i, means: broken("the signature or its clock is wrong (errcode 310000)") },
  { says: /keyword/i, means: broken("the robot's keyword is not in the message (errcode 310000)") },
  { says: /\bip\b|whitelist/i, means: broken("our IP address is not on the robot's list (errcode 310000)") },
];

const judgeCode = judgeByCode("errcode", VERDICTS);

/**
 * Errors come as JSON in a 200.
 *
 * @see https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages
 */
function judge(answer: PlatformAnswer): Verdict {
  const { status, wait, errcode, errmsg } = parseObject(answer.body) ?? {};
  // DingTalk's front blocks who sends too much, with or without a code of the robot's.
  if (status === 1111)
    return retry(Math.max(RATE_WAIT_SECONDS, Number(wait) || 0), "blocked for sending too much");
  const setting = SECURITY_SETTINGS.find(({ says }) => typeof errmsg === "string" && says.test(errmsg));
  return errcode === 310000 && setting ? setting.means : judgeCode(answer);
}
