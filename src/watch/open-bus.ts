import { ENTRIES_AT_ONCE, eventBridgeSend } from "./aws/eventbridge.ts";
import type { Channel } from "./channel.ts";

/** The bus, which is no part of the secret. */
export function openBus(bus: string, hidesUsers: boolean): Channel {
  return {
    key: "bus",
    name: "eventbridge",
    watches: () => true,
    hidesUsers,
    hasReaders: false,
    isIdempotent: false,
    most: { events: ENTRIES_AT_ONCE, atOnce: 1 },
    send: eventBridgeSend(bus),
  };
}
