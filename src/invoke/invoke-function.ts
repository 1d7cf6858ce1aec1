import middy from "@middy/core";
import type { Context } from "aws-lambda";
import type { Guard } from "../access/guard.ts";
import type { Composed } from "../config/composed.ts";
import type { Config } from "../config/config.ts";
import type { BatchAnswer, Result } from "../contract/answers.ts";
import { asLookupError, LookupError } from "../contract/errors.ts";
import { toProblem } from "../contract/problem.ts";
import { collectingFaults, parseBatchQuery, parseQuery } from "../contract/query.ts";
import { type CallContext, newTrace, requestIdOf } from "../observe/call.ts";
import { levelOf, outcomeFields } from "../observe/request-line.ts";
import { monotonicNow } from "../time/clocks.ts";
import { startDeadline } from "../time/deadline.ts";
import { InvokeError } from "./invoke-error.ts";

/** The parts of a container that this function uses. */
export interface InvokeService {
  config: Pick<Config, "requestBudgetMs">;
  guard: Guard;
  /** Monotonic milliseconds. */
  now: () => number;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
}

type Question = Readonly<Record<string, unknown>>;
type Answer = Result | BatchAnswer;

export type InvokeHandler = (event: unknown, context: Context) => Promise<Answer>;

/** Who may invoke the function is AWS's matter; the policy says what those may ask. */
const CALLER = { kind: "invoke" } as const;

/** Until the configuration is mended, nothing takes longer than to say so. */
const FAULTY_BUDGET_MS = 1000;

/**
 * The `invoke` function: plain in, plain out, for other functions and for state machines.
 *
 * It throws an InvokeError for whatever goes wrong.
 */
export function createInvokeFunction({ service, log }: Composed<InvokeService>): InvokeHandler {
  const now = service?.now ?? monotonicNow;

  async function answer(event: unknown, context?: Context): Promise<Answer> {
    const startedAt = now();
    const { request_id: ownId, desktop_id: desktopId } = isQuestion(event) ? event : {};
    const call: CallContext = {
      requestId: requestIdOf(typeof ownId === "string" ? ownId : undefined, context),
      deadline: startDeadline(
        service?.config.requestBudgetMs ?? FAULTY_BUDGET_MS,
        context?.getRemainingTimeInMillis?.(),
        now,
      ),
      trace: newTrace(),
      traceparent: null,
    };
    const asked = typeof desktopId === "string" ? desktopId : null;
    const note = (error: LookupError | null, desktopId: string | null) =>
      log.request(
        levelOf(error?.status ?? 200, error),
        { function: "invoke", desktop_id: desktopId },
        outcomeFields(call, error, now() - startedAt),
      );
    try {
      // Nothing can be trusted to work; the log says why.
      if (!service) throw new LookupError("INTERNAL");
      const found = await ask(service.guard, event, call, service.wallNow());
      note(call.trace.worst, "results" in found ? null : found.desktop_id);
      return found;
    } catch (thrown) {
      const error = asLookupError(thrown);
      // What is no valid ID is not written down.
      note(error, error.code === "INVALID_REQUEST" ? null : asked);
      throw new InvokeError(toProblem(error, call.requestId));
    }
  }

  // The deadline is ours, as in http/handler.ts.
  return middy(answer as never, { timeoutEarlyInMillis: 0 }) as never;
}

function isQuestion(event: unknown): event is Question {
  return typeof event === "object" && event !== null && !Array.isArray(event);
}

function ask(guard: Guard, event: unknown, call: CallContext, at: number): Promise<Answer> {
  if (!isQuestion(event)) throw new LookupError("INVALID_REQUEST", { errors: [NO_QUESTION] });
  const { request_id: ownId, ...question } = event;
  const faults = ownId === undefined || typeof ownId === "string" ? [] : [NO_ID];
  return "desktop_ids" in question
    ? guard.lookupBatch(
        collectingFaults(faults, () => parseBatchQuery(question, at)),
        CALLER,
        call,
      )
    : guard.lookup(
        collectingFaults(faults, () => parseQuery(question, at)),
        CALLER,
        call,
      );
}

const NO_QUESTION = { field: "event", message: "must be a JSON object" };
const NO_ID = { field: "request_id", message: "must be text" };
