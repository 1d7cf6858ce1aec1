import { readInstant, rewriteInstant } from "../time/instant.ts";
import type { Unbinding } from "./answers.ts";
import { isObject } from "./object.ts";

export type { Unbinding };

/** The columns of an unbinding, in the order in which they are shown. */
export const UNBINDING_COLUMNS = [
  "desktop_id",
  "desktop_name",
  "user_id",
  "user_name",
  "user_group",
  "type",
  "unbound_at",
  "detach_time",
] as const satisfies readonly (keyof Unbinding)[];

/** An unbinding with its instant beside it, so that sorting and filtering read no text. */
export interface TimedUnbinding {
  row: Unbinding;
  /** Milliseconds since the epoch, or `null` when the time cannot be read. */
  at: number | null;
}

/** Thrown for a row that is not of the documented shape; says which row and field, never a value. */
export class MalformedRow extends Error {
  override readonly name = "MalformedRow";
}

/**
 * The upstream's rows as unbindings: newest first, unreadable times last in the order received.
 *
 * @param rows The elements of `desktop_detach_infos`.
 * @throws MalformedRow when an element is no object, or a field is neither text nor number.
 */
export function toUnbindings(rows: readonly unknown[]): TimedUnbinding[] {
  return rows.map(toUnbinding).sort(newestFirst);
}

function toUnbinding(row: unknown, index: number): TimedUnbinding {
  if (!isObject(row)) throw new MalformedRow(`row ${index} is no object`);
  const fields = row;
  const detachTime = timeText(fields["detach_time"], index);
  const at = detachTime === null ? null : readInstant(detachTime);
  return {
    row: {
      desktop_id: text(fields["desktop_id"], "desktop_id", index),
      desktop_name: text(fields["desktop_name"], "desktop_name", index),
      user_id: text(fields["user_id"], "user_id", index),
      user_name: text(fields["user_name"], "user_name", index),
      user_group: text(fields["user_group"], "user_group", index),
      type: text(fields["type"], "type", index),
      unbound_at: at === null ? null : rewriteInstant(detachTime as string, at),
      detach_time: detachTime,
    },
    at,
  };
}

function text(value: unknown, name: string, index: number): string | null {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return null;
  if (typeof value === "number") return digits(value);
  throw new MalformedRow(`row ${index}: ${name} is neither text nor number`);
}

/** A request does not fail because of a time: what is no text is shown as JSON writes it. */
function timeText(value: unknown, index: number): string | null {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return null;
  if (typeof value === "number") return digits(value);
  try {
    return JSON.stringify(value);
  } catch {
    // JSON.parse reads what is nested thousands deep, JSON.stringify does not write it.
    throw new MalformedRow(`row ${index}: detach_time is nested too deep`);
  }
}

/** An integer in decimal digits, never with an exponent; another number as JavaScript writes it. */
function digits(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}

/** Where a time that cannot be read is sorted: before every instant that can be written. */
const BEFORE_ALL = Number.MIN_SAFE_INTEGER;

// Array.prototype.sort is stable, so equal times and unreadable ones keep the order received.
function newestFirst(a: TimedUnbinding, b: TimedUnbinding): number {
  return (b.at ?? BEFORE_ALL) - (a.at ?? BEFORE_ALL);
}
