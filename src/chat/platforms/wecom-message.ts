import type { Card, Section } from "../card.ts";
import { fitCard } from "../fit-card.ts";

/** Of a text message, in UTF-8: https://developer.work.weixin.qq.com/document/path/90241 */
const MAX_BYTES = 2048;

/** The card as plain text, cut to WeCom's limit. */
export function wecomText(card: Card): string {
  return fitCard(card, textOf, (text) => Buffer.byteLength(text) <= MAX_BYTES);
}

function textOf({ title, sections, notes }: Card): string {
  const lines = [title, ...sections.flatMap(sectionLines), "", notes.join(" ")];
  return lines.map(escapeWecom).join("\n");
}

function sectionLines({ name, id, lines, rows, lead, commands }: Section): string[] {
  const heading = [name, id === name ? null : id].filter((part) => part !== null).join(" ");
  return [
    ...(heading === "" ? [] : ["", heading]),
    ...lines,
    ...rows.map(({ user, about, time }) => `• ${user}${about === "" ? "" : ` (${about})`}  ${time}`),
    ...(lead === null ? [] : [lead]),
    ...commands,
  ];
}

/**
 * For text messages, which know one markup, `<a href>`, and make a link of a bare URL. There is no escape for either: the
 * brackets become others, and a URL is broken where one sees it.
 */
export function escapeWecom(text: string): string {
  return text
    .replaceAll("<", "＜")
    .replaceAll(">", "＞")
    .replaceAll("://", "[:]//")
    .replace(/\b(www)\./gi, "$1[.]");
}
