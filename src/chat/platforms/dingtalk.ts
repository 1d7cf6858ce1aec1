import { jsonReply } from "../../http/reply.ts";
import type { Card, Section } from "../card.ts";
import { keysSchema, parseSection, sectionSchema } from "../chat-secret.ts";
import { fit } from "../fit.ts";
import { clip, escapeDingtalk as escaped } from "../plain-text.ts";
import { CARD_ROWS, type Platform, type Received, type SignedRequest } from "../platform.ts";
import { fieldsOf, readJson, textOf } from "../read-json.ts";
import { textsIn } from "../texts.ts";
import { verifyDingtalk } from "../verify/dingtalk.ts";

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
  open(section) {
    const { app_secrets: secrets, allow } = parseSection(schema, section, dingtalk.name);
    return {
      allow,
      receive: (request, now) => receive(request, secrets, now),
      reply: ({ card }) => jsonReply(200, messageOf(card)),
      acknowledge: (language) =>
        jsonReply(200, { msgtype: "text", text: { content: textsIn(language).stillLooking } }),
    };
  },
  async deliver(card, { session_webhook: url = "" }, _section, { post }, time) {
    await post(url, messageOf(card), {}, time);
  },
};

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

const MAX_TITLE = 100;
/** Of the text; a message may have 20 kB, in which each backslash is two. */
const MAX_TEXT_BYTES = 13_000;

function messageOf(card: Card): object {
  const { summary, sections } = card;
  const withoutRows = { ...card, sections: sections.map((section) => ({ ...section, rows: [] })) };
  const left = MAX_TEXT_BYTES - Buffer.byteLength(markdownOf(withoutRows, 0));
  const text = markdownOf(card, left / sections.length);
  // The title is plain text: the notification.
  return { msgtype: "markdown", markdown: { title: clip(summary, MAX_TITLE), text }, at: { isAtAll: false } };
}

/** Markdown in which every word is escaped, so that only the marks written here are any. There are no tables: lists. */
function markdownOf({ title, sections, notes }: Card, maxRowBytes: number): string {
  return [
    `#### ${escaped(title)}`,
    ...sections.map((section) => sectionText(section, maxRowBytes)),
    `> ${escaped(notes.join(" "))}`,
  ].join("\n\n");
}

function sectionText({ name, id, lines, rows, lead, commands }: Section, maxRowBytes: number): string {
  const heading = [
    ...(name === null ? [] : [`**${escaped(name)}**`]),
    ...(id === null || id === name ? [] : [escaped(id)]),
  ].join(" ");
  const list = rows.map(({ user, about, time }) => {
    const group = about === "" ? "" : ` (${escaped(about)})`;
    return `- **${escaped(user)}**${group} ${escaped(time)}`;
  });
  const toCopy = commands.map((command) => `- ${escaped(command)}`);
  return [
    heading,
    ...lines.map(escaped),
    fit(list, maxRowBytes).join("\n"),
    escaped(lead ?? ""),
    toCopy.join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}
