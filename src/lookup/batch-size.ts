import type { BatchItem } from "../contract/answers.ts";

/**
 * Lambda answers at most 6 MB, in which the body is text within JSON and its quotes are escaped. Some room is left
 * for headers.
 */
const MAX_BYTES = 5_500_000;

/**
 * The same answers, small enough for Lambda. A limit per desktop keeps almost all of them so; where rows are
 * unusually long, each desktop that has many keeps its newest, and says `truncated`.
 */
export function fit(items: readonly BatchItem[], maxBytes = MAX_BYTES): readonly BatchItem[] {
  let fitting = items;
  let most = Math.max(...items.map((item) => (item.ok ? item.unbindings.length : 0)));
  while (most > 0 && bytesOf(fitting) > maxBytes) {
    most = Math.floor(most / 2);
    fitting = items.map((item) => cut(item, most));
  }
  return fitting;
}

function bytesOf(items: readonly BatchItem[]): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(items)));
}

function cut(item: BatchItem, most: number): BatchItem {
  if (!item.ok || item.unbindings.length <= most) return item;
  return { ...item, unbindings: item.unbindings.slice(0, most), count: most, truncated: true };
}
