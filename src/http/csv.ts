import { UNBINDING_COLUMNS, type Unbinding } from "../unbinding.ts";

type Row = Readonly<Record<string, string | null>>;

/** What came of one desktop: an item of a batch, or a desktop that the console asked for by its name. */
export type TableItem =
  | { ok: true; unbindings: readonly Unbinding[] }
  | { ok: false; desktop_id: string | null; desktop_name?: string; code: string };

/** RFC 4180: a header row, then a row per unbinding, each ended by CRLF; an unknown value is an empty cell. */
export function toCsv(unbindings: readonly Unbinding[]): string {
  return table(UNBINDING_COLUMNS, unbindings);
}

/**
 * One table over all desktops, in the order asked. A desktop that was not answered has a row as well, with the code
 * of its error in a column of its own: left out, it would look like one that nobody was unbound from. A table
 * without that column is complete.
 */
export function toBatchCsv(items: readonly TableItem[]): string {
  const rows = items.flatMap((item): readonly Row[] =>
    item.ok
      ? item.unbindings
      : [
          {
            desktop_id: item.desktop_id,
            desktop_name: item.desktop_name ?? null,
            error_code: item.code,
          },
        ],
  );
  const isComplete = items.every(({ ok }) => ok);
  return table(isComplete ? UNBINDING_COLUMNS : [...UNBINDING_COLUMNS, "error_code"], rows);
}

function table<C extends string>(
  columns: readonly C[],
  rows: readonly Readonly<Partial<Record<C, string | null>>>[],
): string {
  let csv = `${columns.join(",")}\r\n`;
  for (const row of rows) csv += `${columns.map((column) => cell(row[column] ?? null)).join(",")}\r\n`;
  return csv;
}

// A spreadsheet takes a cell that begins so for a formula; a leading apostrophe makes it text.
// https://owasp.org/www-community/attacks/CSV_Injection
const FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;

function cell(value: string | null): string {
  if (value === null) return "";
  const disarmed = FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(disarmed) ? `"${disarmed.replaceAll('"', '""')}"` : disarmed;
}
