import type { Config } from "../config/config.ts";
import type { ReadProfiles } from "../lookup/ports.ts";
import type { Log } from "../observe/log.ts";
import type { CachedSecret } from "../secrets/cached-secret.ts";
import type { ChatSecret } from "./chat-secret.ts";
import type { Claims } from "./claims.ts";
import type { ChatConfig } from "./config.ts";
import type { Converse } from "./converse.ts";
import type { Tools } from "./platform.ts";

/** What every function has that chat uses as well. */
export interface ChatService {
  config: Pick<Config, "requestBudgetMs">;
  log: Log;
  readProfiles: ReadProfiles;
  /** Monotonic milliseconds. */
  now: () => number;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
}

/** What only chat has. */
export interface Chat {
  config: ChatConfig;
  secret: CachedSecret<ChatSecret>;
  tools: Tools;
  claims: Claims;
  converse: Converse;
}

/** The parts of a container, or nothing but a log where the configuration is faulty. */
export type ChatFunctionParts =
  | { service: ChatService; chat: Chat; log: Log }
  | { service: null; chat: null; log: Log };
