import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { asLookupError, LookupError } from "../contract/errors.ts";
import { type CallContext, newTrace } from "../observe/call.ts";
import { levelOf, outcomeFields } from "../observe/request-line.ts";
import { startDeadline } from "../time/deadline.ts";
import { isAdmitted, refuseAdmission } from "./admission.ts";
import type { Card } from "./card.ts";
import { faultCard } from "./cards.ts";
import type { Chat, ChatFunctionParts, ChatService } from "./chat-parts.ts";
import { callerOf, presentationOf } from "./context.ts";
import { type Job, jobSchema } from "./job.ts";
import type { Channel, Deliver, Platform } from "./platform.ts";
import { PLATFORMS } from "./platforms.ts";
import { explain, type NotSent } from "./verdict.ts";

export type WorkerHandler = (event: unknown, context: Context) => Promise<void>;

/** What is kept for sending when a lookup takes all its time. */
const DELIVERY_MS = 3000;
/** Outside Lambda, nobody says how long it may take. */
const UNTOLD_MS = 30_000;

/** Why a late answer did not get where it should. Holds no URL: that is a key by itself. */
class NotDelivered extends Error {
  override readonly name = "NotDelivered";

  constructor(verdict: NotSent) {
    super(explain(verdict));
  }
}

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
    const { job, platform } = readJob(event);
    const whole = startDeadline(UNTOLD_MS, context?.getRemainingTimeInMillis?.(), now);
    const call: CallContext = {
      requestId: job.requestId,
      deadline: startDeadline(
        Math.min(config.requestBudgetMs, whole.remaining() - DELIVERY_MS),
        undefined,
        now,
      ),
      trace: newTrace(),
      traceparent: null,
    };
    // Lambda may hand over an event twice.
    if (job.message.id !== null && !(await chat.claims.claim(`late:${platform.name}:${job.message.id}`)))
      return;
    let error: LookupError | null = null;
    try {
      const channel = await openChannel(platform, chat, call);
      const deliver = deliveryOf(platform, channel, chat);
      const late = await answerLate({ job, platform, channel, service, chat, call });
      error = late.error;
      const verdict = await deliver(late.card, job.message.returnTo, whole);
      // That a platform did not take it is no fault of ours; the failure destination has an alarm of its own.
      if (verdict.kind !== "sent") throw new NotDelivered(verdict);
    } catch (thrown) {
      if (!(thrown instanceof NotDelivered)) error = asLookupError(thrown);
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

  // The deadline is ours, as in http/handler.ts.
  return middy(answer as never, { timeoutEarlyInMillis: 0 }) as never;
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof NotDelivered) return thrown.message;
  return thrown instanceof LookupError ? thrown.code : "a fault of ours";
}

/** The platform with its keys, or why they cannot be had. */
async function openChannel(
  platform: Platform,
  { secret }: Chat,
  call: CallContext,
): Promise<Channel | LookupError> {
  try {
    const { value: keys } = await secret.latest(call.deadline);
    return keys.channelOf(platform);
  } catch (thrown) {
    return asLookupError(thrown);
  }
}

/** @throws LookupError INVALID_REQUEST for a platform without a later channel; why there is no key, where that is needed. */
function deliveryOf(platform: Platform, channel: Channel | LookupError, { tools }: Chat): Deliver {
  if (!(channel instanceof LookupError)) {
    if (channel.deliver) return channel.deliver;
    throw noJob();
  }
  if (platform.deliverWithoutKeys) return platform.deliverWithoutKeys(tools);
  throw channel;
}

interface LateQuestion {
  job: Job;
  platform: Platform;
  channel: Channel | LookupError;
  service: ChatService;
  chat: Chat;
  call: CallContext;
}

interface LateAnswer {
  card: Card;
  error: LookupError | null;
}

/** What there is to say, come what may. */
async function answerLate(question: LateQuestion): Promise<LateAnswer> {
  const { job, platform, channel, service, chat, call } = question;
  const { message } = job;
  const presentation = presentationOf(platform, message, chat.config, call.requestId);
  const caller = callerOf(platform, message);
  try {
    if (channel instanceof LookupError) throw channel;
    // Who was admitted a moment ago may have been taken off the list.
    return isAdmitted(channel.allow, message.sender)
      ? await chat.converse({ text: message.text, caller, presentation, rows: platform.rows, call })
      : refuseAdmission(caller, presentation, call, service.log.audit);
  } catch (thrown) {
    const error = asLookupError(thrown);
    return { card: faultCard(error, presentation), error };
  }
}

/** @throws LookupError INVALID_REQUEST: no job of ours, an HTTP request for one. */
function readJob(event: unknown): { job: Job; platform: Platform } {
  const { data: job } = jobSchema.safeParse(event);
  const platform = PLATFORMS.find(({ name }) => name === job?.platform);
  if (job && platform) return { job, platform };
  throw noJob();
}

function noJob(): LookupError {
  return new LookupError("INVALID_REQUEST", { errors: [{ field: "event", message: "is no job of chat's" }] });
}
