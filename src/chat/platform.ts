import type { HttpRequest } from "../http/event.ts";
import type { Reply } from "../http/reply.ts";
import type { Deadline } from "../time/deadline.ts";
import type { Admission } from "./admission.ts";
import type { Card } from "./card.ts";
import type { ChatAnswer } from "./chat-answer.ts";
import type { Language } from "./language.ts";
import type { Message, ReturnTo } from "./message.ts";
import type { Post } from "./post.ts";
import type { Judge, Verdict } from "./verdict.ts";

/**
 * A chat platform: how its requests are verified and read, and how its answers look. One file each under `platforms/`, and
 * one line in `platforms.ts`.
 */
export interface Platform {
  /** Its section in the chat secret, and its segment in the path. */
  name: string;
  methods: readonly ("GET" | "POST")[];
  /** How long after a request a lookup may take, in milliseconds, before the platform would give up waiting. */
  lookupMs: number;
  /** How many rows an answer has, if it is not told, and at the most, over all its desktops. */
  rows: Rows;
  /** What a person types before the desktop. */
  prefix: string;
  /** Whether it shows times in the reader's own zone. */
  hasLocalTimes: boolean;
  /** Whether an answer is private unless the command says `public`; elsewhere the word has no meaning. */
  offersPublic: boolean;
  /**
   * @param section What the chat secret has for it.
   * @throws LookupError SECRET_INVALID that names the field.
   */
  open(section: unknown, tools: Tools): Channel;
  /** Where late answers may go, by https: the platform's own hosts. */
  hosts: readonly string[];
  /** Sends an answer later when the chat secret cannot be had; `null` where that takes a key. */
  deliverWithoutKeys: ((tools: Tools) => Deliver) | null;
  /** What the platform's answer to a message means. */
  judge: Judge;
}

export interface Rows {
  byDefault: number;
  most: number;
}

/** What every platform's cards take. */
export const CARD_ROWS: Rows = { byDefault: 10, most: 50 };

/** A platform with its keys. */
export interface Channel {
  allow: Admission | undefined;
  /** @throws LookupError INVALID_REQUEST for what is signed and yet cannot be read. */
  receive(request: SignedRequest, now: number): Received;
  /**
   * The answer in the HTTP response; `null` where the platform takes none there.
   *
   * @throws LookupError where an error is to be answered as such.
   */
  reply: ((answer: ChatAnswer, message: Message, requestId: string) => Reply) | null;
  /** What says that the answer comes later. */
  acknowledge(language: Language): Reply;
  /** Sends an answer later; `null` where there is no way. */
  deliver: Deliver | null;
}

export type Deliver = (card: Card, returnTo: ReturnTo, time: Deadline) => Promise<Verdict>;

/** A request whose signature is still to be looked at. */
export interface SignedRequest {
  /** As it came, decoded from base64 and from nothing else: what was signed. */
  raw: Buffer;
  method: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
}

export type Received =
  /** Not signed as it must be. The reason is for the log alone. */
  | { kind: "refused"; reason: string }
  /** The platform wants to know whether we are who it takes us for; answered at once, with no other effect. */
  | { kind: "handshake"; reply: Reply }
  /** Signed, but nothing that wants an answer. */
  | { kind: "ignored" }
  | { kind: "message"; message: Message };

/** What a platform needs of the world. */
export interface Tools {
  post: Post;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
  /** Monotonic milliseconds. */
  now: () => number;
  randomBytes: (count: number) => Buffer;
}

export function toSignedRequest({ method, headers, query }: HttpRequest, raw: Buffer): SignedRequest {
  return { raw, method, headers, query: Object.fromEntries(query) };
}
