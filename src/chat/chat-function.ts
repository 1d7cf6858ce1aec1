import { LookupError } from "../contract/errors.ts";
import { readBody } from "../http/event.ts";
import type { Exchange } from "../http/exchange.ts";
import { createHttpHandler, type HttpHandler } from "../http/handler.ts";
import type { Reply } from "../http/reply.ts";
import { createRouter, type Route } from "../http/router.ts";
import { type CallContext, newTrace } from "../observe/call.ts";
import { monotonicNow } from "../time/clocks.ts";
import type { Deadline } from "../time/deadline.ts";
import { isAdmitted, refuseAdmission } from "./admission.ts";
import { createWorkerStart } from "./aws/worker.ts";
import type { Card } from "./card.ts";
import { askAgainCard } from "./cards.ts";
import type { ChatAnswer } from "./chat-answer.ts";
import type { Chat, ChatFunctionParts, ChatService } from "./chat-parts.ts";
import { callerOf, presentationOf } from "./context.ts";
import type { Job, StartWorker } from "./job.ts";
import type { Presentation } from "./make-card.ts";
import type { Message } from "./message.ts";
import { type Channel, type Platform, toSignedRequest } from "./platform.ts";
import { PLATFORMS } from "./platforms.ts";
import { EMPTY } from "./replies.ts";
import { explain } from "./verdict.ts";

/** Handing over to the worker takes no longer, or there is no time left to say anything. */
const HAND_OVER_MS = 500;
/** How long after the lookup's own time an answer that cannot ride in the response may take on its way. */
const DELIVERY_MS = 900;
/** What the gateway says of when a request came in is believed up to that far back. */
const MAX_WAITED_MS = 5000;

/**
 * The function `chat`: signed requests of chat platforms, and of programs that sign.
 *
 * @param start For tests: what stands in for the worker that is configured.
 */
export function createChatFunction(
  { service, chat, log }: ChatFunctionParts,
  start?: StartWorker,
): HttpHandler {
  if (!service) {
    return createHttpHandler({
      name: "chat",
      // Nothing can be trusted to work; the log says why.
      answer: () => {
        throw new LookupError("INTERNAL");
      },
      corsOrigins: [],
      requestBudgetMs: 1000,
      log,
      now: monotonicNow,
    });
  }
  const { workerFunction } = chat.config;
  const startWorker = start ?? (workerFunction === null ? null : createWorkerStart(workerFunction));
  const answer = createAnswer(service, chat, startWorker);
  const routes = PLATFORMS.flatMap((platform) =>
    platform.methods.map(
      (method): Route => ({
        method,
        path: `/chat/${platform.name}`,
        answer: (exchange) => answer(platform, exchange),
      }),
    ),
  );
  return createHttpHandler({
    name: "chat",
    answer: createRouter(routes, false),
    corsOrigins: [],
    requestBudgetMs: service.config.requestBudgetMs,
    log,
    now: service.now,
  });
}

/** One message on its way to its answer. */
interface Conversation {
  platform: Platform;
  channel: Channel;
  message: Message;
  presentation: Presentation;
  call: CallContext;
  /** What is left of the time in which the platform takes an answer to a lookup. */
  slice: Deadline;
}

function createAnswer(
  { now, wallNow, log, nameProfiles }: ChatService,
  { config, secret, claims, converse }: Chat,
  startWorker: StartWorker | null,
) {
  /** Verify, shake hands, know it again, admit, understand, answer: in this order. */
  return async (platform: Platform, exchange: Exchange): Promise<Reply> => {
    const { request, call } = exchange;
    // Both secrets side by side; what fails here is tried again, and told, by the lookup.
    nameProfiles({ ...call, trace: newTrace() }).catch(() => undefined);
    const { value: keys } = await secret.latest(call.deadline);
    const channel = keys.channelOf(platform);
    const received = channel.receive(toSignedRequest(request, readBody(request)), wallNow());
    if (received.kind === "refused") {
      throw new LookupError("UNAUTHENTICATED", { cause: new Error(received.reason) });
    }
    if (received.kind === "handshake") return received.reply;
    if (received.kind === "ignored") return EMPTY;
    const { message } = received;
    const claimed = message.id === null ? null : `${platform.name}:${message.id}`;
    if (claimed !== null && !(await claims.claim(claimed))) return EMPTY;

    const endsAt = exchange.startedAt + platform.lookupMs - waitedBefore(request.receivedAt, wallNow());
    const conversation: Conversation = {
      platform,
      channel,
      message,
      presentation: presentationOf(platform, message, config, call.requestId),
      call,
      slice: { remaining: () => Math.min(call.deadline.remaining(), endsAt - now()) },
    };
    try {
      const chatAnswer = await converseWith(conversation);
      exchange.told = chatAnswer.error;
      const respond = chatAnswer.isEarly ? answerLater : answerNow;
      return await respond(conversation, chatAnswer);
    } catch (error) {
      // Whoever gets no good status may send the same message again, by its ID, and is then to be heard.
      if (claimed !== null) await claims.release(claimed);
      throw error;
    }
  };

  async function converseWith({
    platform,
    channel,
    message,
    presentation,
    call,
    slice,
  }: Conversation): Promise<ChatAnswer> {
    const caller = callerOf(platform, message);
    if (!isAdmitted(channel.allow, message.sender))
      return refuseAdmission(caller, presentation, call, log.audit);
    return await converse({
      text: message.text,
      caller,
      presentation,
      rows: platform.rows,
      call: { ...call, deadline: slice },
    });
  }

  async function answerNow(conversation: Conversation, chatAnswer: ChatAnswer): Promise<Reply> {
    const { channel, message, presentation, call } = conversation;
    if (channel.reply) return channel.reply(chatAnswer, message, call.requestId);
    if (!(await deliver(conversation, chatAnswer.card))) await handOver(conversation);
    return channel.acknowledge(presentation.language);
  }

  /** The worker asks again, with more time. Without one, the person does. */
  async function answerLater(conversation: Conversation, chatAnswer: ChatAnswer): Promise<Reply> {
    const { channel, message, presentation, call } = conversation;
    if (await handOver(conversation)) return channel.acknowledge(presentation.language);
    const card = askAgainCard(presentation);
    if (channel.reply) return channel.reply({ ...chatAnswer, card }, message, call.requestId);
    await deliver(conversation, card);
    return channel.acknowledge(presentation.language);
  }

  /** Tells whether it got there. */
  async function deliver(conversation: Conversation, card: Card): Promise<boolean> {
    const { channel, message, call, slice } = conversation;
    if (!channel.deliver || !message.returnTo) return false;
    const time = { remaining: () => slice.remaining() + DELIVERY_MS };
    const verdict = await channel.deliver(card, message.returnTo, time);
    if (verdict.kind === "sent") return true;
    log.warn("late_answer_failed", { request_id: call.requestId, reason: explain(verdict) });
    return false;
  }

  /** Tells whether the worker has taken over. */
  async function handOver({ platform, channel, message, call }: Conversation): Promise<boolean> {
    const { returnTo } = message;
    if (!startWorker || !channel.deliver || !returnTo) return false;
    const job: Job = {
      platform: platform.name,
      message: { ...message, returnTo },
      requestId: call.requestId,
    };
    try {
      await startWorker(job, AbortSignal.timeout(HAND_OVER_MS));
      return true;
    } catch (error) {
      log.warn("worker_not_started", { request_id: call.requestId, reason: reasonOf(error) });
      return false;
    }
  }
}

/** How long the request had been waiting, in milliseconds, by the gateway's clock: a container had to be started. */
function waitedBefore(receivedAt: number | null, wallNow: number): number {
  const waited = receivedAt === null ? 0 : wallNow - receivedAt;
  return waited > 0 && waited <= MAX_WAITED_MS ? waited : 0;
}

/** Names and codes; a message of the SDK's could quote what was sent. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}
