import { type Item, replace, type Table } from "./table.ts";

/** Who is watching now. There is one run at a time, whatever the profile. */
interface LeaseData {
  /** Milliseconds since the epoch. */
  until: number;
  /** How many runs there have been. */
  run: number;
}

export interface Lease {
  /** The number of this run. */
  run: number;
  /** Lets the next run begin at once. */
  release(): Promise<void>;
}

const KEY = { pk: "watch", sk: "lease" };

/**
 * Takes the lease until then; `null` while another run has it. It is never renewed: its end is the end of whoever holds it.
 *
 * @param until Milliseconds since the epoch.
 */
export async function takeLease(table: Table, now: number, until: number): Promise<Lease | null> {
  const kept = await table.get<LeaseData>(KEY);
  if (kept && kept.data.until > now) return null;
  const data: LeaseData = { until, run: (kept?.data.run ?? 0) + 1 };
  let held: Item<LeaseData> | null;
  if (kept) held = await replace(table, kept, data);
  else held = (await table.put({ ...KEY, data, expiresAt: null }, "absent")) ? firstOf(data) : null;
  if (!held) return null;
  const item = held;
  return {
    run: data.run,
    async release() {
      await replace(table, item, { ...data, until: 0 });
    },
  };
}

function firstOf(data: LeaseData): Item<LeaseData> {
  return { ...KEY, data, expiresAt: null, rev: 1 };
}
