import type { Unbinding } from "../../src/contract/answers.ts";

/**
 * A row's own ID: the first 32 hexadecimal digits of SHA-256 over `[profile, desktop_id, user_id, type, detach_time]`. The
 * same record has the same ID whenever it is looked up, and wherever else this project names it.
 */
export async function rowId(profile: string, row: Unbinding): Promise<string> {
  const parts = [profile, row.desktop_id, row.user_id, row.type, row.detach_time];
  const bytes = new TextEncoder().encode(JSON.stringify(parts));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
