import { type Item, replace, type Table } from "./table.ts";

/** What the watch knows of a profile as a whole. Times in milliseconds since the epoch. */
export interface ProfileState {
  /** Endpoint and project. Another place is another fleet, whatever its profile is called. */
  place: string;
  /** One more for each place; part of the keys of desktops. */
  generation: number;
  started_at: number;
  /** When the first and the last list that was complete began, and what was in it. */
  first_complete_at: number | null;
  last_complete_at: number | null;
  desktops: number;
  /** Runs that began since the last complete list. */
  runs_without_list: number;
  /** Since when there was no complete list; `null` while the channels have been told of none. */
  blind_since: number | null;
  /** Changes up to this one are in the outbox. */
  outboxed: number;
  /** When a desktop last vanished before it could be checked. */
  vanished_unchecked_at: number | null;
}

export type ProfileItem = Item<ProfileState>;

const KEY = "state";
export const profileOf = (profile: string) => `profile#${profile}`;

/** What the keys of a profile's desktops begin with. */
export function scopeOf(profile: string, { generation }: ProfileState): string {
  return `${profile}~${generation}`;
}

export function readProfile(table: Table, profile: string): Promise<ProfileItem | null> {
  return table.get<ProfileState>({ pk: profileOf(profile), sk: KEY });
}

/**
 * The profile's state, made at the first run, and made anew when the profile has moved to another place.
 *
 * @param place `null` when it cannot be known at the moment.
 */
export async function openProfile(
  table: Table,
  profile: string,
  place: string | null,
  now: number,
): Promise<ProfileItem | null> {
  const kept = await readProfile(table, profile);
  if (place === null || kept?.data.place === place) return kept;
  const state: ProfileState = {
    place,
    generation: (kept?.data.generation ?? -1) + 1,
    started_at: now,
    first_complete_at: null,
    last_complete_at: null,
    desktops: 0,
    runs_without_list: 0,
    blind_since: null,
    outboxed: kept?.data.outboxed ?? 0,
    vanished_unchecked_at: null,
  };
  if (kept) return await changeProfile(table, kept, state);
  const item = { pk: profileOf(profile), sk: KEY, data: state, expiresAt: null };
  if (!(await table.put(item, "absent"))) throw new Error("another run opened the profile");
  return { ...item, rev: 1 };
}

/** @throws Error when another run was here: there is one at a time. */
export async function changeProfile(
  table: Table,
  item: ProfileItem,
  changes: Partial<ProfileState>,
): Promise<ProfileItem> {
  const next = await replace(table, item, { ...item.data, ...changes });
  if (!next) throw new Error("another run changed the profile");
  return next;
}

/** What an answer out of the ledger rests on. */
export interface Coverage {
  watched_since: number | null;
  desktops_known: number;
  desktops_checked: number;
  oldest_check_at: number | null;
  complete: boolean;
  /** When this was written down. */
  at: number;
  /** After how many days events are forgotten; 0 for never. */
  retention_days?: number;
}

export const COVERAGE_KEY = "coverage";

export async function keepCoverage(table: Table, profile: string, coverage: Coverage): Promise<void> {
  await table.put({ pk: profileOf(profile), sk: COVERAGE_KEY, data: coverage, expiresAt: null }, "any");
}

const NAMES = { pk: "watch", sk: "profiles" };

/** The names of the profiles that were watched last, for when the secret that says them cannot be read. */
export async function readNames(table: Table): Promise<readonly string[]> {
  return (await table.get<{ names: string[] }>(NAMES))?.data.names ?? [];
}

export async function keepNames(table: Table, names: readonly string[]): Promise<void> {
  const kept = await readNames(table);
  if (JSON.stringify(kept) === JSON.stringify(names)) return;
  await table.put({ ...NAMES, data: { names }, expiresAt: null }, "any");
}
