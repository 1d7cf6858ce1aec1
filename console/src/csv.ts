import type { Unbinding } from "./api.ts";

const COLUMNS = [
  "desktop_id",
  "desktop_name",
  "user_id",
  "user_name",
  "user_group",
  "type",
  "unbound_at",
  "detach_time",
] as const;

// A spreadsheet takes a cell that begins so for a formula.
const FORMULA = /^[=+\-@\t\r]/;

/** The rows as the API's own `text/csv` would give them, over all desktops. */
export function toCsv(rows: readonly Unbinding[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(","));
  return [COLUMNS.join(","), ...lines, ""].join("\r\n");
}

function cell(value: string | null): string {
  const text = value === null ? "" : FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
