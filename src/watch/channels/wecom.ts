import { wecom } from "../../chat/platforms/wecom.ts";
import { escapeWecom } from "../../chat/platforms/wecom-message.ts";
import { type Digest, type DigestRow, fitted, plainLines, rowText } from "../digest.ts";
import { type ChannelSettings, type ChannelTools, chatSend, type Push, type Send } from "./chat-channel.ts";

/** Of the content itself, in UTF-8, with room for the quotes of JSON around it. */
const MAX_MARKDOWN_BYTES = 4096;
const MAX_TEXT_BYTES = 2048;
const MOST_ROWS = 50;

/**
 * A group robot. The URL is all there is: no signature.
 *
 * @see https://developer.work.weixin.qq.com/document/path/91770
 */
export function wecomSend(settings: ChannelSettings, tools: ChannelTools): Send {
  const push: Push = (digest, isPlain) => {
    const build = (rows: readonly DigestRow[], left: number) =>
      isPlain ? plainLines(digest, rows, left).map(escapeWecom).join("\n") : markdownOf(digest, rows, left);
    const content = fitted(digest, build, {
      most: MOST_ROWS,
      maxBytes: isPlain ? MAX_TEXT_BYTES : MAX_MARKDOWN_BYTES,
    });
    const body = isPlain
      ? { msgtype: "text", text: { content } }
      : { msgtype: "markdown", markdown: { content } };
    return { url: settings.url, json: JSON.stringify(body) };
  };
  return chatSend(settings, tools, push, wecom.judge);
}

function markdownOf({ title, lines, more }: Digest, rows: readonly DigestRow[], left: number): string {
  return [
    `**${escapeMarkdown(title)}**`,
    ...lines.map(escapeMarkdown),
    ...rows.map((row) => `> ${escapeMarkdown(rowText(row))}`),
    ...(left > 0 ? [escapeMarkdown(more(left))] : []),
  ].join("\n");
}

/**
 * Its markdown knows bold, code, links, quotes, colours in `<font>` and mentions in `<@userid>`, and no escape for any: what
 * begins one becomes a look-alike.
 */
function escapeMarkdown(text: string): string {
  return escapeWecom(text).replace(/[[\]*`_#]/g, (char) => LOOK_ALIKES[char] as string);
}

const LOOK_ALIKES: Readonly<Record<string, string>> = {
  "[": "［",
  "]": "］",
  "*": "＊",
  "`": "｀",
  _: "＿",
  "#": "＃",
};
