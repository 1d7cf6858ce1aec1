import { isUtf8 } from "node:buffer";

/** A body that is JSON. */
export interface ParsedBody {
  value: unknown;
  text: string;
  /** Whether all of it was UTF-8. If not, its texts are not to be trusted. */
  isUtf8: boolean;
}

/** The body as JSON, with or without a byte order mark; `null` when there is none, or it is too dense or something else. */
export function parseBody(body: Buffer | null): ParsedBody | null {
  if (body === null || isTooDense(body)) return null;
  const decoded = body.toString("utf8");
  const text = decoded.charCodeAt(0) === 0xfeff ? decoded.slice(1) : decoded;
  try {
    return { value: parseExactly(text), text, isUtf8: isUtf8(body) };
  } catch {
    // The parser's message would quote the body.
    return null;
  }
}

/** A smaller body cannot hold more than the parser makes in a fraction of a second, whatever it consists of. */
const SMALL_BYTES = 1024 * 1024;
/** Objects, lists and members of them: 20,000 rows of 7 fields have 160,001, which leaves room for fields to come. */
const MAX_PARTS = 300_000;
const PART_MARKS = [...Buffer.from("{[,")];

/**
 * Whether the body may hold more parts than a call has memory and time for: 8 MiB of `{},` are 2.8 million objects, which
 * take 800 MB. Marks inside texts count as well, since telling them apart would cost more than it is worth.
 */
function isTooDense(body: Buffer): boolean {
  if (body.length <= SMALL_BYTES) return false;
  let parts = 0;
  for (const mark of PART_MARKS) {
    for (let at = body.indexOf(mark); at !== -1; at = body.indexOf(mark, at + 1)) {
      if (++parts > MAX_PARTS) return true;
    }
  }
  return false;
}

// Stryker disable next-line Regex: a number that is taken for an unusual one costs time and nothing else
const UNUSUAL_NUMBER = /[:[,\s]-?(?:\d{16}|\d[\d.]*[eE]\+?\d{3})/;

/** Numbers that JavaScript cannot hold become their text. Nearly no body has any, and only those pay for the closer look. */
function parseExactly(text: string): unknown {
  return JSON.parse(UNUSUAL_NUMBER.test(text) ? quoteUnsafeNumbers(text) : text);
}

/** What stands between two texts and is long enough to be such a number. */
const LONG_TOKEN = /[-+.\w]{5,}/g;
// As JSON writes them: quotes would make what is no number valid.
const LONG_INTEGER = /^-?[1-9]\d{15,}$/;
const LARGE_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?[eE]\+?\d{3,}$/;

/** The same JSON with quotes around integers beyond 2^53 and numbers beyond all bounds. Not by a reviver: that takes 1.3 GB. */
function quoteUnsafeNumbers(text: string): string {
  const parts: string[] = [];
  let copied = 0;
  for (let from = 0; from < text.length; ) {
    const open = text.indexOf('"', from);
    const end = open === -1 ? text.length : open;
    if (end - from >= "1e400".length) {
      const between = text.slice(from, end);
      const quoted = between.replace(LONG_TOKEN, quoteUnsafe);
      if (quoted !== between) {
        parts.push(text.slice(copied, from), quoted);
        copied = end;
      }
    }
    from = open === -1 ? end : endOfText(text, open);
  }
  return parts.join("") + text.slice(copied);
}

function quoteUnsafe(token: string): string {
  const isUnsafe =
    (LONG_INTEGER.test(token) && !Number.isSafeInteger(Number(token))) ||
    (LARGE_NUMBER.test(token) && !Number.isFinite(Number(token)));
  return isUnsafe ? `"${token}"` : token;
}

/** Behind the quote that ends the text which begins at `open`; the end of all where none does. */
function endOfText(text: string, open: number): number {
  let close = text.indexOf('"', open + 1);
  while (close !== -1 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
  return close === -1 ? text.length : close + 1;
}

function isEscaped(text: string, quote: number): boolean {
  let at = quote;
  while (text[at - 1] === "\\") at -= 1;
  return (quote - at) % 2 === 1;
}

/** The keys of the object that the text of valid JSON is, each as often as it is there: JSON.parse keeps the last of equals. */
export function topLevelKeys(text: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const mark = text[at];
    if (mark === "{" || mark === "[") depth += 1;
    else if (mark === "}" || mark === "]") depth -= 1;
    else if (mark === '"') {
      const end = endOfText(text, at);
      if (depth === 1 && isKey(text, end)) keys.push(JSON.parse(text.slice(at, end)));
      at = end - 1;
    }
  }
  return keys;
}

/** Whether the text that ends there is followed by a colon. */
function isKey(text: string, end: number): boolean {
  let at = end;
  while (" \t\r\n".includes(text[at] ?? "-")) at += 1;
  return text[at] === ":";
}
