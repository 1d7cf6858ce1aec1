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
 * Standard Webhooks 1.0: `webhook-signature` is a list of `v1,<base64>` over `{id}.{timestamp}.{raw body}`; any one may
 * match, so that a sender can rotate its secret. Unknown versions are passed over.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function verifyStandardWebhook(
  raw: Buffer,
  headers: Headers,
  secrets: readonly string[],
  now: number,
): Verification {
  const { "webhook-id": id = "", "webhook-timestamp": stamp, "webhook-signature": list = "" } = headers;
  const signedAt = readStamp(stamp, 1000);
  if (id === "" || signedAt === null) return "bad-scheme";
  if (!isTimely(signedAt, now, FIVE_MINUTES_MS)) return "stale";
  const content = Buffer.concat([Buffer.from(`${id}.${stamp}.`), raw]);
  const keys = usable(secrets.map((secret) => Buffer.from(secret.replace(/^whsec_/, ""), "base64")));
  const expected = keys.map((key) => `v1,${hmac(key, content, "base64")}`);
  const given = list.split(" ");
  return expected.some((signature) => given.some((each) => isEqual(each, signature))) ? "ok" : "mismatch";
}

/** GitHub's `X-Hub-Signature-256: sha256=<hex>` over the raw body. It carries no time. */
export function verifyHubSignature(raw: Buffer, headers: Headers, secrets: readonly string[]): Verification {
  const given = headers["x-hub-signature-256"] ?? "";
  if (!given.startsWith("sha256=")) return "bad-scheme";
  return usable(secrets).some((secret) => isEqual(given, `sha256=${hmac(secret, raw, "hex")}`))
    ? "ok"
    : "mismatch";
}
