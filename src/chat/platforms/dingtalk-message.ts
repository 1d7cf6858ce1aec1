import { clip } from "../../contract/plain-text.ts";
import type { Card, Section } from "../card.ts";
import { fit } from "../fit.ts";

const MAX_TITLE = 100;
/** Of the text; a message may have 20 kB, in which each backslash is two. */
const MAX_TEXT_BYTES = 13_000;

export function dingtalkMessage(card: Card): object {
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
    `#### ${escapeDingtalk(title)}`,
    ...sections.map((section) => sectionText(section, maxRowBytes)),
    `> ${escapeDingtalk(notes.join(" "))}`,
  ].join("\n\n");
}

function sectionText({ name, id, lines, rows, lead, commands }: Section, maxRowBytes: number): string {
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
    fit(list, maxRowBytes).join("\n"),
    escapeDingtalk(lead ?? ""),
    toCopy.join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * For markdown: a backslash before what begins markup, entities for what begins a tag, and for the slashes of a bare URL,
 * which would become a link by itself.
 */
export function escapeDingtalk(text: string): string {
  return text
    .replace(/[&<>]|[\\`*_~{}[\]()#+\-!|]/g, (char) => ENTITIES[char] ?? `\\${char}`)
    .replaceAll("://", ":&#47;&#47;");
}
