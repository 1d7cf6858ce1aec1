import { createHmac } from "node:crypto";
import type { Table } from "./table.ts";

const KEY = { pk: "watch", sk: "hiding-key" };
const KEY_BYTES = 32;
const ID_DIGITS = 32;

/** An event's ID for those who may not see users: with a list of staff and the key unknown, it tells nobody's. */
export type HideId = (eventId: string) => string;

/**
 * The key is random and never changes, so that an event's hidden ID does not either.
 *
 * @param randomBytes For the key, if there is none yet.
 */
export async function openHiding(table: Table, randomBytes: (count: number) => Buffer): Promise<HideId> {
  const fresh = randomBytes(KEY_BYTES).toString("hex");
  let kept = await table.get<{ key: string }>(KEY);
  if (!kept) {
    await table.put({ ...KEY, data: { key: fresh }, expiresAt: null }, "absent");
    kept = await table.get<{ key: string }>(KEY);
  }
  return hidingWith(kept?.data.key);
}

/** For those who may only read. */
export async function readHiding(table: Table): Promise<HideId> {
  return hidingWith((await table.get<{ key: string }>(KEY))?.data.key);
}

function hidingWith(kept: string | undefined): HideId {
  if (kept === undefined) throw new Error("the key for hidden IDs is not there");
  const key = Buffer.from(kept, "hex");
  return (eventId) => createHmac("sha256", key).update(eventId).digest("hex").slice(0, ID_DIGITS);
}
