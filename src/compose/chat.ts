import { randomBytes } from "node:crypto";
import { createTableClaims } from "../chat/aws/table.ts";
import type { ChatFunctionParts } from "../chat/chat-parts.ts";
import { createChatSecretParser } from "../chat/chat-secret.ts";
import { type Claims, createClaims } from "../chat/claims.ts";
import { readChatConfig } from "../chat/config.ts";
import { createConversation } from "../chat/converse.ts";
import type { Tools } from "../chat/platform.ts";
import { PLATFORMS } from "../chat/platforms.ts";
import { createPost } from "../chat/post.ts";
import type { Environment } from "../config/environment.ts";
import type { AttemptLimits, Transport } from "../net/transport.ts";
import { createCachedSecret, SECRET_FETCH_MS } from "../secrets/cached-secret.ts";
import { startDeadline } from "../time/deadline.ts";
import { createPlatformTransport } from "./platform-transport.ts";
import { compose, type World } from "./service.ts";

/** What stands in for the world in a test of chat. */
export interface ChatWorld extends World {
  /** How a message reaches a platform. */
  sendToPlatform?: Transport;
  table?: Claims;
}

export type ChatComposition = ChatFunctionParts & { warmUp: () => Promise<void> };

/**
 * Twice as long as elsewhere: where 3.5 s are all there is, a slow answer is worth more than a second question, and for the
 * worker nobody's request waits.
 */
const PATIENT_ATTEMPTS: AttemptLimits = { connectMs: 1000, headersMs: 4000, totalMs: 5000 };

/** Wires the parts of the chat functions once per container. A faulty configuration is logged and handed on. */
export function composeChat(env: Environment, world: ChatWorld = {}): ChatComposition {
  const { service, log } = compose(env, world, PATIENT_ATTEMPTS);
  const reading = readChatConfig(env);
  if (reading.faults) log.error("configuration_invalid", { faults: reading.faults.join("; ") });
  if (!service || !reading.config) return { service: null, chat: null, log, warmUp: async () => undefined };
  const { config } = reading;
  const { now, wallNow } = service;
  const hosts = [...PLATFORMS.flatMap((platform) => platform.hosts), ...config.replyHosts];
  const send = world.sendToPlatform ?? createPlatformTransport(now);
  const tools: Tools = { post: createPost({ hosts, send }), now, wallNow, randomBytes };
  const secret = createCachedSecret({
    fetchSecret: service.fetchSecret,
    secretId: config.chatSecretId,
    parse: createChatSecretParser(PLATFORMS, tools),
    ttlMs: service.config.secretTtlMs,
    warn: log.warn,
    now,
  });
  const table = config.dedupeTable === null ? null : createTableClaims(config.dedupeTable, wallNow);
  return {
    service,
    log,
    chat: {
      config,
      secret,
      tools,
      claims: createClaims({ now, table: world.table ?? table, warn: log.warn }),
      converse: createConversation({ lookup: service.guard.lookup, wallNow }),
    },
    async warmUp() {
      // The extension is not ready before an invocation.
      const isReady = service.config.secretsSource === "sdk";
      const fetched = isReady
        ? secret.latest(startDeadline(SECRET_FETCH_MS, undefined, now)).catch(() => undefined)
        : undefined;
      await Promise.all([service.warmUp(), fetched]);
    },
  };
}
