import type { Table } from "./table.ts";

/** What one run of the watch did for a profile. */
export interface RunOfProfile {
  profile: string;
  desktops: number;
  lost: number;
  checked: number;
  events: number;
  told: number;
  uncertain: number;
  broken: number;
  calls: number;
  complete: boolean;
}

/** One run. Times in milliseconds since the epoch; no names but those of profiles. */
export interface RunRecord {
  run: number;
  request_id: string;
  started_at: number;
  /** `null` while it is under way, and for ever when it died. */
  ended_at: number | null;
  runs: readonly RunOfProfile[];
  /** The code of the error that it ended in. */
  error: string | null;
}

const PK = "runs";
const DIGITS = 12;
const KEPT_SECONDS = 30 * 86_400;

/** Writes the record of a run in the place of what was there: under the lease nobody else does. */
export async function keepRun(table: Table, record: RunRecord): Promise<void> {
  const sk = String(record.run).padStart(DIGITS, "0");
  const expiresAt = Math.floor(record.started_at / 1000) + KEPT_SECONDS;
  await table.put({ pk: PK, sk, data: record, expiresAt }, "any");
}

/** The last runs, the newest first. */
export async function readRuns(table: Table, limit: number): Promise<RunRecord[]> {
  const { items } = await table.query<RunRecord>({ pk: PK, isDescending: true, limit });
  return items.map(({ data }) => data);
}
