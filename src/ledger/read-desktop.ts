import { bindingsOf, type DesktopItem, type PastBinding, readDesktop } from "./desktops.ts";
import { eventsOf, type KeptEvent } from "./events.ts";
import type { DesktopRecord } from "./holders.ts";
import { queryAll, type Table } from "./table.ts";

/** Whose desktops: the profile, and its place among the keys. */
export interface FleetKey {
  profile: string;
  scope: string;
}

/** The desktops that have or had the name, in any case; those that the ledger has forgotten are not among them. */
export async function findByName(table: Table, { scope }: FleetKey, name: string): Promise<DesktopItem[]> {
  const filed = await queryAll(table, { pk: `name#${scope}#${name.toLowerCase()}` });
  const found = await Promise.all(filed.map(({ sk }) => readDesktop(table, scope, sk)));
  return found.filter((item) => item !== null);
}

/** All that the ledger has of a desktop. The state is read first: what ends meanwhile is then there twice, and not missing. */
export async function readRecord(
  table: Table,
  { profile }: FleetKey,
  { sk: desktopId, data: state }: DesktopItem,
): Promise<DesktopRecord> {
  const [past, events] = await Promise.all([
    queryAll<PastBinding>(table, { pk: bindingsOf(profile, desktopId) }),
    queryAll<KeptEvent>(table, { pk: eventsOf(profile, desktopId) }),
  ]);
  return { state, past: past.map(({ data }) => data), events: events.map(({ data }) => data) };
}
