import { hash } from "node:crypto";

/** One unbinding as it is told and kept: flat, the same wherever JSON is taken. */
export interface LedgerEvent {
  event: "desktop.unbound";
  event_id: string;
  profile: string;
  desktop_id: string;
  desktop_name: string | null;
  user_id: string | null;
  user_name: string | null;
  user_group: string | null;
  type: string | null;
  /** RFC 3339, UTC; `null` when it is not known. */
  unbound_at: string | null;
  /** The upstream's own text. */
  detach_time: string | null;
  /** When the watch saw it. */
  observed_at: string;
  /** Whether detach-info shows it; if not, the list alone does. */
  confirmed: boolean;
  schema_version: 1;
}

/** What makes a record the one that it is. */
export interface Identity {
  profile: string;
  desktop_id: string;
  user_id: string | null;
  type: string | null;
  detach_time: string | null;
}

const ID_DIGITS = 32;

/** The same record has the same ID for ever. */
export function eventIdOf({ profile, desktop_id, user_id, type, detach_time }: Identity): string {
  const members = [profile, desktop_id, user_id, type, detach_time];
  return hash("sha256", JSON.stringify(members), "hex").slice(0, ID_DIGITS);
}
