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
  /** What becomes of a job; without it there is no worker. */
  startWorker?: (job: Job) => void | Promise<void>;
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
  const { chatSecret = chatSecretOf, startWorker } = play;
  const posted: Posted[] = [];
  const base = stage({
    ...play,
    secret: (id) => (id === "chat/test" ? chatSecret() : (play.secret?.(id) ?? TWO_PROFILES)),
    env: { CHAT_SECRET_ID: "chat/test", ...play.env },
  });
  const world: ChatWorld = {
    ...base.world,
    post: async (url, body, headers) => {
      posted.push({ url, body: body as Record<string, unknown>, headers });
      const isToken = url.includes("tenant_access_token");
      return { status: 200, body: JSON.stringify({ code: 0, ...(isToken && TOKEN) }) };
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

const TOKEN = { tenant_access_token: "t-made-up", expire: 7200 };
