import { hash } from "node:crypto";
import { LookupError } from "../contract/errors.ts";

/** Where a page ended. It is tied to its question, and grants nothing: whoever has it is asked for permission at every page. */
export type Cursor = readonly (string | number)[];

const VERSION = 1;

/** What a cursor belongs to: another question cannot be gone on with. */
export function tieOf(...question: readonly unknown[]): string {
  return hash("sha256", JSON.stringify([VERSION, ...question]), "base64url").slice(0, 16);
}

export function writeCursor(tie: string, place: Cursor): string {
  return Buffer.from(JSON.stringify([tie, ...place])).toString("base64url");
}

/** @throws LookupError INVALID_REQUEST when it is none of ours, or another question's. */
export function readCursor(text: string, tie: string): Cursor {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text) throw invalidCursor("is not one that was given out");
  let parts: unknown;
  try {
    parts = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw invalidCursor("is not one that was given out");
  }
  if (!Array.isArray(parts) || parts.some((part) => typeof part !== "string" && typeof part !== "number"))
    throw invalidCursor("is not one that was given out");
  const [own, ...place] = parts as (string | number)[];
  if (own !== tie) throw invalidCursor("belongs to another question or profile");
  return place;
}

export function invalidCursor(message: string): LookupError {
  return new LookupError("INVALID_REQUEST", { errors: [{ field: "cursor", message }] });
}
