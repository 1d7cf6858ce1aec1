import type { Caller } from "../access/caller.ts";
import { NO_BODY } from "./event-fields.ts";
import type { Path } from "./paths.ts";

/** One request, whatever shape it came in. */
export interface HttpRequest {
  method: string;
  /** What its path may be of ours, the likeliest first: a base path or a stage may stand before it. */
  paths: readonly Path[];
  /** Names and values in the order given, decoded. */
  query: readonly (readonly [string, string])[];
  /** Names in lower case; the values of a repeated one joined with commas. */
  headers: Readonly<Record<string, string>>;
  /** Decoded from base64 and from nothing else; empty when there is none. */
  body: Buffer;
  caller: Caller;
  /** The gateway's own ID for the request. */
  gatewayRequestId: string | null;
  /** When the gateway received it, in milliseconds since the epoch; `null` where it does not say. */
  receivedAt: number | null;
}

/** Stands in where there was no request. */
export const NO_REQUEST: HttpRequest = {
  method: "GET",
  paths: [],
  query: [],
  headers: {},
  body: NO_BODY,
  caller: { kind: "unnamed" },
  gatewayRequestId: null,
  receivedAt: null,
};
