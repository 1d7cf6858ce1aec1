import { readChatConfig } from "../chat/config.ts";
import { type Environment, EnvironmentReader } from "../config/environment.ts";
import type { Presentation } from "./digest.ts";

/** What an operator has set for the watch alone. */
export interface WatchConfig {
  ledgerTable: string;
  /** The secret with the section `watch`; `null` where there are no channels but the bus. */
  watchSecretId: string | null;
  /** Where the section `feishu` is, if not there. */
  chatSecretId: string | null;
  /** Names, `*` for all, or `null` for the default profile. */
  profiles: readonly string[] | "*" | null;
  minutes: number;
  callsPerMinute: number;
  retentionDays: number;
  /** Name or ARN. */
  eventBus: string | null;
  eventBusHidesUsers: boolean;
  /** Further hosts that channels may be on. */
  hosts: readonly string[];
  /** For channels that do not say. */
  presentation: Presentation;
}

export type WatchConfigReading =
  | { config: WatchConfig; faults: null }
  | { config: null; faults: readonly string[] };

const MINUTES = ["5", "10", "15", "20", "30"] as const;
const MOST_CALLS = 100_000;
/** Ten years. */
const MOST_DAYS = 3653;

/** Reads the watch's variables once. Never throws: all faults come together, none with a value. */
export function readWatchConfig(env: Environment): WatchConfigReading {
  const from = new EnvironmentReader(env);
  const chatSecretId = from.optional("CHAT_SECRET_ID");
  // What chat and watch share: hosts, language and zone.
  const chat = readChatConfig({ ...env, CHAT_SECRET_ID: chatSecretId ?? "none" });
  from.faults.push(...(chat.faults ?? []));
  const config: WatchConfig = {
    ledgerTable: from.required("LEDGER_TABLE"),
    watchSecretId: from.optional("WATCH_SECRET_ID") ?? chatSecretId,
    chatSecretId,
    profiles: profiles(from),
    minutes: Number(from.oneOf("WATCH_MINUTES", "5", MINUTES)),
    callsPerMinute: from.integer("WATCH_CALLS_PER_MINUTE", 50, { min: 1, max: MOST_CALLS }),
    retentionDays: from.integer("WATCH_RETENTION_DAYS", 400, { min: 0, max: MOST_DAYS }),
    eventBus: from.optional("WATCH_EVENT_BUS"),
    eventBusHidesUsers: from.oneOf("WATCH_EVENT_BUS_HIDE_USERS", "false", ["true", "false"]) === "true",
    hosts: chat.config?.replyHosts ?? [],
    presentation: { language: chat.config?.language ?? "en", timeZone: chat.config?.timeZone ?? "UTC" },
  };
  const { faults } = from;
  return faults.length > 0 ? { config: null, faults } : { config: Object.freeze(config), faults: null };
}

function profiles(from: EnvironmentReader): WatchConfig["profiles"] {
  const given = [...new Set(from.list("WATCH_PROFILES"))];
  if (given.includes("*")) return "*";
  return given.length > 0 ? given : null;
}
