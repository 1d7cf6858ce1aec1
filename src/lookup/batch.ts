import type { BatchAnswer, BatchItem } from "../contract/answers.ts";
import { asLookupError, type LookupError, throttled } from "../contract/errors.ts";
import { toProblem } from "../contract/problem.ts";
import type { BatchQuery } from "../contract/query.ts";
import { addTrace, type CallContext, newTrace } from "../observe/call.ts";
import { worseOf } from "../observe/worst.ts";
import type { Deadline } from "../time/deadline.ts";
import { createCollection } from "./collect.ts";
import type { Lookup } from "./lookup.ts";
import type { ProfileRef } from "./ports.ts";

export type LookupBatch = (query: BatchQuery, profile: ProfileRef, call: CallContext) => Promise<BatchAnswer>;

export interface BatchParts {
  lookup: Lookup;
  /** How many desktops are asked about at the same time. */
  concurrency: number;
  /** Monotonic milliseconds. */
  now: () => number;
}

/** For what is known already, and nothing else. */
const NO_TIME: Deadline = { remaining: () => 0 };

/**
 * One question about many desktops, answered in the order asked: each well, or with an error of its own. All share
 * one deadline. Once the upstream has limited one of them beyond its patience, those under way are still answered; the
 * rest are answered from what is known or told to wait, and none of them goes out.
 */
export function createBatch({ lookup, concurrency, now }: BatchParts): LookupBatch {
  return async ({ desktopIds, ...options }, profile, call) => {
    const limit = createLimit(now);

    async function answer(desktopId: string): Promise<BatchItem> {
      // Each has its own: side by side in one, they would take each other's cache hits for theirs.
      const trace = newTrace();
      // Those under way keep their time: their answers may be on their way. No other goes out.
      const deadline: Deadline = limit.isSet() ? NO_TIME : call.deadline;
      try {
        const result = await lookup({ desktop: { id: desktopId }, ...options }, profile, {
          ...call,
          deadline,
          trace,
        });
        return { ok: true, ...result };
      } catch (thrown) {
        const error = limit.explain(asLookupError(thrown));
        call.trace.worst = worseOf(call.trace.worst, error);
        return { ok: false, desktop_id: desktopId, ...toProblem(error, call.requestId) };
      } finally {
        addTrace(call.trace, trace);
      }
    }

    const collection = createCollection();
    await eachConcurrently(desktopIds, concurrency, async (desktopId, index) =>
      collection.add(index, await answer(desktopId)),
    );
    const results = collection.all();
    const succeeded = results.filter(({ ok }) => ok).length;
    const failed = results.length - succeeded;
    call.trace.failed = failed;
    return { results, succeeded, failed, request_id: call.requestId };
  };
}

/** Whether the upstream has limited us, and what that makes of the errors that follow. */
function createLimit(now: () => number) {
  let endsAt: number | null = null;
  return {
    isSet: () => endsAt !== null,
    explain(error: LookupError): LookupError {
      if (error.code === "UPSTREAM_THROTTLED") {
        endsAt = Math.max(endsAt ?? 0, now() + (error.retryAfterSeconds ?? 1) * 1000);
      }
      // The time ran out only because the limit took it away.
      if (endsAt === null || error.code !== "DEADLINE_EXCEEDED") return error;
      return throttled(Math.max(1, Math.ceil((endsAt - now()) / 1000)));
    },
  };
}

async function eachConcurrently<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  // One iterator for all: each worker takes the next item.
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) await work(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
}
