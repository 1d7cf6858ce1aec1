import {
  type Headers,
  hmac,
  isEqual,
  isTimely,
  readStamp,
  usable,
  type Verification,
} from "./verification.ts";

const HOUR_MS = 3_600_000;

/**
 * Header `sign`: base64 HMAC over `{timestamp}\n{app secret}`. **It does not cover the body**: nothing in the body may be
 * believed that an allow-list does not admit, and a message is answered once.
 */
export function verifyDingtalk(headers: Headers, appSecrets: readonly string[], now: number): Verification {
  const stamp = headers["timestamp"];
  const signedAt = readStamp(stamp, 1);
  if (signedAt === null) return "bad-scheme";
  if (!isTimely(signedAt, now, HOUR_MS)) return "stale";
  const sign = headers["sign"] ?? "";
  return usable(appSecrets).some((secret) => isEqual(sign, hmac(secret, `${stamp}\n${secret}`, "base64")))
    ? "ok"
    : "mismatch";
}
