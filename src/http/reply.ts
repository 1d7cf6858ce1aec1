import { hash } from "node:crypto";
import type { BatchAnswer } from "../contract/answers.ts";
import type { Result } from "../lookup/lookup.ts";
import { toBatchCsv, toCsv } from "./csv.ts";
import type { MediaType } from "./negotiate.ts";

/** An answer before it takes the shape that its event asks for. Header names in lower case. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** Whether the body is bytes in base64; it is text by default. */
  isBase64Encoded?: boolean;
}

const CONTENT_TYPES: Readonly<Record<MediaType, string>> = {
  "application/json": "application/json; charset=utf-8",
  "text/csv": "text/csv; charset=utf-8; header=present",
};

/** What no shared cache may keep, and no cache at all. */
export const NO_STORE = "no-store";

export function jsonReply(status: number, body: unknown): Reply {
  return {
    status,
    headers: { "content-type": CONTENT_TYPES["application/json"], "cache-control": NO_STORE },
    body: JSON.stringify(body),
  };
}

/** Where a result's last fields begin, which say when and under which IDs it was told: within a text the quotes are escaped. */
const PASSING_FIELDS = ',"age_seconds":';

/**
 * A result in the negotiated form, or 304 when the caller has it already.
 *
 * @param ifNoneMatch The request's `If-None-Match`.
 * @param maxAgeSeconds How long a private cache may keep it.
 */
export function resultReply(
  result: Result,
  mediaType: MediaType,
  ifNoneMatch: string | undefined,
  maxAgeSeconds: number,
): Reply {
  const isCsv = mediaType === "text/csv";
  const body = isCsv ? toCsv(result.unbindings) : JSON.stringify(result);
  // The tag covers what the answer says, not when and under which IDs it was said.
  const content = isCsv ? body : `${body.slice(0, body.lastIndexOf(PASSING_FIELDS))}}`;
  const etag = `"${hash("sha256", mediaType + content, "base64url").slice(0, 32)}"`;
  const headers = {
    "cache-control": `private, max-age=${maxAgeSeconds}`,
    etag,
    vary: "Accept",
  };
  if (matches(ifNoneMatch, etag)) return { status: 304, headers, body: "" };
  return { status: 200, headers: { "content-type": CONTENT_TYPES[mediaType], ...headers }, body };
}

/** A batch in the negotiated form. No cache keeps the answer to a POST, so it bears no tag. */
export function batchReply(answer: BatchAnswer, mediaType: MediaType): Reply {
  return {
    status: 200,
    headers: { "content-type": CONTENT_TYPES[mediaType], "cache-control": NO_STORE, vary: "Accept" },
    body: mediaType === "text/csv" ? toBatchCsv(answer.results) : JSON.stringify(answer),
  };
}

/** Weak comparison, as RFC 9110 (13.1.2) wants it for If-None-Match. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return (ifNoneMatch.match(/(?:W\/)?"[^"]*"/g) ?? []).some((tag) => tag.replace(/^W\//, "") === etag);
}
