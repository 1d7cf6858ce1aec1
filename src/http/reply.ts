import { hash } from "node:crypto";
import type { BatchAnswer, BatchItem, Result } from "../contract/answers.ts";
import { bytesWithinJson, fit } from "../contract/fit.ts";
import type { Unbinding } from "../contract/unbinding.ts";
import { toBatchCsv, toCsv, toCsvRow } from "./csv.ts";
import type { MediaType } from "./negotiate.ts";

/** An answer before it takes the shape that its event asks for. Header names in lower case. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** Whether the body is bytes in base64; it is text by default. */
  isBase64Encoded?: boolean;
  /** The same with a body of so many bytes at the most, as they count within JSON; where it can be had. */
  cutTo?: (bytes: number) => Reply;
}

const CONTENT_TYPES: Readonly<Record<MediaType, string>> = {
  "application/json": "application/json; charset=utf-8",
  "text/csv": "text/csv; charset=utf-8; header=present",
};

/** What no shared cache may keep, and no cache at all. */
export const NO_STORE = "no-store";

export function jsonReply(status: number, body: unknown): Reply {
  return textReply(status, JSON.stringify(body));
}

/** @param json Empty for none. */
export function textReply(status: number, json: string): Reply {
  const type = json === "" ? {} : { "content-type": CONTENT_TYPES["application/json"] };
  return { status, headers: { ...type, "cache-control": NO_STORE }, body: json };
}

/** How an answer is written, and how many bytes of that a row makes. */
interface Form {
  write: (answer: never) => string;
  rowBytes: (row: Unbinding) => number;
}

const FORMS: Readonly<Record<MediaType, Form>> = {
  "application/json": {
    write: JSON.stringify,
    rowBytes: (row) => bytesWithinJson(`${JSON.stringify(row)},`),
  },
  "text/csv": {
    write: ({ results }: { results: readonly BatchItem[] }) => toBatchCsv(results),
    rowBytes: (row) => bytesWithinJson(toCsvRow(row)),
  },
};

/** A row stands there twice: as JSON, and as JSON in a text. */
export function mcpForm(write: Form["write"]): Form {
  return {
    write,
    rowBytes(row) {
      const json = `${JSON.stringify(row)},`;
      return bytesWithinJson(json) + bytesWithinJson(JSON.stringify(json));
    },
  };
}

/** An answer to a lookup or a batch as JSON that nobody keeps. */
export function answerReply(
  answer: Result | { results: readonly object[] },
  form = FORMS["application/json"],
): Reply {
  const cut = (bytes: number) =>
    "results" in answer ? fitBatch(answer, bytes, form) : fitResult(answer, bytes, form);
  return {
    ...textReply(200, form.write(answer as never)),
    cutTo: (bytes) => answerReply(cut(bytes), form),
  };
}

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
  const written = mediaType === "text/csv" ? csvOf(result) : jsonOf(result);
  return {
    ...taggedReply(written, mediaType, ifNoneMatch, maxAgeSeconds),
    cutTo: (bytes) =>
      resultReply(fitResult(result, bytes, FORMS[mediaType]), mediaType, ifNoneMatch, maxAgeSeconds),
  };
}

/** What is written, or 304 when the caller has it already. */
export function taggedReply(
  { content, body }: Written,
  mediaType: MediaType,
  ifNoneMatch: string | undefined,
  maxAgeSeconds: number,
): Reply {
  const etag = `"${hash("sha256", mediaType + content, "base64url").slice(0, 32)}"`;
  const headers = {
    "cache-control": `private, max-age=${maxAgeSeconds}`,
    etag,
    vary: "Accept",
  };
  if (matches(ifNoneMatch, etag)) return { status: 304, headers, body: "" };
  return {
    status: 200,
    headers: { "content-type": CONTENT_TYPES[mediaType], ...headers },
    body,
  };
}

/** What an answer says, which its tag covers, and the whole of it. */
export interface Written {
  content: string;
  body: string;
}

function jsonOf(result: Result): Written {
  const body = JSON.stringify(result);
  // When it was said and under which IDs: the last members.
  const { age_seconds, request_id, upstream_request_id } = result;
  const passing = JSON.stringify({ age_seconds, request_id, upstream_request_id });
  return { content: body.slice(0, 1 - passing.length), body };
}

function csvOf({ unbindings }: Result): Written {
  const csv = toCsv(unbindings);
  return { content: csv, body: csv };
}

/** A batch in the negotiated form. No cache keeps the answer to a POST, so it bears no tag. */
export function batchReply(answer: BatchAnswer, mediaType: MediaType): Reply {
  return {
    status: 200,
    headers: { "content-type": CONTENT_TYPES[mediaType], "cache-control": NO_STORE, vary: "Accept" },
    body: mediaType === "text/csv" ? toBatchCsv(answer.results) : JSON.stringify(answer),
    cutTo: (bytes) => batchReply(fitBatch(answer, bytes, FORMS[mediaType]), mediaType),
  };
}

function fitBatch<A extends { results: readonly object[] }>(
  answer: A,
  maxBytes: number,
  { write, rowBytes }: Form,
): A {
  const results = fit(answer.results, {
    maxBytes,
    rowBytes,
    restBytes: (results) => bytesWithinJson(write({ ...answer, results } as never)),
  });
  return { ...answer, results };
}

function fitResult(result: Result, maxBytes: number, form: Form): Result {
  // As one of a batch has it, which is some bytes more.
  const { results } = fitBatch({ results: [{ ok: true, ...result }] }, maxBytes, form);
  const { ok: _ok, ...fitting } = results[0] as Result & { ok: true };
  return fitting;
}

/** Weak comparison, as RFC 9110 (13.1.2) wants it for If-None-Match. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return (ifNoneMatch.match(/(?:W\/)?"[^"]*"/g) ?? []).some((tag) => tag.replace(/^W\//, "") === etag);
}
