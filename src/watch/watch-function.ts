import middy from "@middy/core";
import type { Context } from "aws-lambda";
import type { Composed } from "../config/composed.ts";
import { asLookupError, LookupError } from "../contract/errors.ts";
import { toProblem } from "../contract/problem.ts";
import { InvokeError } from "../invoke/invoke-error.ts";
import { type CallContext, newTrace, requestIdOf } from "../observe/call.ts";
import type { LogFields } from "../observe/log-fields.ts";
import { levelOf, outcomeFields } from "../observe/request-line.ts";
import { monotonicNow } from "../time/clocks.ts";
import { startDeadline } from "../time/deadline.ts";
import type { RunSummary, WatchParts } from "./ports.ts";
import { type WatchOutcome, watch } from "./watch.ts";

export interface WatchAnswer {
  runs: RunSummary[];
}

export type WatchHandler = (event: unknown, context: Context) => Promise<WatchAnswer>;

const MINUTE_MS = 60_000;

/**
 * The function `watch`: one run, whatever the event; the schedule's is `{}`.
 *
 * It throws an InvokeError where nothing could be told, or nothing watched.
 */
export function createWatchFunction({ service: parts, log }: Composed<WatchParts>): WatchHandler {
  const now = parts?.now ?? monotonicNow;

  async function run(_event: unknown, context?: Context): Promise<WatchAnswer> {
    const startedAt = now();
    const minutes = parts?.settings.minutes ?? 1;
    const remainingMs = context?.getRemainingTimeInMillis?.() ?? minutes * MINUTE_MS;
    const call: CallContext = {
      requestId: requestIdOf(undefined, context),
      deadline: startDeadline(remainingMs, undefined, now),
      trace: newTrace(),
      traceparent: null,
    };
    let error: LookupError | null = null;
    let outcome: WatchOutcome | null = null;
    try {
      // Nothing can be trusted to work; the log says why.
      if (!parts) throw new LookupError("INTERNAL");
      outcome = await watch(parts, call, remainingMs);
      error = outcome?.error ?? null;
    } catch (thrown) {
      error = asLookupError(thrown);
    }
    const facts = { function: "watch", ...(outcome ? factsOf(outcome) : {}) };
    log.request(levelOf(error?.status ?? 200, error), facts, outcomeFields(call, error, now() - startedAt));
    if (error) throw new InvokeError(toProblem(error, call.requestId));
    return { runs: outcome?.runs ?? [] };
  }

  // The deadline is ours, as in http/handler.ts.
  return middy(run as never, { timeoutEarlyInMillis: 0 }) as never;
}

/** What the line of a run says: all profiles together. The heartbeat is made of `complete`, the alarms of the rest. */
function factsOf({ runs, ...outcome }: WatchOutcome): LogFields {
  const sum = (field: Exclude<keyof RunSummary, "profile" | "complete">) =>
    runs.reduce((total, run) => total + run[field], 0);
  return {
    desktops: sum("desktops"),
    lost: sum("lost"),
    checked: sum("checked"),
    events: sum("events"),
    told: sum("told"),
    uncertain: sum("uncertain"),
    broken: sum("broken"),
    calls: sum("calls"),
    complete: runs.length > 0 && runs.every(({ complete }) => complete),
    refused: outcome.refused,
    given_up: outcome.givenUp,
    blind: outcome.blind,
    failing_channels: outcome.failingChannels,
    outbox_age_seconds: outcome.outboxAgeSeconds,
  };
}
