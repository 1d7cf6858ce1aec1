import { type Environment, oneOf, read, required } from "../config/environment.ts";
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
  const faults: string[] = [];
  const config: ChatConfig = {
    chatSecretId: required(env, "CHAT_SECRET_ID", faults),
    workerFunction: read(env, "CHAT_WORKER_FUNCTION") ?? null,
    dedupeTable: read(env, "CHAT_DEDUPE_TABLE") ?? null,
    language: oneOf(env, "CHAT_LANGUAGE", LANGUAGES, "en", faults),
    timeZone: timeZone(env, "CHAT_TIME_ZONE", faults),
    replyHosts: hosts(env, "CHAT_REPLY_HOSTS", faults),
  };
  return faults.length > 0 ? { config: null, faults } : { config: Object.freeze(config), faults: null };
}

function timeZone(env: Environment, name: string, faults: string[]): string {
  const value = read(env, name);
  // Only what is set is worth the moment that it takes to load the calendar.
  if (value === undefined) return "UTC";
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    faults.push(`${name} must be an IANA time zone such as Asia/Shanghai`);
    return "UTC";
  }
}

function hosts(env: Environment, name: string, faults: string[]): string[] {
  const given = (read(env, name) ?? "")
    .split(",")
    .map((value) => value.trim().toLowerCase())
    .filter((value) => value !== "");
  if (!given.every((value) => HOST.test(value))) {
    faults.push(
      `${name} must be a comma-separated list of hosts such as chat.example.com or chat.example.com:8443`,
    );
  }
  return given;
}
