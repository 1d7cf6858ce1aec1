import type { Guard } from "../access/guard.ts";
import { createDynamoTable } from "../ledger/aws/dynamodb-table.ts";
import type { Table } from "../ledger/table.ts";
import type { Recall } from "../recall/ports.ts";
import { createRecall } from "../recall/recall.ts";

export interface RecallParts {
  guard: Guard;
  wallNow: () => number;
  /** For tests: a table of their own. */
  table: Table | undefined;
}

/** The ledger's questions; in a chunk of its own, which loads the client of DynamoDB. */
export function openRecall(name: string, { guard, wallNow, table }: RecallParts): Recall {
  return createRecall({ guard, wallNow, table: table ?? createDynamoTable({ table: name, wallNow }) });
}
