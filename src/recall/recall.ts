import type { Guard } from "../access/guard.ts";
import type { Table } from "../ledger/table.ts";
import { changesKind, readChangesQuery } from "./changes.ts";
import { holdersKind, readHoldersQuery } from "./holders.ts";
import { personKind, readPersonQuery } from "./person.ts";
import type { Recall } from "./ports.ts";

export interface RecallParts {
  guard: Guard;
  table: Table;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
}

/** The ledger's questions, each by way of the guard. */
export function createRecall({ guard, table, wallNow }: RecallParts): Recall {
  const person = personKind(table, wallNow);
  const holders = holdersKind(table, wallNow);
  const changes = changesKind(table, wallNow);
  return {
    person: async (asking) =>
      guard.ask(readPersonQuery(asking, wallNow()), asking.caller, asking.call, person),
    holders: async (asking) =>
      guard.ask(readHoldersQuery(asking, wallNow()), asking.caller, asking.call, holders),
    changes: async (asking) =>
      guard.ask(readChangesQuery(asking, wallNow()), asking.caller, asking.call, changes),
  };
}
