import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { isEqual, type Verification } from "../verification.ts";

export interface WecomKeys {
  token: string;
  /** 43 characters of base64. */
  encodingAesKey: string;
  /** The corp ID, or the app's ID: who the message must be for. */
  receiveId: string;
}

/** `msg_signature`: hex SHA-1 over token, timestamp, nonce and the encrypted text, sorted and joined. */
export function verifyWecom(
  query: Readonly<Record<string, string>>,
  encrypted: string,
  { token }: Pick<WecomKeys, "token">,
): Verification {
  if (token === "") return "mismatch";
  const expected = signWecom(token, query["timestamp"] ?? "", query["nonce"] ?? "", encrypted);
  return isEqual(query["msg_signature"] ?? "", expected) ? "ok" : "mismatch";
}

export function signWecom(token: string, timestamp: string, nonce: string, encrypted: string): string {
  return createHash("sha1").update([token, timestamp, nonce, encrypted].sort().join("")).digest("hex");
}

const IV_BYTES = 16;
const RANDOM_BYTES = 16;
const LENGTH_BYTES = 4;

/**
 * AES-256-CBC: 16 random bytes, the length, the message, the receiver's ID, padded to multiples of 32 bytes. `null` when
 * it cannot be undone, or is for somebody else.
 */
export function decryptWecom(encrypted: string, { encodingAesKey, receiveId }: WecomKeys): string | null {
  try {
    const key = Buffer.from(`${encodingAesKey}=`, "base64");
    const decipher = createDecipheriv("aes-256-cbc", key, key.subarray(0, IV_BYTES)).setAutoPadding(false);
    const padded = Buffer.concat([decipher.update(encrypted, "base64"), decipher.final()]);
    const plain = padded.subarray(0, padded.length - (padded.at(-1) ?? 0));
    const start = RANDOM_BYTES + LENGTH_BYTES;
    const end = start + plain.readUInt32BE(RANDOM_BYTES);
    const isForUs = end <= plain.length && isEqual(plain.subarray(end).toString("utf8"), receiveId);
    return isForUs ? plain.subarray(start, end).toString("utf8") : null;
  } catch {
    // A wrong key, a wrong length, a cut text: none of them is a message for us.
    return null;
  }
}

const PAD_TO_BYTES = 32;

/** The same the other way round, for the answer. */
export function encryptWecom(
  message: string,
  { encodingAesKey, receiveId }: WecomKeys,
  random: Buffer,
): string {
  const key = Buffer.from(`${encodingAesKey}=`, "base64");
  const text = Buffer.from(message);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(text.length);
  const content = Buffer.concat([random.subarray(0, RANDOM_BYTES), length, text, Buffer.from(receiveId)]);
  const missing = PAD_TO_BYTES - (content.length % PAD_TO_BYTES);
  const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, IV_BYTES)).setAutoPadding(false);
  return Buffer.concat([
    cipher.update(content),
    cipher.update(Buffer.alloc(missing, missing)),
    cipher.final(),
  ]).toString("base64");
}
