import type { KnownBlock, RichTextSection } from "@slack/types";
import { slack } from "../../chat/platforms/slack.ts";
import { escapeSlack } from "../../chat/platforms/slack-message.ts";
import { clip } from "../../contract/plain-text.ts";
import { type Digest, type DigestRow, fitted, plainLines } from "../digest.ts";
import { type ChannelSettings, type ChannelTools, chatSend, type Push, type Send } from "./chat-channel.ts";

// A header 150, a text 3,000: https://docs.slack.dev/reference/block-kit/blocks
const MAX_HEADER = 150;
const MAX_TEXT = 3000;
/** A message of more is unread; the limit of the body is our own, since Slack names none for `rich_text`. */
const LIMITS = { most: 50, maxBytes: 30_000 };

/** @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export function slackSend(settings: ChannelSettings, tools: ChannelTools): Send {
  const push: Push = (digest, isPlain) => ({
    url: settings.url,
    json: isPlain ? plainText(digest) : fitted(digest, (rows, left) => blocks(digest, rows, left), LIMITS),
  });
  return chatSend(settings, tools, push, slack.judge);
}

/** Escapes may make of a character five. */
const MAX_PLAIN_BYTES = MAX_TEXT;

function plainText(digest: Digest): string {
  return fitted(
    digest,
    (rows, left) =>
      JSON.stringify({ text: escapeSlack(plainLines(digest, rows, left).join("\n")), mrkdwn: false }),
    { most: LIMITS.most, maxBytes: MAX_PLAIN_BYTES },
  );
}

/** `rich_text` parses nothing, so names go there; `text` is markup and is escaped. */
function blocks({ title, summary, lines, more }: Digest, rows: readonly DigestRow[], left: number): string {
  const found: KnownBlock[] = [
    { type: "header", text: { type: "plain_text", text: clip(title, MAX_HEADER), emoji: false } },
  ];
  const sections = [...lines, ...(left > 0 ? [more(left)] : [])];
  if (rows.length > 0) {
    const list = { type: "rich_text_list", style: "bullet", elements: rows.map(rowElement) } as const;
    found.push({ type: "rich_text", elements: [list] });
  }
  if (sections.length > 0) {
    const elements = sections.map((line, index): RichTextSection["elements"][number] => ({
      type: "text",
      text: index > 0 ? `\n${line}` : line,
    }));
    found.push({ type: "rich_text", elements: [{ type: "rich_text_section", elements }] });
  }
  return JSON.stringify({ text: escapeSlack(clip(summary, MAX_TEXT / 6)), blocks: found });
}

function rowElement({ user, about, desktop, at, time }: DigestRow): RichTextSection {
  return {
    type: "rich_text_section",
    elements: [
      { type: "text", text: user, style: { bold: true } },
      { type: "text", text: `${about === "" ? "" : ` (${about})`} — ${desktop} — ` },
      at === null
        ? { type: "text", text: time }
        : {
            type: "date",
            timestamp: Math.floor(at / 1000),
            format: "{date_short_pretty} at {time_secs}",
            fallback: time,
          },
    ],
  };
}
