import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/**
 * WeCom's own side of its encryption, written apart from the one in `src`: a fault there finds no partner here.
 *
 * @see https://developer.work.weixin.qq.com/document/path/90968
 */

const RANDOM_BYTES = 16;
const LENGTH_BYTES = 4;
const PAD_TO_BYTES = 32;

/** @param aesKey The 43 characters that WeCom shows. */
export function encryptWecom(message: string, aesKey: string, receiver: string): string {
  const text = Buffer.from(message);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(text.length);
  const plain = Buffer.concat([randomBytes(RANDOM_BYTES), length, text, Buffer.from(receiver)]);
  const missing = PAD_TO_BYTES - (plain.length % PAD_TO_BYTES);
  const { key, iv } = keyOf(aesKey);
  const cipher = createCipheriv("aes-256-cbc", key, iv).setAutoPadding(false);
  const padded = Buffer.concat([plain, Buffer.alloc(missing, missing)]);
  return Buffer.concat([cipher.update(padded), cipher.final()]).toString("base64");
}

export function decryptWecom(encrypted: string, aesKey: string): { message: string; receiver: string } {
  const { key, iv } = keyOf(aesKey);
  const decipher = createDecipheriv("aes-256-cbc", key, iv).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(encrypted, "base64"), decipher.final()]);
  const start = RANDOM_BYTES + LENGTH_BYTES;
  const end = start + padded.readUInt32BE(RANDOM_BYTES);
  return {
    message: padded.toString("utf8", start, end),
    receiver: padded.toString("utf8", end, padded.length - (padded.at(-1) ?? 0)),
  };
}

export function signatureOfWecom(token: string, timestamp: string, nonce: string, encrypted: string): string {
  const parts = [token, timestamp, nonce, encrypted].sort();
  return createHash("sha1").update(parts.join("")).digest("hex");
}

function keyOf(aesKey: string): { key: Buffer; iv: Buffer } {
  const key = Buffer.from(`${aesKey}=`, "base64");
  return { key, iv: key.subarray(0, 16) };
}
