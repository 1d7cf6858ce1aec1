import type { KnownBlock, RichTextBlock, RichTextSection } from "@slack/types";
import { clip } from "../../contract/plain-text.ts";
import type { Card, Row, Section } from "../card.ts";

// Header 150, a text 3000, 50 blocks: https://docs.slack.dev/reference/block-kit/blocks
const MAX_HEADER = 150;
const MAX_TEXT = 3000;

interface SlackMessage {
  response_type: "ephemeral" | "in_channel";
  /** The notification, and what is shown where blocks are not. */
  text: string;
  blocks: KnownBlock[];
}

/** `rich_text` parses nothing, so names go there; `text` is markup and is escaped. */
export function slackMessage(card: Card): SlackMessage {
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

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** For `mrkdwn`, where only these three begin anything that acts. */
export function escapeSlack(text: string): string {
  return text.replace(/[&<>]/g, (char) => ENTITIES[char] as string);
}
