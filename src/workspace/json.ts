import { isUtf8 } from "node:buffer";

/** A body that is JSON. */
export interface ParsedBody {
  value: unknown;
  text: string;
  /** Whether all of it was UTF-8. If not, its texts are not to be trusted. */
  isUtf8: boolean;
}

/** The body as JSON, with or without a byte order mark; `null` when there is none or it is something else. */
export function parseBody(body: Buffer | null): ParsedBody | null {
  if (body === null) return null;
  const decoded = body.toString("utf8");
  const text = decoded.charCodeAt(0) === 0xfeff ? decoded.slice(1) : decoded;
  try {
    return { value: parseKeepingDigits(text), text, isUtf8: isUtf8(body) };
  } catch {
    // Whoever asks knows from the null that it is no JSON; the parser's message would quote the body.
    return null;
  }
}

// Stryker disable next-line Regex: a number that is taken for a long one costs time and nothing else
const LONG_NUMBER = /[:[,\s]-?\d{16}/;
const INTEGER = /^-?\d+$/;

// A reviver costs several times what parsing does: only a body with a number that would lose digits pays for it.
function parseKeepingDigits(text: string): unknown {
  return LONG_NUMBER.test(text) ? JSON.parse(text, keepDigits as Reviver) : JSON.parse(text);
}

/** As TypeScript knows it; Node gives the number's text as well. */
type Reviver = (key: string, value: unknown) => unknown;

/** An integer beyond 2^53 becomes its digits as text. What is no number has no source that looks like one. */
function keepDigits(_key: string, value: unknown, { source }: { source: string }): unknown {
  return !Number.isSafeInteger(value) && INTEGER.test(source) ? source : value;
}
