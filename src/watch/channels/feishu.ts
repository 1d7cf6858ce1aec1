import { feishu } from "../../chat/platforms/feishu.ts";
import { escapeFeishu } from "../../chat/platforms/feishu-message.ts";
import type { TenantTokens } from "../../chat/platforms/feishu-token.ts";
import { parseObject } from "../../chat/read-json.ts";
import { type Judge, judgeStatus } from "../../chat/verdict.ts";
import { hmac } from "../../chat/verification.ts";
import { clip } from "../../contract/plain-text.ts";
import { type Digest, type DigestRow, fitted, makeDigest, type Presentation, plainLines } from "../digest.ts";
import { type ChannelSettings, type ChannelTools, chatSend, type Push, type Send } from "./chat-channel.ts";

/** A body may have 20 kB; in the app's, the card is JSON within JSON, in which each quote is two. */
const LIMITS = { most: 50, maxBytes: 18_000 };
const MAX_TITLE = 100;
const MAX_SUMMARY = 200;

/**
 * A custom bot of Feishu or Lark: the signature is in the body.
 *
 * @see https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
 */
export function feishuBotSend(settings: ChannelSettings, tools: ChannelTools): Send {
  const push: Push = (digest, isPlain, now) => {
    const stamp = String(Math.floor(now / 1000));
    const signed =
      settings.secret === null ? {} : { timestamp: stamp, sign: signFeishu(stamp, settings.secret) };
    const build = (rows: readonly DigestRow[], left: number) =>
      JSON.stringify({ ...signed, ...contentOf(digest, rows, left, isPlain) });
    return { url: settings.url, json: fitted(digest, build, LIMITS) };
  };
  return chatSend(settings, tools, push, feishu.judge);
}

/** Key and data are the other way round than DingTalk's: what is signed is empty. */
export function signFeishu(stamp: string, secret: string): string {
  return hmac(`${stamp}\n${secret}`, "", "base64");
}

/** A chat in which the app is. */
export interface FeishuChat extends Presentation {
  base: string;
  chatId: string;
  tokens: TenantTokens;
}

/**
 * The app's own message: with the same UUID, Feishu takes it once within an hour.
 *
 * @see https://open.feishu.cn/document/server-docs/im-v1/message/create
 */
export function feishuAppSend(
  { base, chatId, tokens, ...presentation }: FeishuChat,
  { post }: ChannelTools,
): Send {
  return async (message, time) => {
    const token = await tokens.get(time);
    if (typeof token !== "string") return token;
    const digest = makeDigest(message, presentation);
    const build = (rows: readonly DigestRow[], left: number) => {
      const { msg_type, ...content } = contentOf(digest, rows, left, message.isPlain);
      const [inner] = Object.values(content);
      // Another form is another message.
      const uuid = `${message.id}${message.isPlain ? "-plain" : ""}`;
      return JSON.stringify({ receive_id: chatId, msg_type, content: JSON.stringify(inner), uuid });
    };
    const judge: Judge = (answer) => {
      const verdict = feishu.judge(answer);
      // The next message gets another token, whatever was wrong with this one.
      if (verdict.kind === "broken") tokens.forget(token);
      return parseObject(answer.body) === null ? judgeStatus(answer) : verdict;
    };
    const url = `${base}/open-apis/im/v1/messages?receive_id_type=chat_id`;
    const headers = { authorization: `Bearer ${token}` };
    return await post({ url, json: fitted(digest, build, LIMITS), headers, time }, judge);
  };
}

type Content = { msg_type: "interactive"; card: object } | { msg_type: "text"; content: { text: string } };

function contentOf(digest: Digest, rows: readonly DigestRow[], left: number, isPlain: boolean): Content {
  return isPlain
    ? // In a text, `<at user_id="all">` would call everybody.
      { msg_type: "text", content: { text: escapeTags(plainLines(digest, rows, left).join("\n")) } }
    : { msg_type: "interactive", card: cardOf(digest, rows, left) };
}

function escapeTags(text: string): string {
  return text.replaceAll("<", "＜").replaceAll(">", "＞");
}

/** Card JSON 2.0, in which an unknown property is an error. */
function cardOf({ title, summary, lines, more }: Digest, rows: readonly DigestRow[], left: number): object {
  const plain = (content: string) => ({ tag: "plain_text", content });
  const div = (content: string) => ({ tag: "div", text: plain(content) });
  return {
    schema: "2.0",
    config: { summary: { content: clip(summary, MAX_SUMMARY) } },
    header: { template: rows.length > 0 ? "orange" : "blue", title: plain(clip(title, MAX_TITLE)) },
    body: {
      elements: [
        ...lines.map(div),
        ...(rows.length > 0 ? [{ tag: "markdown", content: rows.map(markdownRow).join("\n") }] : []),
        ...(left > 0 ? [div(more(left))] : []),
      ],
    },
  };
}

/** Only markdown has a time in the reader's own zone; so names are escaped here. */
function markdownRow({ user, about, desktop, at, time }: DigestRow): string {
  const group = about === "" ? "" : ` (${escapeFeishu(about)})`;
  const when = at === null ? escapeFeishu(time) : localTime(at);
  return `- **${escapeFeishu(user)}**${group} — ${escapeFeishu(desktop)} — ${when}`;
}

function localTime(at: number): string {
  const part = (format: string) =>
    `<local_datetime millisecond='${at}' format_type='${format}'></local_datetime>`;
  return `${part("date_num")} ${part("time_sec")}`;
}
