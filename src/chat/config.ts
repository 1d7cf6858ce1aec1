import { type Environment, EnvironmentReader } from "../config/environment.ts";
import { LANGUAGES, type Language } from "./language.ts";

/** What an operator has set for chat alone. */
export interface ChatConfig {
  chatSecretId: string;
  /** Name or ARN of `chat-worker`; without it there are no late answers. */
  workerFunction: string | null;
  /** The DynamoDB table that remembers what was answered; without it the container's memory does. */
  dedupeTable: string | null;
  /** Where the platform tells neither. */
  language: Language;
  /** An IANA name, such as `Asia/Shanghai`. */
  timeZone: string;
  /** Further hosts, `host` or `host:port` in lower case, that late answers may go to. */
  replyHosts: readonly string[];
}

export type ChatConfigReading =
  | { config: ChatConfig; faults: null }
  | { config: null; faults: readonly string[] };

const HOST = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$|^\[[0-9a-f:.]+\](?::\d{1,5})?$/;

/** Reads the chat variables once. Never throws: all faults come together, none with a value. */
export function readChatConfig(env: Environment): ChatConfigReading {
  const from = new EnvironmentReader(env);
  const config: ChatConfig = {
    chatSecretId: from.required("CHAT_SECRET_ID"),
    workerFunction: from.optional("CHAT_WORKER_FUNCTION"),
    dedupeTable: from.optional("CHAT_DEDUPE_TABLE"),
    language: from.oneOf("CHAT_LANGUAGE", "en", LANGUAGES),
    // Only a zone that is set is worth the moment that it takes to load the calendar.
    timeZone: from.parsed("CHAT_TIME_ZONE", "UTC", parseTimeZone),
    replyHosts: hosts(from, "CHAT_REPLY_HOSTS"),
  };
  const { faults } = from;
  return faults.length > 0 ? { config: null, faults } : { config: Object.freeze(config), faults: null };
}

function parseTimeZone(value: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    throw new Error("must be an IANA time zone such as Asia/Shanghai");
  }
}

function hosts(from: EnvironmentReader, name: string): string[] {
  const given = from.list(name).map((host) => host.toLowerCase());
  if (!given.every((host) => HOST.test(host))) {
    from.faults.push(
      `${name} must be a comma-separated list of hosts such as chat.example.com or chat.example.com:8443`,
    );
  }
  return given;
}
