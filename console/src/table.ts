import { type TableItem, toBatchCsv } from "../../src/http/csv.ts";
import type { Answer } from "./api.ts";
import type { Target } from "./targets.ts";

/** One thing that was looked up, and what came of it; `null` while it is under way. */
export interface Looked {
  target: Target;
  answer: Answer | null;
}

/**
 * All that was looked up as the API's own CSV. What was not answered has a row with the code of its error, so that a table
 * without such a column is complete.
 */
export function toTable(looked: readonly Looked[]): string {
  return toBatchCsv(looked.map(toItem));
}

function toItem({ target, answer }: Looked): TableItem {
  if (answer?.ok) return { ok: true, unbindings: answer.result.unbindings };
  const code = answer?.problem.code ?? "STOPPED";
  return target.kind === "id"
    ? { ok: false, code, desktop_id: target.text }
    : { ok: false, code, desktop_id: null, desktop_name: target.text };
}

/** A name for the file, of letters that every system takes. */
export function fileName(looked: readonly Looked[], now: Date): string {
  const [only] = looked;
  const what = looked.length === 1 && only ? only.target.text : `${looked.length}-desktops`;
  const words = what.normalize("NFKD").split(/[^A-Za-z0-9_]+/);
  const safe = words.filter(Boolean).join("-").slice(0, 64);
  return `unbindings-${safe || "desktop"}-${now.toISOString().slice(0, 10)}.csv`;
}
