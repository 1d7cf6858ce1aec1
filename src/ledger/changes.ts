import type { LedgerEvent } from "./event.ts";
import { queryAll, type Table } from "./table.ts";

/**
 * What happened, in the order in which it was found out: one sequence for each profile, without gaps, given out under the
 * watch's lease. A number is only taken when all before it are there, so that whoever has read up to it has missed nothing.
 */
export interface Change {
  event: LedgerEvent;
  /** `confirmed`: what was told by the list alone is now shown by detach-info. */
  kind: "unbound" | "confirmed";
}

export const changesOf = (profile: string) => `changes#${profile}`;

const DIGITS = 12;

export const sequenceKey = (sequence: number) => String(sequence).padStart(DIGITS, "0");

export interface Numbered extends Change {
  sequence: number;
}

export interface ChangeLog {
  /** The last number that was given out; 0 before the first. */
  head(): number;
  /** All changes behind the number from which the log was opened. */
  tail(): readonly Numbered[];
  /** Those of them that were there when it was opened: what else belonged to them may not have been written. */
  inherited: readonly Change[];
  /** Writes the change, unless the tail has it already; true when it was written now. */
  append(change: Change, expiresAt: number | null): Promise<boolean>;
}

/** @param from The number up to which all changes are known to be in the outbox. */
export async function openChanges(table: Table, profile: string, from: number): Promise<ChangeLog> {
  const pk = changesOf(profile);
  const written = await queryAll<Change>(table, { pk, after: sequenceKey(from) });
  const tail: Numbered[] = written.map(({ sk, data }) => ({ ...data, sequence: Number(sk) }));
  const known = new Set(tail.map(nameOf));
  let head = tail.at(-1)?.sequence ?? from;
  /** One after the other: a number is taken once the one before it is written. */
  let last: Promise<unknown> = Promise.resolve();

  async function write(change: Change, expiresAt: number | null): Promise<void> {
    for (;;) {
      const sequence = head + 1;
      const item = { pk, sk: sequenceKey(sequence), data: change, expiresAt };
      const isOurs = await table.put(item, "absent");
      head = sequence;
      if (isOurs) {
        tail.push({ ...change, sequence });
        return;
      }
    }
  }

  return {
    head: () => head,
    tail: () => tail,
    inherited: written.map(({ data }) => data),
    append(change, expiresAt) {
      const name = nameOf(change);
      const writing = last.then(async () => {
        if (known.has(name)) return false;
        await write(change, expiresAt);
        known.add(name);
        return true;
      });
      // A failure is told to whoever appended; those behind it would leave a gap, so they fail as well.
      last = writing;
      return writing;
    },
  };
}

function nameOf({ kind, event }: Change): string {
  return `${kind} ${event.event_id}`;
}
