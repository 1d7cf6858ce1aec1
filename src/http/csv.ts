import { UNBINDING_COLUMNS, type Unbinding } from "../unbinding.ts";

/** RFC 4180: a header row, then a row per unbinding, each ended by CRLF; an unknown value is an empty cell. */
export function toCsv(unbindings: readonly Unbinding[]): string {
  let csv = `${UNBINDING_COLUMNS.join(",")}\r\n`;
  for (const row of unbindings)
    csv += `${UNBINDING_COLUMNS.map((column) => cell(row[column])).join(",")}\r\n`;
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
