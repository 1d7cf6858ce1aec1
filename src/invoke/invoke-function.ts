import type { Context } from "aws-lambda";
import type { Guard } from "../access/guard.ts";
import type { Composed } from "../config/composed.ts";
import type { Config } from "../config/config.ts";
import type { BatchAnswer, Result, Unbinding } from "../contract/answers.ts";
import { DESKTOP_ID } from "../contract/desktop-id.ts";
import { asLookupError, LookupError } from "../contract/errors.ts";
import { fit } from "../contract/fit.ts";
import type { ChangesAnswer, HoldersAnswer, PersonAnswer } from "../contract/ledger-answers.ts";
import { fieldsOf, isObject } from "../contract/object.ts";
import { toProblem } from "../contract/problem.ts";
import { parseBatchQuery, parseQuery } from "../contract/query.ts";
import { type CallContext, openCall, requestIdOf } from "../observe/call.ts";
import { type LambdaFunction, lambdaFunction } from "../observe/lambda-function.ts";
import { levelOf, outcomeFields } from "../observe/request-line.ts";
import { type LedgerQuestion, ledgerQuestionOf, needsLedger } from "../recall/kind.ts";
import type { Asking, OpenRecall } from "../recall/ports.ts";
import { monotonicNow } from "../time/clocks.ts";
import { InvokeError } from "./invoke-error.ts";

/** The parts of a container that this function uses. */
export interface InvokeService {
  config: Pick<Config, "requestBudgetMs">;
  guard: Guard;
  openRecall: OpenRecall | null;
  /** Monotonic milliseconds. */
  now: () => number;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
}

type LedgerAnswer = PersonAnswer | HoldersAnswer | ChangesAnswer;
type Answer = Result | BatchAnswer | LedgerAnswer;

export type InvokeHandler = LambdaFunction<Answer>;

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
    const { request_id: ownId, desktop_id: desktopId } = fieldsOf(event);
    const call = openCall({
      requestId: requestIdOf(typeof ownId === "string" ? ownId : undefined, context),
      budgetMs: service?.config.requestBudgetMs ?? FAULTY_BUDGET_MS,
      context,
      now,
    });
    // What is no valid ID is not written down.
    const asked = typeof desktopId === "string" && DESKTOP_ID.test(desktopId) ? desktopId : null;
    const note = (error: LookupError | null, desktopId: string | null) =>
      log.request(
        levelOf(error?.status ?? 200, error),
        { function: "invoke", desktop_id: desktopId },
        outcomeFields(call, error, now() - startedAt),
      );
    try {
      // Nothing can be trusted to work; the log says why.
      if (!service) throw new LookupError("INTERNAL");
      const found = await ask(service, event, call);
      note(call.trace.worst, "desktop_id" in found ? found.desktop_id : null);
      return found;
    } catch (thrown) {
      const error = asLookupError(thrown);
      note(error, asked);
      throw new InvokeError(toProblem(error, call.requestId));
    }
  }

  return lambdaFunction(answer);
}

async function ask(
  { guard, openRecall, wallNow }: InvokeService,
  event: unknown,
  call: CallContext,
): Promise<Answer> {
  if (!isObject(event)) throw new LookupError("INVALID_REQUEST", { errors: [NO_QUESTION] });
  const { request_id: ownId, ...question } = event;
  const faults = ownId === undefined || typeof ownId === "string" ? [] : [NO_ID];
  const kind = ledgerQuestionOf(question);
  if (kind !== null)
    return askLedger(openRecall, kind, { input: question, known: faults, caller: CALLER, call });
  return fitForLambda(
    "desktop_ids" in question
      ? await guard.lookupBatch(parseBatchQuery(question, wallNow(), faults), CALLER, call)
      : await guard.lookup(parseQuery(question, wallNow(), faults), CALLER, call),
  );
}

async function askLedger(
  openRecall: OpenRecall | null,
  kind: LedgerQuestion,
  asking: Asking,
): Promise<LedgerAnswer> {
  if (!openRecall) throw needsLedger(kind);
  return (await openRecall())[kind](asking);
}

/** Lambda answers with 6 MB at the most. */
const MAX_BYTES = 5_900_000;

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

function fitForLambda(answer: Result | BatchAnswer): Result | BatchAnswer {
  if (bytesOf(answer) <= MAX_BYTES) return answer;
  const way = { maxBytes: MAX_BYTES, rowBytes: (row: Unbinding) => bytesOf(row) + 1 };
  if ("results" in answer) {
    const restBytes = (results: readonly object[]) => bytesOf({ ...answer, results });
    return { ...answer, results: fit(answer.results, { ...way, restBytes }) };
  }
  return fit([answer], { ...way, restBytes: bytesOf })[0] as Result;
}

const NO_QUESTION = { field: "event", message: "must be a JSON object" };
const NO_ID = { field: "request_id", message: "must be text" };
