import type { Pointed } from "./results.tsx";
import { rowId } from "./row-id.ts";
import type { Looked } from "./table.ts";

/** Where the row of that ID is among the answers. */
export async function findRow(looked: readonly Looked[], wanted: string): Promise<Pointed | null> {
  for (const [answer, each] of looked.entries()) {
    if (!each.answer?.ok) continue;
    const { profile, unbindings } = each.answer.result;
    const ids = await Promise.all(unbindings.map((row) => rowId(profile, row)));
    const row = ids.indexOf(wanted);
    if (row !== -1) return { answer, row };
  }
  return null;
}
