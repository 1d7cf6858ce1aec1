import { UNBINDING_COLUMNS, type Unbinding } from "../contract/unbinding.ts";

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

/** One unbinding's row, for those who count its bytes. */
export function toCsvRow(unbinding: Unbinding): string {
  return line(UNBINDING_COLUMNS, unbinding);
}

type Cells<C extends string> = Readonly<Partial<Record<C, string | null>>>;

export function table<C extends string>(columns: readonly C[], rows: readonly Cells<C>[]): string {
  let csv = `${columns.join(",")}\r\n`;
  for (const row of rows) csv += line(columns, row);
  return csv;
}

function line<C extends string>(columns: readonly C[], row: Cells<C>): string {
  return `${columns.map((column) => cell(row[column] ?? null)).join(",")}\r\n`;
}

// A spreadsheet takes a cell that begins so for a formula, in full-width forms as well, and some pass over a control
// character before it; a leading apostrophe makes it text.
// https://owasp.org/www-community/attacks/CSV_Injection
const FORMULA = /^[\x00-\x1f\x7f-\x9f=+\-@\uff1d\uff0b\uff0d\uff20]/;
const NEEDS_QUOTES = /[",\r\n]/;

function cell(value: string | null): string {
  if (value === null) return "";
  const disarmed = FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(disarmed) ? `"${disarmed.replaceAll('"', '""')}"` : disarmed;
}
