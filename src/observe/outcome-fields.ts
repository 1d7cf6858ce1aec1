import type { LogLevel } from "../config.ts";
import type { LookupError } from "../errors.ts";
import type { CallContext } from "../ports.ts";
import { describeCause, type LogFields } from "./log.ts";
import { traceFields } from "./trace-fields.ts";

/** What the one line of a request says, whichever entry it came by. */
export function outcomeFields(call: CallContext, error: LookupError | null, durationMs: number): LogFields {
  return {
    request_id: call.requestId,
    traceparent: call.traceparent,
    outcome: error ? "error" : "ok",
    code: error?.code ?? null,
    ...traceFields(call.trace),
    duration_ms: Math.round(durationMs),
    cause: error?.cause === undefined ? null : describeCause(error.cause),
  };
}

/** A caller's mistake is no trouble of ours; a bug is. */
export function levelOf(status: number, error: LookupError | null): LogLevel {
  if (status < 500) return "info";
  return error?.code === "INTERNAL" ? "error" : "warn";
}
