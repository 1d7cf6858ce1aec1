import type { RunOfProfile } from "../ledger/runs.ts";
import type { Table } from "../ledger/table.ts";
import type { FetchHistory, ListFleet, ProfileRef } from "../lookup/ports.ts";
import type { CallContext } from "../observe/call.ts";
import type { Log } from "../observe/log.ts";
import type { Channel } from "./channel.ts";

/** A profile as the watch sees it. */
export interface WatchedProfile {
  name: string;
  /** What to ask with; `null` while the secret does not give it. */
  ref: ProfileRef | null;
  /** Endpoint and project: two profiles with the same ones are one fleet. `null` as above. */
  place: string | null;
  /** Whose quota is used. */
  accessKey: string | null;
}

/** The profiles to watch, each fleet once, under its first name. */
export type ResolveProfiles = (call: CallContext) => Promise<readonly WatchedProfile[]>;

/** @throws LookupError SECRET_INVALID, SECRET_UNAVAILABLE */
export type OpenChannels = (call: CallContext) => Promise<readonly Channel[]>;

/** What an operator has set. */
export interface WatchSettings {
  minutes: number;
  callsPerMinute: number;
  retentionDays: number;
  /** One call to the upstream, all attempts, takes no longer. */
  callBudgetMs: number;
}

/** The parts of a container that the watch uses. */
export interface WatchParts {
  table: Table;
  listFleet: ListFleet;
  fetchHistory: FetchHistory;
  resolveProfiles: ResolveProfiles;
  openChannels: OpenChannels;
  settings: WatchSettings;
  log: Log;
  /** Monotonic milliseconds. */
  now: () => number;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
  sleep: (ms: number) => Promise<void>;
  randomBytes: (count: number) => Buffer;
}

/** What a run did for a profile: flat, and no names in it. */
export type RunSummary = RunOfProfile;
