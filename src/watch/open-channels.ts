import { feishu } from "../chat/platforms/feishu.ts";
import { createTenantTokens } from "../chat/platforms/feishu-token.ts";
import { createPost } from "../chat/post.ts";
import { LookupError } from "../contract/errors.ts";
import type { Transport } from "../net/transport.ts";
import type { Channel } from "./channel.ts";
import type { ChannelSettings, ChannelTools, Send } from "./channels/chat-channel.ts";
import { dingtalkSend } from "./channels/dingtalk.ts";
import { feishuAppSend, feishuBotSend } from "./channels/feishu.ts";
import { slackSend } from "./channels/slack.ts";
import { teamsSend } from "./channels/teams.ts";
import { webhookSend } from "./channels/webhook.ts";
import { wecomSend } from "./channels/wecom.ts";
import { decodeWebhookSecret, type StoredChannel } from "./watch-secret.ts";

export interface ChannelWorld {
  send: Transport;
  /** Monotonic milliseconds. */
  now: () => number;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
  /** Further hosts that channels may be on. */
  hosts: readonly string[];
}

/** The app of the chat secret's section `feishu`. */
export interface FeishuAppKeys {
  appId: string;
  appSecret: string;
  base: string;
}

const BY_WEBHOOK: Readonly<
  Record<Exclude<StoredChannel["to"], "webhook">, (settings: ChannelSettings, tools: ChannelTools) => Send>
> = { slack: slackSend, teams: teamsSend, feishu: feishuBotSend, dingtalk: dingtalkSend, wecom: wecomSend };

/** @param app `null` when there is no app. @throws LookupError SECRET_INVALID */
export function openChannel(stored: StoredChannel, app: FeishuAppKeys | null, world: ChannelWorld): Channel {
  const { name, profiles, hidesUsers, to } = stored;
  return {
    key: `c:${name}`,
    name,
    watches: (profile) => profiles === null || profiles.includes(profile),
    hidesUsers,
    hasReaders: to !== "webhook",
    isIdempotent: stored.chatId !== null,
    most: to === "webhook" ? { events: 1, atOnce: 5 } : { events: Number.POSITIVE_INFINITY, atOnce: 1 },
    send: sendOf(stored, app, world),
  };
}

function sendOf(stored: StoredChannel, app: FeishuAppKeys | null, world: ChannelWorld): Send {
  const { to, url, secret, chatId, language, timeZone } = stored;
  const { send, wallNow, now } = world;
  if (chatId !== null) {
    if (app === null) throw noApp(stored.name);
    // A host of the app's own choice is on no list but the platform's, and the operator's.
    const post = createPost({ hosts: [...feishu.hosts, ...world.hosts], send });
    const tokens = createTenantTokens(app, { post, now }, feishu.judge);
    return feishuAppSend({ base: app.base, chatId, tokens, language, timeZone }, { post, wallNow });
  }
  // That the host is permitted was looked at when the secret was read.
  const target = url ?? "";
  const tools: ChannelTools = { post: createPost({ hosts: [new URL(target).host], send }), wallNow };
  if (to === "webhook") return webhookSend({ url: target, key: decodeWebhookSecret(secret ?? "") }, tools);
  return BY_WEBHOOK[to]({ url: target, secret, language, timeZone }, tools);
}

function noApp(name: string): LookupError {
  return new LookupError("SECRET_INVALID", {
    detail: `The watch secret is not valid: channel ${name} has a chat_id, and there is no app in the section feishu.`,
  });
}
