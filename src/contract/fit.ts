import type { Unbinding } from "./answers.ts";

/** How many bytes an answer may have on its way, and how many its parts are there. */
export interface Way {
  maxBytes: number;
  rowBytes: (row: Unbinding) => number;
  /** Of all that stays when the rows are taken away. */
  restBytes: (items: readonly object[]) => number;
}

/** What has rows; an error in a batch has none. */
interface WithRows {
  unbindings: readonly Unbinding[];
  count: number;
  truncated: boolean;
}

/** The upstream's texts in an answer, beside its rows. */
const TEXTS: ReadonlySet<string> = new Set([
  "desktop_name",
  "last_user_id",
  "last_user_name",
  "last_user_group",
  "last_type",
]);

/** Such a text is cut to that many characters where it leaves no room even without any row; then shorter. */
const TEXT_LENGTHS = [1024, 128, 16];

/**
 * The same answers, small enough for their way: of each desktop's rows the newest, as many for one as for another as far as
 * they have them, and `truncated` says so. A row that is larger than all the room is cut as the older ones are. No answer
 * is lost: where a single text is larger than the room, the answer's own texts end with an ellipsis.
 */
export function fit<T extends object>(items: readonly T[], way: Way): readonly T[] {
  let fitting = items;
  let room = roomFor(items, way);
  for (const length of TEXT_LENGTHS) {
    if (room >= 0) break;
    fitting = items.map((item) => withShortTexts(item, length));
    room = roomFor(fitting, way);
  }
  const kept = keepRows(fitting, way, room);
  return fitting.map((item, index) => withRows(item, kept[index] as number));
}

function roomFor(items: readonly object[], { maxBytes, restBytes }: Way): number {
  return maxBytes - restBytes(items.map((item) => withRows(item, 0)));
}

/** How many rows each may keep: one round after the other, each takes its next if there is room. */
function keepRows(items: readonly object[], { rowBytes }: Way, room: number): readonly number[] {
  const kept = items.map(() => 0);
  let left = room;
  let open = Array.from(items.keys());
  for (let round = 0; open.length > 0; round++) {
    open = open.filter((index) => {
      const row = rowsOf(items[index])?.unbindings[round];
      const bytes = row === undefined ? Number.POSITIVE_INFINITY : rowBytes(row);
      if (bytes > left) return false;
      left -= bytes;
      kept[index] = round + 1;
      return true;
    });
  }
  return kept;
}

function withRows<T extends object>(item: T, count: number): T {
  const rows = rowsOf(item);
  if (!rows || rows.unbindings.length === count) return item;
  return { ...item, unbindings: rows.unbindings.slice(0, count), count, truncated: true };
}

function withShortTexts<T extends object>(item: T, length: number): T {
  const short = Object.entries(item).flatMap(([name, value]): [string, unknown][] =>
    TEXTS.has(name) && typeof value === "string" && value.length > length
      ? [
          [name, `${cut(value, length)}…`],
          ["truncated", true],
        ]
      : [],
  );
  return { ...item, ...Object.fromEntries(short) };
}

/** Not within a pair of surrogates. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}

function rowsOf(item: object | undefined): WithRows | null {
  return item && "unbindings" in item ? (item as WithRows) : null;
}

/**
 * How many bytes a text has within JSON, quotes included: what `JSON.stringify` would make of it in UTF-8, without making
 * it, which takes many times as long for some megabytes.
 */
export function bytesWithinJson(text: string): number {
  let bytes = 2;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x80)
      bytes += code < 0x20 ? bytesOfControl(code) : code === QUOTE || code === BACKSLASH ? 2 : 1;
    else if (code < 0x800) bytes += 2;
    else if (code < 0xd800 || code > 0xdfff) bytes += 3;
    else if (code < 0xdc00 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
      // A pair of surrogates; half a one is written as an escape.
      bytes += 4;
      at += 1;
    } else bytes += 6;
  }
  return bytes;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** `\b`, `\t`, `\n`, `\f`, `\r`; all others are `\u00xx`. */
function bytesOfControl(code: number): number {
  return code >= 8 && code <= 13 && code !== 11 ? 2 : 6;
}
