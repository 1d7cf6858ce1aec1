import type { KnownBlock, RichTextBlock, RichTextSection } from "@slack/types";
import { clip } from "../../contract/plain-text.ts";
import type { Card, Row, Section } from "../card.ts";
import { fitCard } from "../fit-card.ts";

// https://docs.slack.dev/reference/block-kit/blocks
const MAX_BLOCKS = 50;
const MAX_HEADER = 150;
const MAX_TEXT = 3000;
/** Of the notification, in code points: each may become five characters by escaping. */
const MAX_FALLBACK = 500;

/** The card as Slack takes it, cut to its limits. */
export function slackMessage(card: Card): SlackMessage {
  return fitCard(card, messageOf, isWithinLimits);
}

function isWithinLimits({ blocks }: SlackMessage): boolean {
  return blocks.length <= MAX_BLOCKS && textsOf(blocks).every((text) => text.length <= MAX_TEXT);
}

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
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
    text: escapeSlack(clip(summary, MAX_FALLBACK)),
    blocks: [
      { type: "header", text: { type: "plain_text", text: clip(title, MAX_HEADER / 2), emoji: false } },
      ...sections.flatMap(blocksOf),
      {
        type: "context",
        elements: [{ type: "plain_text", text: notes.join(" "), emoji: false }],
      },
    ],
  };
}

type Texts = RichTextSection["elements"];

/** Slack refuses a whole message for one empty text. */
function sectionOf(texts: Texts): RichTextSection[] {
  const elements = texts.filter((element) => element.type !== "text" || element.text !== "");
  return elements.length > 0 ? [{ type: "rich_text_section", elements }] : [];
}

function listOf(items: readonly Texts[]): RichTextBlock["elements"] {
  const elements = items.flatMap(sectionOf);
  return elements.length > 0 ? [{ type: "rich_text_list", style: "bullet", elements }] : [];
}

function blocksOf(section: Section): KnownBlock[] {
  const { rows, lead, commands } = section;
  const elements = [
    ...sectionOf(headingOf(section)),
    ...listOf(rows.map(rowTexts)),
    ...sectionOf([{ type: "text", text: lead ?? "" }]),
    ...listOf(commands.map((command): Texts => [{ type: "text", text: command, style: { code: true } }])),
  ];
  return elements.length > 0 ? [{ type: "rich_text", elements }] : [];
}

function headingOf({ name, id, lines }: Section): Texts {
  const texts: Texts = [];
  if (name !== null) texts.push({ type: "text", text: name, style: { bold: true } });
  if (id !== null && id !== name)
    texts.push({ type: "text", text: " " }, { type: "text", text: id, style: { code: true } });
  for (const line of lines) texts.push({ type: "text", text: texts.length > 0 ? `\n${line}` : line });
  return texts;
}

function rowTexts({ user, about, at, time }: Row): Texts {
  return [
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
  ];
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** For `mrkdwn`, where only these three begin anything that acts. */
export function escapeSlack(text: string): string {
  return text.replace(/[&<>]/g, (char) => ENTITIES[char] as string);
}
