import type { Reply } from "../http/reply.ts";
import type { HttpRequest } from "../http/request.ts";
import type { Allow } from "./admission.ts";
import type { Card } from "./card.ts";
import type { ChatAnswer } from "./chat-answer.ts";
import type { Language } from "./language.ts";
import type { Message, ReturnTo } from "./message.ts";

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
  /**
   * @param section What the chat secret has for it.
   * @throws LookupError SECRET_INVALID that names the field.
   */
  open(section: unknown, tools: Tools): Channel;
  /** Sends an answer later; `null` where there is no way. */
  deliver: Deliver | null;
}

export interface Rows {
  byDefault: number;
  most: number;
}

/** What every platform's cards take. */
export const CARD_ROWS: Rows = { byDefault: 10, most: 50 };

/** A platform with its keys. */
export interface Channel {
  allow: Allow | undefined;
  /** @throws LookupError INVALID_REQUEST for what is signed and yet cannot be read. */
  receive(request: SignedRequest, now: number): Received;
  /**
   * The answer in the HTTP response; `null` where the platform takes none there.
   *
   * @throws LookupError where an error is to be answered as such.
   */
  reply: ((said: ChatAnswer, message: Message, requestId: string) => Reply) | null;
  /** What says that the answer comes later. */
  acknowledge(language: Language): Reply;
}

/**
 * @param section What the chat secret has for the platform; `undefined` when it cannot be had.
 * @throws whatever keeps the answer from being sent.
 */
export type Deliver = (
  card: Card,
  returnTo: ReturnTo,
  section: unknown,
  tools: Tools,
  time: PostTime,
) => Promise<void>;

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

/** How long sending may take. */
export interface PostTime {
  /** Milliseconds left. */
  remaining: () => number;
}

/** Sends JSON to a platform, only to hosts that are on the list. */
export type Post = (
  url: string,
  body: object,
  headers: Readonly<Record<string, string>>,
  time: PostTime,
) => Promise<PostAnswer>;

export interface PostAnswer {
  status: number;
  body: string;
}

export function toSignedRequest({ body: raw, method, headers, query }: HttpRequest): SignedRequest {
  return { raw, method, headers, query: Object.fromEntries(query) };
}
