import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { type ChatRequest, chatSecretOf } from "../../sandbox/chat/requests.ts";
import { createChatFunction } from "../../src/chat/chat-function.ts";
import type { Job } from "../../src/chat/job.ts";
import { createWorkerFunction } from "../../src/chat/worker-function.ts";
import { type ChatWorld, composeChat } from "../../src/compose/chat.ts";
import type { GatewayReply } from "../../src/http/finish.ts";
import { CONTEXT } from "./api.ts";
import { type EventShape, toEvent } from "./events.ts";
import { type Play, type Stage, stage, TWO_PROFILES } from "./world.ts";

export interface ChatPlay extends Play {
  chatSecret?: (() => unknown) | undefined;
  world?: ChatWorld;
  /** What a platform answers to what is posted to it; whatever it is, it takes the message by default. */
  answerPost?: (message: Posted) => PostAnswer | Error | undefined;
  /** What becomes of a job; without it there is no worker. */
  startWorker?: (job: Job) => void | Promise<void>;
}

/** 200, and nothing in it, unless it is said. */
export interface PostAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
}

/** One message that was sent to a platform. */
export interface Posted {
  url: string;
  body: Record<string, unknown>;
  headers: Readonly<Record<string, string>>;
}

export interface ChatStage extends Stage {
  ask: (request: ChatRequest, options?: AskOptions) => Promise<GatewayReply>;
  work: (job: unknown) => Promise<void>;
  posted: Posted[];
  /** The stage's clock, milliseconds since the epoch. */
  wallNow: () => number;
}

export interface AskOptions {
  shape?: EventShape;
  isBase64Encoded?: boolean;
  receivedAt?: number;
}

/** The two chat functions in a world where a test says what happens. */
export function chatStage(play: ChatPlay = {}): ChatStage {
  const { chatSecret = chatSecretOf, startWorker, answerPost } = play;
  const posted: Posted[] = [];
  const base = stage({
    ...play,
    secret: (id) => (id === "chat/test" ? chatSecret() : (play.secret?.(id) ?? TWO_PROFILES)),
    env: { CHAT_SECRET_ID: "chat/test", ...play.env },
  });
  const world: ChatWorld = {
    ...base.world,
    sendToPlatform: async ({ endpoint, path, headers, body = "" }) => {
      const message = { url: `${endpoint.origin}${path}`, body: JSON.parse(body), headers };
      posted.push(message);
      const answer = answerPost?.(message) ?? TAKEN;
      if (answer instanceof Error) throw answer;
      return { status: 200, headers: {}, ...answer, body: Buffer.from(answer.body ?? "") };
    },
    ...play.world,
  };
  const composition = composeChat(base.env, world);
  const chat = createChatFunction(composition, startWorker && (async (job) => startWorker(job)));
  const worker = createWorkerFunction(composition);
  return {
    ...base,
    posted,
    wallNow: world.wallNow as () => number,
    async ask(
      { method, path, query, headers, body },
      { shape = "v2", isBase64Encoded = true, receivedAt } = {},
    ) {
      const wire = {
        method,
        path,
        query,
        headers,
        ...(body !== "" && { body: isBase64Encoded ? Buffer.from(body).toString("base64") : body }),
        isBase64Encoded: body !== "" && isBase64Encoded,
      };
      const event = toEvent(wire, shape);
      if (receivedAt !== undefined) {
        (event as unknown as APIGatewayProxyEventV2).requestContext.timeEpoch = receivedAt;
      }
      return await chat(event, CONTEXT);
    },
    work: (job) => worker(job, CONTEXT),
  };
}

/** What any platform understands as a yes, and a token besides. */
const TAKEN: PostAnswer = {
  body: '{"ok":true,"code":0,"errcode":0,"tenant_access_token":"t-made-up","expire":7200}',
};
