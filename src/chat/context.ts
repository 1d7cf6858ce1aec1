import type { Caller } from "../access/caller.ts";
import type { ChatConfig } from "./config.ts";
import type { Presentation } from "./make-card.ts";
import { type Message, nameOfSender } from "./message.ts";
import type { Platform } from "./platform.ts";

/** For whom, and on what, the answer to a message is made. */
export function presentationOf(
  { hasLocalTimes, offersPublic, prefix }: Platform,
  { language, timeZone }: Pick<Message, "language" | "timeZone">,
  config: ChatConfig,
  requestId: string,
): Presentation {
  return {
    language: language ?? config.language,
    timeZone: timeZone ?? config.timeZone,
    hasLocalTimes,
    offersPublic,
    prefix,
    requestId,
  };
}

/** Who asks: the platform's IDs of the sender, never a name. */
export function callerOf({ name }: Platform, { sender }: Pick<Message, "sender">): Caller {
  return { kind: "chat", platform: name, sender: nameOfSender(sender) };
}
