import type { KnownBlock, RichTextBlock, RichTextSection } from "@slack/types";
import { jsonReply } from "../../http/reply.ts";
import type { Card, Row, Section } from "../card.ts";
import { keysSchema, parseSection, sectionSchema } from "../chat-secret.ts";
import { clip, escapeSlack } from "../plain-text.ts";
import { CARD_ROWS, type Platform, type Received, type SignedRequest } from "../platform.ts";
import { readJson, textOf } from "../read-json.ts";
import { EMPTY, textReply } from "../replies.ts";
import { textsIn } from "../texts.ts";
import { verifySlack } from "../verify/slack.ts";

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
  open(section) {
    const { signing_secrets: secrets, allow } = parseSection(schema, section, slack.name);
    return {
      allow,
      receive: (request, now) => receive(request, secrets, now),
      reply: ({ card }) => jsonReply(200, messageOf(card)),
      acknowledge: (language) =>
        jsonReply(200, { response_type: "ephemeral", text: textsIn(language).stillLooking }),
    };
  },
  async deliver(card, { response_url: url = "" }, _section, { post }, time) {
    await post(url, messageOf(card), {}, time);
  },
};

const schema = sectionSchema({ signing_secrets: keysSchema }, ["teams", "channels", "users"]);

// Header 150, a text 3000, 50 blocks: https://docs.slack.dev/reference/block-kit/blocks
const MAX_HEADER = 150;
const MAX_TEXT = 3000;

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

interface SlackMessage {
  response_type: "ephemeral" | "in_channel";
  /** The notification, and what is shown where blocks are not. */
  text: string;
  blocks: KnownBlock[];
}

/** `rich_text` parses nothing, so names go there; `text` is markup and is escaped. */
function messageOf(card: Card): SlackMessage {
  const { title, sections, notes, summary, isPublic } = card;
  return {
    response_type: isPublic ? "in_channel" : "ephemeral",
    text: escapeSlack(clip(summary, MAX_TEXT / 6)),
    blocks: [
      { type: "header", text: { type: "plain_text", text: clip(title, MAX_HEADER), emoji: false } },
      ...sections.map(
        (section): KnownBlock => ({
          type: "rich_text",
          elements: [...headingOf(section), ...rowsOf(section), ...commandsOf(section)],
        }),
      ),
      {
        type: "context",
        elements: [{ type: "plain_text", text: clip(notes.join(" "), MAX_TEXT), emoji: false }],
      },
    ],
  };
}

type RichTextElements = RichTextBlock["elements"];

function headingOf({ name, id, lines }: Section): RichTextElements {
  const texts: RichTextSection["elements"] = [];
  if (name !== null) texts.push({ type: "text", text: name, style: { bold: true } });
  if (id !== null && id !== name)
    texts.push({ type: "text", text: " " }, { type: "text", text: id, style: { code: true } });
  for (const line of lines) texts.push({ type: "text", text: texts.length > 0 ? `\n${line}` : line });
  return [{ type: "rich_text_section", elements: texts }];
}

function rowsOf({ rows }: Section): RichTextElements {
  if (rows.length === 0) return [];
  return [{ type: "rich_text_list", style: "bullet", elements: rows.map(rowElement) }];
}

function rowElement({ user, about, at, time }: Row): RichTextSection {
  return {
    type: "rich_text_section",
    elements: [
      { type: "text", text: user, style: { bold: true } },
      { type: "text", text: about === "" ? " — " : ` (${about}) — ` },
      at === null
        ? { type: "text", text: time }
        : {
            type: "date",
            timestamp: Math.floor(at / 1000),
            format: "{date_short_pretty} at {time_secs} ({ago})",
            fallback: time,
          },
    ],
  };
}

function commandsOf({ lead, commands }: Section): RichTextElements {
  if (commands.length === 0) return [];
  const elements = commands.map(
    (command): RichTextSection => ({
      type: "rich_text_section",
      elements: [{ type: "text", text: command, style: { code: true } }],
    }),
  );
  const leading: RichTextSection[] =
    lead === null ? [] : [{ type: "rich_text_section", elements: [{ type: "text", text: lead }] }];
  return [...leading, { type: "rich_text_list", style: "bullet", elements }];
}
