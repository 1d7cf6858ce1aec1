import type { Outgoing, Post } from "../../chat/post.ts";
import type { Judge, Verdict } from "../../chat/verdict.ts";
import type { Deadline } from "../../time/deadline.ts";
import type { Message } from "../channel.ts";
import { type Digest, makeDigest, type Presentation } from "../digest.ts";

/** What a channel needs of the world. */
export interface ChannelTools {
  post: Post;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
}

/** What a channel of the watch secret says. */
export interface ChannelSettings extends Presentation {
  url: string;
  secret: string | null;
}

/** Sends a message; never throws. */
export type Send = (message: Message, time: Deadline) => Promise<Verdict | readonly Verdict[]>;

/** The request that a digest becomes on a platform. */
export type Push = (digest: Digest, isPlain: boolean, now: number) => Omit<Outgoing, "time">;

/** A platform where people read: all that is due is one message. */
export function chatSend(settings: Presentation, tools: ChannelTools, push: Push, judge: Judge): Send {
  return async (message, time) => {
    const digest = makeDigest(message, settings);
    return await tools.post({ ...push(digest, message.isPlain, tools.wallNow()), time }, judge);
  };
}
