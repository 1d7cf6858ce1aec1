import { webhook } from "../../chat/platforms/webhook.ts";
import { hmac } from "../../chat/verification.ts";
import type { ChannelTools, Send } from "./chat-channel.ts";

export interface WebhookSettings {
  url: string;
  /** Decoded. */
  key: Buffer;
}

/**
 * One POST for each event, signed as Standard Webhooks ask for; the ID stays the same however often it is sent.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function webhookSend({ url, key }: WebhookSettings, { post, wallNow }: ChannelTools): Send {
  return async ({ events: [event] }, time) => {
    if (!event) return { kind: "sent" };
    const json = JSON.stringify(event);
    const stamp = String(Math.floor(wallNow() / 1000));
    const headers = {
      "webhook-id": event.event_id,
      "webhook-timestamp": stamp,
      "webhook-signature": `v1,${hmac(key, `${event.event_id}.${stamp}.${json}`, "base64")}`,
    };
    return await post({ url, json, headers, time }, webhook.judge);
  };
}
