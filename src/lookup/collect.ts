import type { BatchItem } from "../contract/answers.ts";
import { fit, type Way } from "../contract/fit.ts";

/** Characters of the results of one batch, all together. */
const MAX_HELD = 16_000_000;

/** What does not fit into so many would be cut on its way anyway: no way takes more than 6 MB. */
const WAY: Way = {
  maxBytes: MAX_HELD / 2,
  rowBytes: lengthOf,
  restBytes: (items) => items.reduce((sum, item) => sum + lengthOf(item), 0),
};

/** The results of a batch as they come in, in the order of their index. A hundred of 7 MB each fit into no container. */
export interface Collection {
  add: (index: number, item: BatchItem) => void;
  all: () => readonly BatchItem[];
}

export function createCollection(): Collection {
  const items = new Map<number, BatchItem>();
  let held = 0;
  return {
    add(index, item) {
      items.set(index, item);
      held += sizeOf(item);
      if (held <= MAX_HELD) return;
      const indices = [...items.keys()];
      const fitting = fit([...items.values()], WAY);
      held = 0;
      for (const [at, index] of indices.entries()) {
        const kept = fitting[at] as BatchItem;
        items.set(index, kept);
        held += sizeOf(kept);
      }
    },
    all: () => [...items].sort(([left], [right]) => left - right).map(([, item]) => item),
  };
}

function sizeOf(item: BatchItem): number {
  const rows = item.ok ? item.unbindings : [];
  return rows.reduce((sum, row) => sum + lengthOf(row), lengthOf(item));
}

/** Of its own texts; what else there is counts as one. */
function lengthOf(fields: object): number {
  return Object.values(fields).reduce(
    (sum: number, value: unknown) => sum + (typeof value === "string" ? value.length : 1),
    0,
  );
}
