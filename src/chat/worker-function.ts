import type { Context } from "aws-lambda";
import { asLookupError, LookupError } from "../contract/errors.ts";
import { type CallContext, openCall } from "../observe/call.ts";
import { type LambdaFunction, lambdaFunction } from "../observe/lambda-function.ts";
import { levelOf, outcomeFields } from "../observe/request-line.ts";
import { startDeadline } from "../time/deadline.ts";
import { isAllowed } from "./admission.ts";
import type { Card } from "./card.ts";
import { faultCard } from "./cards.ts";
import type { Chat, ChatFunctionParts, ChatService } from "./chat-parts.ts";
import { callerOf, presentationOf } from "./context.ts";
import { type Job, jobSchema } from "./job.ts";
import type { Deliver, Platform } from "./platform.ts";
import { PLATFORMS } from "./platforms.ts";
import { PostFailed } from "./post.ts";
import { refuse } from "./refusal.ts";

export type WorkerHandler = LambdaFunction<void>;

/** What is kept for sending when a lookup takes all its time. */
const DELIVERY_MS = 3000;
/** Outside Lambda, nobody says how long it may take. */
const UNTOLD_MS = 30_000;

/**
 * The function `chat-worker`: answers a message for which the platform would not wait, and sends the answer. `chat` alone
 * invokes it, asynchronously.
 *
 * Whatever goes wrong with the lookup is told to the person. It throws only when the answer could not be sent: Lambda then
 * hands the event to the failure destination.
 */
export function createWorkerFunction({ service, chat, log }: ChatFunctionParts): WorkerHandler {
  async function answer(event: unknown, context?: Context): Promise<void> {
    // Nothing can be trusted to work; the log says why.
    if (!service) throw new LookupError("INTERNAL");
    const { now, config } = service;
    const startedAt = now();
    const { job, platform, deliver } = readJob(event);
    const whole = startDeadline(UNTOLD_MS, context?.getRemainingTimeInMillis?.(), now);
    const budgetMs = Math.min(config.requestBudgetMs, whole.remaining() - DELIVERY_MS);
    const call = openCall({ requestId: job.requestId, budgetMs, now });
    // Lambda may hand over an event twice.
    if (job.message.id !== null && !(await chat.claims.take(`late:${platform.name}:${job.message.id}`)))
      return;
    let error: LookupError | null = null;
    try {
      const said = await say(job, platform, service, chat, call);
      error = said.error;
      await deliver(said.card, job.message.returnTo, said.section, chat.tools, whole);
    } catch (thrown) {
      // That a platform did not take it is no fault of ours; the failure destination has an alarm of its own.
      if (!(thrown instanceof PostFailed)) error = new LookupError("INTERNAL", { cause: thrown });
      log.warn("late_answer_failed", { request_id: call.requestId, reason: reasonOf(thrown) });
      throw thrown;
    } finally {
      log.request(
        levelOf(error?.status ?? 200, error),
        { function: "chat-worker" },
        outcomeFields(call, error, now() - startedAt),
      );
    }
  }

  return lambdaFunction(answer);
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof PostFailed ? thrown.message : "a fault of ours";
}

interface LateAnswer {
  card: Card;
  error: LookupError | null;
  /** What the chat secret has for the platform. */
  section: unknown;
}

/** What there is to say, come what may. */
async function say(
  { message }: Job,
  platform: Platform,
  { log }: ChatService,
  { config, secret, converse }: Chat,
  call: CallContext,
): Promise<LateAnswer> {
  const presentation = presentationOf(platform, message, config, call.requestId);
  const caller = callerOf(platform, message);
  let section: unknown;
  try {
    const { value: keys } = await secret.latest(call.deadline);
    section = keys.sectionOf(platform);
    // Who was admitted a moment ago may have been taken off the list.
    const { card, error } = isAllowed(keys.channelOf(platform).allow, message.sender)
      ? await converse(message.text, caller, presentation, platform.rows, call)
      : refuse(caller, presentation, call, log.audit);
    return { card, error, section };
  } catch (thrown) {
    const error = asLookupError(thrown);
    return { card: faultCard(error, presentation), error, section };
  }
}

/** @throws LookupError INVALID_REQUEST: no job of ours, an HTTP request for one. */
function readJob(event: unknown): { job: Job; platform: Platform; deliver: Deliver } {
  const { data: job } = jobSchema.safeParse(event);
  const platform = PLATFORMS.find(({ name }) => name === job?.platform);
  if (job && platform?.deliver) return { job, platform, deliver: platform.deliver };
  throw new LookupError("INVALID_REQUEST", { errors: [{ field: "event", message: "is no job of chat's" }] });
}
