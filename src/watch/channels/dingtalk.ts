import { dingtalk } from "../../chat/platforms/dingtalk.ts";
import { escapeDingtalk } from "../../chat/platforms/dingtalk-message.ts";
import { hmac } from "../../chat/verification.ts";
import { clip } from "../../contract/plain-text.ts";
import { type Digest, type DigestRow, fitted, plainLines } from "../digest.ts";
import { type ChannelSettings, type ChannelTools, chatSend, type Push, type Send } from "./chat-channel.ts";

/** A body may have 20,000 bytes. */
const LIMITS = { most: 50, maxBytes: 18_000 };
const MAX_TITLE = 100;

/**
 * A custom robot: the signature is in the query.
 *
 * @see https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages
 */
export function dingtalkSend(settings: ChannelSettings, tools: ChannelTools): Send {
  const push: Push = (digest, isPlain, now) => ({
    url: settings.secret === null ? settings.url : signedUrl(settings.url, String(now), settings.secret),
    json: fitted(digest, (rows, left) => bodyOf(digest, rows, left, isPlain), LIMITS),
  });
  return chatSend(settings, tools, push, dingtalk.judge);
}

/** The rest of the URL stays as it was pasted. */
export function signedUrl(url: string, stamp: string, secret: string): string {
  const sign = hmac(secret, `${stamp}\n${secret}`, "base64");
  return `${url}${url.includes("?") ? "&" : "?"}timestamp=${stamp}&sign=${encodeURIComponent(sign)}`;
}

function bodyOf(digest: Digest, rows: readonly DigestRow[], left: number, isPlain: boolean): string {
  const at = { isAtAll: false };
  if (isPlain)
    return JSON.stringify({
      msgtype: "text",
      text: { content: plainLines(digest, rows, left).join("\n") },
      at,
    });
  const { title, summary, lines, more } = digest;
  const list = rows.map(({ user, about, desktop, time }) => {
    const group = about === "" ? "" : ` (${escapeDingtalk(about)})`;
    return `- **${escapeDingtalk(user)}**${group} ${escapeDingtalk(`— ${desktop} — ${time}`)}`;
  });
  const text = [
    `#### ${escapeDingtalk(title)}`,
    ...lines.map(escapeDingtalk),
    ...(list.length > 0 ? [list.join("\n")] : []),
    ...(left > 0 ? [`> ${escapeDingtalk(more(left))}`] : []),
  ].join("\n\n");
  // The title is plain text: the notification.
  return JSON.stringify({
    msgtype: "markdown",
    markdown: { title: clip(`${title}: ${summary}`, MAX_TITLE), text },
    at,
  });
}
