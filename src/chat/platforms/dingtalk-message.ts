import { clip } from "../../contract/plain-text.ts";
import type { Card, Section } from "../card.ts";
import { fitCard } from "../fit-card.ts";

const MAX_TITLE = 100;
/** Of the request or response: DingTalk refuses a message of more than 20,000, and does not say how it counts. */
const MAX_BYTES = 18_000;

/** The card as DingTalk takes it, cut to its limit. */
export function dingtalkMessage(card: Card): object {
  return fitCard(card, messageOf, (message) => Buffer.byteLength(JSON.stringify(message)) <= MAX_BYTES);
}

function messageOf(card: Card): object {
  return {
    msgtype: "markdown",
    // The title is plain text: the notification.
    markdown: { title: clip(card.summary, MAX_TITLE), text: markdownOf(card) },
    at: { isAtAll: false },
  };
}

/** Markdown in which every word is escaped, so that only the marks written here are any. There are no tables: lists. */
function markdownOf({ title, sections, notes }: Card): string {
  return [
    `#### ${escapeDingtalk(title)}`,
    ...sections.map(sectionText),
    `> ${escapeDingtalk(notes.join(" "))}`,
  ].join("\n\n");
}

function sectionText({ name, id, lines, rows, lead, commands }: Section): string {
  const heading = [
    ...(name === null ? [] : [`**${escapeDingtalk(name)}**`]),
    ...(id === null || id === name ? [] : [escapeDingtalk(id)]),
  ].join(" ");
  const list = rows.map(({ user, about, time }) => {
    const group = about === "" ? "" : ` (${escapeDingtalk(about)})`;
    return `- **${escapeDingtalk(user)}**${group} ${escapeDingtalk(time)}`;
  });
  const toCopy = commands.map((command) => `- ${escapeDingtalk(command)}`);
  return [
    heading,
    ...lines.map(escapeDingtalk),
    list.join("\n"),
    escapeDingtalk(lead ?? ""),
    toCopy.join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * For markdown: a backslash before what begins markup, entities for what begins a tag, and within a bare URL, which would
 * become a link by itself.
 */
export function escapeDingtalk(text: string): string {
  return text
    .replace(/[&<>]|[\\`*_~{}[\]()#+\-!|]/g, (char) => ENTITIES[char] ?? `\\${char}`)
    .replaceAll("://", ":&#47;&#47;")
    .replace(/\b(www)\./gi, "$1&#46;");
}
