import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { listen, portOf } from "../servers.ts";

const RUNTIME_CLIENT = fileURLToPath(import.meta.resolve("aws-lambda-ric"));
const BOOT = new URL("boot.mjs", import.meta.url).href;
const GIVE_UP_MS = 20_000;

/** One cold start, in milliseconds. */
export interface ColdStart {
  /** From the process's start until it asks for the first event. */
  init: number;
  /** From handing out the event until its answer is back. */
  firstCall: number;
  total: number;
  /** What it answered. */
  body: string;
}

export interface ColdParts {
  /** The folder that is deployed. */
  taskRoot: string;
  env: Record<string, string>;
  event: object;
  onFirstInvocation: () => void;
}

/** One cold start of a function in AWS's own runtime client, with the Runtime API being this process. */
export async function startCold({ taskRoot, env, event, onFirstInvocation }: ColdParts): Promise<ColdStart> {
  let startedAt = 0;
  let askedAt = 0;
  const answered = Promise.withResolvers<ColdStart>();
  const server = await listen(
    createServer((request, response) => {
      if (request.method === "GET" && askedAt === 0) {
        askedAt = performance.now();
        onFirstInvocation();
        sendEvent(response, event);
        return;
      }
      // The second poll is never answered: the container idles until it is ended.
      if (request.method !== "POST") return;
      const answeredAt = performance.now();
      readText(request).then((text) => {
        response.writeHead(202, { "content-length": 0 }).end();
        if (!request.url?.endsWith("/response") || !isGood(text)) {
          return answered.reject(new Error(`${taskRoot}: ${request.url} ${text.slice(0, 500)}`));
        }
        answered.resolve({
          init: askedAt - startedAt,
          firstCall: answeredAt - askedAt,
          total: answeredAt - startedAt,
          body: (JSON.parse(text) as { body: string }).body,
        });
      }, answered.reject);
    }),
  );
  startedAt = performance.now();
  const child = spawn(process.execPath, ["--import", BOOT, RUNTIME_CLIENT], {
    env: {
      ...env,
      _HANDLER: "index.handler",
      LAMBDA_TASK_ROOT: taskRoot,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${portOf(server)}`,
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const timer = setTimeout(() => answered.reject(new Error(`${taskRoot}: no answer`)), GIVE_UP_MS);
  child.once("error", answered.reject);
  child.once("exit", () => answered.reject(new Error(`${taskRoot}: it ended`)));
  try {
    return await answered.promise;
  } finally {
    clearTimeout(timer);
    child.kill("SIGKILL");
    server.closeAllConnections();
    server.close();
  }
}

const isGood = (text: string) => (JSON.parse(text) as { statusCode?: number }).statusCode === 200;

function sendEvent(response: ServerResponse, event: object): void {
  const body = JSON.stringify(event);
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "lambda-runtime-aws-request-id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
    "lambda-runtime-deadline-ms": String(Date.now() + 30_000),
    "lambda-runtime-invoked-function-arn": "arn:aws:lambda:us-east-1:000000000000:function:bench",
    "lambda-runtime-trace-id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
  });
  response.end(body);
}

async function readText(request: IncomingMessage): Promise<string> {
  request.setEncoding("utf8");
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}
