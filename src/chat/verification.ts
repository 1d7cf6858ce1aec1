import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * What a verifier makes of a request. Why it was refused is for tests and for the log: a sender is told nothing.
 *
 * - `bad-scheme`: the signature is not of the form that this scheme has.
 * - `stale`: signed outside the clock window, too early or too late.
 */
export type Verification = "ok" | "mismatch" | "stale" | "bad-scheme";

/** Header names in lower case. */
export type HeaderValues = Readonly<Record<string, string>>;

/** Slack's and Standard Webhooks' clock window, either side. */
export const FIVE_MINUTES_MS = 300_000;

/** Compares in constant time; texts of different lengths are unequal, and an empty one equals nothing. */
export function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && a.length > 0 && timingSafeEqual(a, b);
}

export function hmac(key: string | Buffer, content: string | Buffer, encoding: "hex" | "base64"): string {
  return createHmac("sha256", key).update(content).digest(encoding);
}

/** Keys that sign: an HMAC with an empty key can be computed by anyone. */
export function usable<K extends string | Buffer>(keys: readonly K[]): K[] {
  return keys.filter((key) => key.length > 0);
}

const DIGITS = /^\d{1,15}$/;

/** A time stamp in digits, as milliseconds since the epoch; `null` when it is none. */
export function readStamp(text: string | undefined, unitMs: 1 | 1000): number | null {
  return text !== undefined && DIGITS.test(text) ? Number(text) * unitMs : null;
}

/** A future stamp is as suspicious as an old one: it would stay good for longer than it should. */
export function isTimely(stamp: number, now: number, windowMs: number): boolean {
  return Math.abs(now - stamp) <= windowMs;
}
