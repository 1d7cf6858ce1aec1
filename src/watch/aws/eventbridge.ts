import { broken, lost, retry, SENT, type Verdict } from "../../chat/verdict.ts";
import { clip } from "../../contract/plain-text.ts";
import type { LedgerEvent } from "../../ledger/event.ts";
import type { Send } from "../channels/chat-channel.ts";

type Sdk = typeof import("./eventbridge-client.ts");
type EventBridgeClient = InstanceType<Sdk["EventBridgeClient"]>;

/** What PutEvents takes at once. */
export const ENTRIES_AT_ONCE = 10;
/** All entries together may have 256 KB: no text of an event is longer than this. */
const MAX_TEXT = 1000;
const SEND_MS = 5000;
const WAIT_SECONDS = 60;
const SOURCE = "workspace-unbindings";
const DETAIL_TYPE = "Desktop Unbound";

/** What will pass by itself; everything else wants an operator. */
const PASSING = new Set([
  "ThrottlingException",
  "InternalException",
  "InternalFailure",
  "ServiceUnavailable",
]);
/** Nothing went out. */
const NOT_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

/**
 * A bus of EventBridge: one entry for each event. A 200 may hold entries that were not taken.
 *
 * @param bus Name or ARN.
 * @param makeClient For tests: a client of their own.
 */
export function eventBridgeSend(bus: string, makeClient?: (sdk: Sdk) => EventBridgeClient): Send {
  let client: EventBridgeClient | undefined;

  return async ({ events }, time) => {
    if (events.length === 0) return SENT;
    const sdk = await import("./eventbridge-client.ts");
    // A second attempt of the SDK's own would be a second entry on the bus.
    client ??= makeClient ? makeClient(sdk) : new sdk.EventBridgeClient({ maxAttempts: 1 });
    const Entries = events.map((event) => ({
      EventBusName: bus,
      Source: SOURCE,
      DetailType: DETAIL_TYPE,
      Detail: JSON.stringify(bounded(event)),
      Resources: [event.desktop_id],
    }));
    const abortSignal = AbortSignal.timeout(Math.max(1, Math.min(SEND_MS, time.remaining())));
    try {
      const { Entries: taken = [] } = await client.send(new sdk.PutEventsCommand({ Entries }), {
        abortSignal,
      });
      return events.map((_, index) => verdictOf(taken[index]));
    } catch (error) {
      return verdictOfError(error as SdkError);
    }
  };
}

function bounded(event: LedgerEvent): object {
  const texts = Object.entries(event).map(([name, value]) => [
    name,
    typeof value === "string" ? clip(value, MAX_TEXT) : value,
  ]);
  return Object.fromEntries(texts);
}

function verdictOf(
  entry: { EventId?: string | undefined; ErrorCode?: string | undefined } | undefined,
): Verdict {
  if (entry?.EventId) return SENT;
  if (!entry?.ErrorCode) return lost("nothing was said of the entry");
  return failed(entry.ErrorCode);
}

function failed(code: string): Verdict {
  return PASSING.has(code) ? retry(WAIT_SECONDS, code) : broken(code);
}

type SdkError = Error & { code?: string; $metadata?: { httpStatusCode?: number } };

function verdictOfError({ name, code, $metadata: metadata }: SdkError): Verdict {
  const status = metadata?.httpStatusCode;
  if (status !== undefined && status >= 500) return retry(WAIT_SECONDS, name);
  if (status !== undefined && status >= 300) return failed(name);
  return NOT_SENT.has(code ?? "") ? retry(WAIT_SECONDS, code ?? "") : lost(name);
}
