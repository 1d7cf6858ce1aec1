import { type Headers, hmac, isEqual, usable, type Verification } from "./verification.ts";

/**
 * `Authorization: HMAC <base64>` over the raw body; the key is the token, decoded. It carries no time: whoever uses this
 * must look at the activity's own.
 *
 * @see https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook
 */
export function verifyTeams(raw: Buffer, headers: Headers, tokens: readonly string[]): Verification {
  const [, given] = /^HMAC ([A-Za-z0-9+/=]+)$/i.exec(headers["authorization"] ?? "") ?? [];
  if (given === undefined) return "bad-scheme";
  const keys = usable(tokens.map((token) => Buffer.from(token, "base64")));
  return keys.some((key) => isEqual(given, hmac(key, raw, "base64"))) ? "ok" : "mismatch";
}
