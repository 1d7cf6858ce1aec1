import { readChatConfig } from "../chat/config.ts";
import { type Environment, integer, oneOf, read, required } from "../config/environment.ts";
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
  const chatSecretId = read(env, "CHAT_SECRET_ID") ?? null;
  // What chat and watch share: hosts, language and zone.
  const chat = readChatConfig({ ...env, CHAT_SECRET_ID: chatSecretId ?? "none" });
  const faults = [...(chat.faults ?? [])];
  const config: WatchConfig = {
    ledgerTable: required(env, "LEDGER_TABLE", faults),
    watchSecretId: read(env, "WATCH_SECRET_ID") ?? chatSecretId,
    chatSecretId,
    profiles: profiles(env),
    minutes: Number(oneOf(env, "WATCH_MINUTES", MINUTES, "5", faults)),
    callsPerMinute: integer(env, "WATCH_CALLS_PER_MINUTE", 50, 1, MOST_CALLS, faults),
    retentionDays: integer(env, "WATCH_RETENTION_DAYS", 400, 0, MOST_DAYS, faults),
    eventBus: read(env, "WATCH_EVENT_BUS") ?? null,
    eventBusHidesUsers:
      oneOf(env, "WATCH_EVENT_BUS_HIDE_USERS", ["true", "false"], "false", faults) === "true",
    hosts: chat.config?.replyHosts ?? [],
    presentation: { language: chat.config?.language ?? "en", timeZone: chat.config?.timeZone ?? "UTC" },
  };
  return faults.length > 0 ? { config: null, faults } : { config: Object.freeze(config), faults: null };
}

function profiles(env: Environment): WatchConfig["profiles"] {
  const names = (read(env, "WATCH_PROFILES") ?? "").split(",").map((name) => name.trim());
  const given = [...new Set(names.filter((name) => name !== ""))];
  if (given.includes("*")) return "*";
  return given.length > 0 ? given : null;
}
