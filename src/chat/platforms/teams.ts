import { type Fields, fieldsOf } from "../../contract/object.ts";
import { jsonReply } from "../../http/reply.ts";
import { readInstant } from "../../time/instant.ts";
import { keysSchema, parseSection, sectionSchema } from "../chat-secret.ts";
import { languageOf } from "../language.ts";
import { CARD_ROWS, type Platform, type Received, type SignedRequest } from "../platform.ts";
import { parseObject, readJson, textOf } from "../read-json.ts";
import { textsIn } from "../texts.ts";
import { judgeStatus, type PlatformAnswer, SENT, type Verdict, withCode } from "../verdict.ts";
import {
  FIVE_MINUTES_MS,
  type HeaderValues,
  hmac,
  isEqual,
  isTimely,
  usable,
  type Verification,
} from "../verification.ts";
import { teamsMessage } from "./teams-message.ts";

/**
 * Microsoft Teams' Outgoing Webhooks. What is not in the response within 5 s can never be said: there is no later channel.
 *
 * @see https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook
 */
export const teams: Platform = {
  name: "teams",
  methods: ["POST"],
  lookupMs: 3500,
  rows: CARD_ROWS,
  prefix: "@unbound",
  hasLocalTimes: true,
  offersPublic: false,
  hosts: [],
  open(section) {
    const { tokens, allow } = parseSection(schema, section, teams.name);
    return {
      allow,
      receive: (request, now) => receive(request, tokens, now),
      reply: ({ card }) => jsonReply(200, teamsMessage(card)),
      acknowledge: (language) => jsonReply(200, { type: "message", text: textsIn(language).stillLooking }),
      deliver: null,
    };
  },
  deliverWithoutKeys: null,
  judge,
};

const schema = sectionSchema({ tokens: keysSchema }, ["tenants", "teams", "users"]);

function receive(request: SignedRequest, tokens: readonly string[], now: number): Received {
  const verdict = verifyTeams(request.raw, request.headers, tokens);
  if (verdict !== "ok") return { kind: "refused", reason: verdict };
  const activity = readJson(request.raw.toString("utf8"));
  // The signature carries no time: what was signed once would be good for ever.
  const sentAt = readInstant(textOf(activity["timestamp"]) ?? "");
  if (sentAt === null || !isTimely(sentAt, now, FIVE_MINUTES_MS)) return { kind: "refused", reason: "stale" };
  if ((activity["type"] ?? "message") !== "message") return { kind: "ignored" };
  const channelData = fieldsOf(activity["channelData"]);
  const client = clientInfoOf(activity);
  return {
    kind: "message",
    message: {
      id: textOf(activity["id"]),
      text: (textOf(activity["text"]) ?? "").replace(TAGS, " "),
      sender: {
        tenants: textOf(fieldsOf(channelData["tenant"])["id"]),
        teams: textOf(channelData["teamsTeamId"]),
        users: textOf(fieldsOf(activity["from"])["aadObjectId"]),
      },
      language: languageOf(client["locale"]) ?? languageOf(activity["locale"]),
      // Times are shown in the reader's zone by the card itself.
      timeZone: null,
      returnTo: null,
    },
  };
}

/** The client may send what was typed as HTML; the mentions in it are the command's matter. */
const TAGS = /<\/?(?:p|div|span|br|strong|em|b|i)\b[^<>]*>/gi;

function clientInfoOf({ entities }: Fields): Fields {
  const all = Array.isArray(entities) ? entities.map(fieldsOf) : [];
  return all.find(({ type }) => type === "clientInfo") ?? {};
}

/**
 * `Authorization: HMAC <base64>` over the raw body; the key is the token, decoded. It carries no time: whoever uses this
 * must look at the activity's own.
 *
 * @see https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook
 */
export function verifyTeams(raw: Buffer, headers: HeaderValues, tokens: readonly string[]): Verification {
  const [, given] = /^HMAC ([A-Za-z0-9+/=]+)$/i.exec(headers["authorization"] ?? "") ?? [];
  if (given === undefined) return "bad-scheme";
  const keys = usable(tokens.map((token) => Buffer.from(token, "base64")));
  return keys.some((key) => isEqual(given, hmac(key, raw, "base64"))) ? "ok" : "mismatch";
}

/** A flow accepts a message and posts it later, and tells nothing of that: to be accepted is all there is. */
const ACCEPTED: readonly number[] = [200, 202];
/** Of the form that error codes have. */
const ERROR_CODE = /^[A-Za-z0-9_.]{1,64}$/;

/** A workflow's answer: its status; an error has a code besides. */
function judge(answer: PlatformAnswer): Verdict {
  if (ACCEPTED.includes(answer.status)) return SENT;
  const code = textOf(fieldsOf(parseObject(answer.body)?.["error"])["code"]);
  const verdict = judgeStatus(answer);
  return code !== null && ERROR_CODE.test(code) ? withCode(verdict, code) : verdict;
}
