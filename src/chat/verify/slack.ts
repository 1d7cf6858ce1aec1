import {
  FIVE_MINUTES_MS,
  type Headers,
  hmac,
  isEqual,
  isTimely,
  readStamp,
  usable,
  type Verification,
} from "./verification.ts";

/**
 * `X-Slack-Signature: v0=<hex>` over `v0:{timestamp}:{raw body}`.
 *
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function verifySlack(
  raw: Buffer,
  headers: Headers,
  secrets: readonly string[],
  now: number,
): Verification {
  const stamp = headers["x-slack-request-timestamp"];
  const signedAt = readStamp(stamp, 1000);
  const signature = headers["x-slack-signature"] ?? "";
  if (signedAt === null) return "bad-scheme";
  if (!isTimely(signedAt, now, FIVE_MINUTES_MS)) return "stale";
  const content = Buffer.concat([Buffer.from(`v0:${stamp}:`), raw]);
  return usable(secrets).some((secret) => isEqual(signature, `v0=${hmac(secret, content, "hex")}`))
    ? "ok"
    : "mismatch";
}
