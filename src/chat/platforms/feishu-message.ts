import { clip } from "../../contract/plain-text.ts";
import type { Card, Row, Section } from "../card.ts";
import { fitCard } from "../fit-card.ts";

const TEMPLATES: Readonly<Record<Card["tone"], string>> = {
  found: "blue",
  none: "green",
  hint: "grey",
  fault: "orange",
};

/** Of a request with a card in it: https://open.feishu.cn/document/server-docs/im-v1/message/reply */
const MAX_BYTES = 30_000;

/** @returns The request's body, cut to Feishu's limit: the card is JSON within JSON. */
export function feishuReply(card: Card, messageId: string): string {
  const draw = (shown: Card) =>
    JSON.stringify({
      msg_type: "interactive",
      content: JSON.stringify(feishuCard(shown)),
      // Within an hour, Feishu takes a message with the same UUID once.
      uuid: messageId.slice(-50),
    });
  return fitCard(card, draw, (body) => Buffer.byteLength(body) <= MAX_BYTES);
}

const MAX_TITLE = 100;
const MAX_SUMMARY = 200;

/**
 * Card JSON 2.0, in which an unknown property is an error.
 *
 * @see https://open.feishu.cn/document/feishu-cards/card-json-v2-structure
 */
function feishuCard({ title, tone, sections, notes, summary }: Card): object {
  const plain = (content: string) => ({ tag: "plain_text", content });
  const div = (content: string) => ({ tag: "div", text: plain(content) });
  return {
    schema: "2.0",
    config: { update_multi: true, summary: { content: clip(summary, MAX_SUMMARY) } },
    header: { template: TEMPLATES[tone], title: plain(clip(title, MAX_TITLE)) },
    body: {
      elements: [
        ...sections.flatMap((section) => [
          ...headingOf(section).map(div),
          ...(section.rows.length > 0
            ? [
                {
                  tag: "markdown",
                  content: section.rows.map(rowText).join("\n"),
                },
              ]
            : []),
          ...(section.lead === null ? [] : [div(section.lead)]),
          ...section.commands.map(div),
        ]),
        { tag: "div", text: { ...plain(notes.join(" ")), text_size: "notation" } },
      ],
    },
  };
}

function headingOf({ name, id, lines }: Section): string[] {
  const heading = [name, id === name ? null : id].filter((part) => part !== null).join("  ");
  return heading === "" ? [...lines] : [heading, ...lines];
}

/** Only markdown has a time in the reader's own zone; so names are escaped here. */
function rowText({ user, about, at, time }: Row): string {
  const group = about === "" ? "" : ` (${escapeFeishu(about)})`;
  return `- **${escapeFeishu(user)}**${group} ${at === null ? escapeFeishu(time) : localTime(at)}`;
}

function localTime(at: number): string {
  const part = (format: string) =>
    `<local_datetime millisecond='${at}' format_type='${format}'></local_datetime>`;
  return `${part("date_num")} ${part("time_sec")}`;
}

/**
 * For markdown in a card: entities by number, but one that has only a name there.
 *
 * @see https://open.feishu.cn/document/feishu-cards/card-json-v2-components/content-components/rich-text
 */
export function escapeFeishu(text: string): string {
  return text.replace(/[&<>*_~`:!|/()[\]$\-#+"'\\]/g, (char) =>
    char === "~" ? "&sim;" : `&#${char.codePointAt(0)};`,
  );
}
