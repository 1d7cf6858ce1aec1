import { createDecipheriv, createHash } from "node:crypto";
import { type Headers, isEqual, isTimely, readStamp, usable, type Verification } from "./verification.ts";

/** Feishu delivers again for over seven hours, and does not say whether with a new time stamp. */
export const FEISHU_WINDOW_MS = 8 * 3_600_000;

/** `X-Lark-Signature`: hex SHA-256 over timestamp, nonce, encrypt key and the raw body, still encrypted. */
export function verifyFeishu(
  raw: Buffer,
  headers: Headers,
  encryptKeys: readonly string[],
  now: number,
  windowMs: number = FEISHU_WINDOW_MS,
): Verification {
  const stamp = headers["x-lark-request-timestamp"];
  const signedAt = readStamp(stamp, 1000);
  if (signedAt === null) return "bad-scheme";
  if (!isTimely(signedAt, now, windowMs)) return "stale";
  const signature = headers["x-lark-signature"] ?? "";
  const nonce = headers["x-lark-request-nonce"] ?? "";
  const isRight = usable(encryptKeys).some((key) =>
    isEqual(signature, createHash("sha256").update(`${stamp}${nonce}${key}`).update(raw).digest("hex")),
  );
  return isRight ? "ok" : "mismatch";
}

/** AES-256-CBC, key = SHA-256 of the encrypt key, the first 16 bytes are the IV. `null` when it cannot be undone. */
export function decryptFeishu(encrypted: string, encryptKeys: readonly string[]): string | null {
  const bytes = Buffer.from(encrypted, "base64");
  for (const encryptKey of usable(encryptKeys)) {
    try {
      const key = createHash("sha256").update(encryptKey).digest();
      const decipher = createDecipheriv("aes-256-cbc", key, bytes.subarray(0, 16));
      return Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString("utf8");
    } catch {
      // Another key may have encrypted it; if none did, the null says so.
    }
  }
  return null;
}
