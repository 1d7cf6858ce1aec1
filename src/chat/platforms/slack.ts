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
import { EMPTY, textReply } from "../replies.ts";
import { textsIn } from "../texts.ts";
import {
  broken,
  isSuccess,
  judgeStatus,
  lost,
  type PlatformAnswer,
  refused,
  retry,
  SENT,
  type Verdict,
  type Verdicts,
  verdictOf,
  withCode,
} from "../verdict.ts";
import {
  FIVE_MINUTES_MS,
  type HeaderValues,
  hmac,
  isEqual,
  isTimely,
  readStamp,
  usable,
  type Verification,
} from "../verification.ts";
import { slackMessage } from "./slack-message.ts";

/**
 * Slack's slash commands.
 *
 * @see https://docs.slack.dev/interactivity/implementing-slash-commands
 */
export const slack: Platform = {
  name: "slack",
  methods: ["POST"],
  lookupMs: 1800,
  rows: CARD_ROWS,
  prefix: "/unbound",
  hasLocalTimes: true,
  offersPublic: true,
  hosts: ["hooks.slack.com"],
  open(section, tools) {
    const { signing_secrets: secrets, allow } = parseSection(schema, section, slack.name);
    return {
      allow,
      receive: (request, now) => receive(request, secrets, now),
      reply: ({ card }) => jsonReply(200, slackMessage(card)),
      acknowledge: (language) =>
        jsonReply(200, { response_type: "ephemeral", text: textsIn(language).stillLooking }),
      deliver: deliverWithoutKeys(tools),
    };
  },
  deliverWithoutKeys,
  judge,
};

/** The URL is the key: it is good for 30 minutes and five messages. */
function deliverWithoutKeys({ post }: Tools): Deliver {
  return (card, { response_url: url = "" }, time) =>
    post({ url, json: JSON.stringify(slackMessage(card)), time }, judge);
}

const schema = sectionSchema({ signing_secrets: keysSchema }, ["teams", "channels", "users"]);

/** Slack looks whether the certificate of the URL is good before it knows a secret to sign with. */
const SSL_CHECK = /(?:^|&)ssl_check=1(?:&|$)/;

function receive(request: SignedRequest, secrets: readonly string[], now: number): Received {
  const text = request.raw.toString("utf8");
  if (SSL_CHECK.test(text)) return { kind: "handshake", reply: EMPTY };
  const verdict = verifySlack(request.raw, request.headers, secrets, now);
  if (verdict !== "ok") return { kind: "refused", reason: verdict };
  if (/^application\/json\b/i.test(request.headers["content-type"] ?? "")) return receiveEvent(text);

  const form = new URLSearchParams(text);
  // Somebody pressed a button of another message's: ours have none.
  if (form.has("payload")) return { kind: "ignored" };
  const responseUrl = form.get("response_url");
  return {
    kind: "message",
    message: {
      id: textOf(form.get("trigger_id")),
      text: form.get("text") ?? "",
      sender: { teams: form.get("team_id"), channels: form.get("channel_id"), users: form.get("user_id") },
      // A slash command tells neither; the card shows times in the reader's own zone.
      language: null,
      timeZone: null,
      returnTo: responseUrl ? { response_url: responseUrl } : null,
    },
  };
}

/** Whoever sets the same URL for events is answered its question; events themselves are none of ours. */
function receiveEvent(text: string): Received {
  const { type, challenge } = readJson(text);
  return type === "url_verification" && typeof challenge === "string"
    ? { kind: "handshake", reply: textReply(challenge) }
    : { kind: "ignored" };
}

/**
 * `X-Slack-Signature: v0=<hex>` over `v0:{timestamp}:{raw body}`.
 *
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function verifySlack(
  raw: Buffer,
  headers: HeaderValues,
  secrets: readonly string[],
  now: number,
): Verification {
  const stamp = headers["x-slack-request-timestamp"];
  const signedAt = readStamp(stamp, 1000);
  const signature = headers["x-slack-signature"] ?? "";
  if (signedAt === null) return "bad-scheme";
  if (!isTimely(signedAt, now, FIVE_MINUTES_MS)) return "stale";
  const content = Buffer.concat([Buffer.from(`v0:${stamp}:`), raw]);
  return usable(secrets).some((secret) => isEqual(signature, `v0=${hmac(secret, content, "hex")}`))
    ? "ok"
    : "mismatch";
}

const VERDICTS: Verdicts = {
  invalid_payload: refused("the message is not of Slack's form"),
  invalid_blocks: refused("a block is not of Slack's form"),
  no_text: refused("the message has no text"),
  too_many_attachments: refused("the message has too many attachments"),
  msg_too_long: refused("the message is too long"),
  msg_blocks_too_long: refused("the blocks are too long"),
  rate_limited: retry(60, "too many messages"),
  expired_url: broken("the reply's URL has expired"),
  used_url: broken("the reply's URL has been used up"),
  user_not_found: broken("the user is not there any more"),
  channel_not_found: broken("the channel is not there any more"),
  channel_is_archived: broken("the channel is archived"),
  action_prohibited: broken("an administrator of Slack forbids it"),
  posting_to_general_channel_denied: broken("posting to the general channel is not allowed"),
  no_service: broken("the webhook is switched off or not valid"),
  no_service_id: broken("the webhook's URL is not complete"),
  no_active_hooks: broken("the webhook is switched off"),
  no_team: broken("the workspace is not there any more"),
  team_disabled: broken("the workspace is disabled"),
  invalid_token: broken("the webhook's URL is not valid"),
};

/** What Slack calls a fault; anything else is a page of somebody's in between. */
const ERROR_TEXT = /^[a-z_]{1,64}$/;

/**
 * A webhook answers with a text, `ok` when it took the message; a `response_url` may answer the same in JSON.
 *
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
function judge(answer: PlatformAnswer): Verdict {
  const { status, body } = answer;
  if (status === 429) return judgeStatus(answer);
  const { ok, error } = parseObject(body) ?? {};
  const text = ok === false && typeof error === "string" ? error : (body?.trim() ?? "");
  if (isSuccess(answer) && (ok === true || text === "ok")) return SENT;
  const known = verdictOf(VERDICTS, text);
  if (known) return withCode(known, text);
  if (!isSuccess(answer)) return judgeStatus(answer);
  return ERROR_TEXT.test(text) ? broken(`an unknown fault (${text})`) : lost("an answer that is not Slack's");
}
