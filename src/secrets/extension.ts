import { type IncomingMessage, request } from "node:http";
import { sleep } from "../clocks.ts";
import type { Environment } from "../environment.ts";
import type { FetchSecret } from "../ports.ts";
import { unavailable, withoutText } from "./outage.ts";

const DEFAULT_PORT = "2773";
/** The extension is ready some milliseconds after the invocation began. */
const NOT_READY_PAUSE_MS = 25;
const NOT_READY = /not ready/i;

interface Answer {
  status: number;
  body: string;
}

/**
 * Reads secrets through the AWS Parameters and Secrets Lambda Extension, which keeps them itself (its own time to
 * live is at most 300 s) and listens on localhost. It loads no SDK.
 *
 * During init, and for a moment after an invocation began, the extension refuses the connection or says that it
 * is not ready: it is asked again until the fetch's time is up. It must not be asked before an invocation.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
 */
export function createExtensionSecrets(env: Environment): FetchSecret {
  const port = env["PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"] || DEFAULT_PORT;
  // What proves to the extension that it is asked by the function, not by a server-side request forgery.
  const headers = { "x-aws-parameters-secrets-token": env["AWS_SESSION_TOKEN"] ?? "" };

  return async (secretId, { signal, fresh }) => {
    const path = `/secretsmanager/get?secretId=${encodeURIComponent(secretId)}${fresh ? "&refreshNow=true" : ""}`;
    while (!signal.aborted) {
      const answer = await ask(port, path, headers, signal);
      if (answer) return textOf(answer);
      await sleep(NOT_READY_PAUSE_MS, signal);
    }
    throw unavailable("the extension did not get ready in time", true);
  };
}

/** The extension's answer; `null` while it is not ready. */
async function ask(
  port: string,
  path: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Answer | null> {
  let answer: Answer;
  try {
    answer = await get(port, path, headers, signal);
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    if (code === "ECONNREFUSED") return null;
    throw unavailable(`the extension cannot be reached: ${code}`, true);
  }
  return answer.status === 400 && NOT_READY.test(answer.body) ? null : answer;
}

function get(
  port: string,
  path: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // No kept-alive socket: minutes pass between two fetches, and a thawed container's would be dead.
    const sent = request({ host: "localhost", port, path, headers, signal, agent: false }, (response) => {
      readText(response).then((body) => resolve({ status: response.statusCode as number, body }), reject);
    });
    sent.on("error", reject);
    sent.end();
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  response.setEncoding("utf8");
  let text = "";
  for await (const chunk of response) text += chunk;
  return text;
}

function textOf({ status, body }: Answer): string {
  // Its texts name ARNs, as the store's do; a 4xx is the store's refusal, passed on.
  if (status !== 200) {
    throw unavailable(
      `the extension answered ${status}: ${body.slice(0, 500)}`,
      status >= 500 || status === 429,
    );
  }
  const { SecretString } = parse(body);
  if (typeof SecretString !== "string") throw withoutText();
  return SecretString;
}

function parse(body: string): { SecretString?: unknown } {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    // The parser's message would quote the secret.
    throw unavailable("the extension's answer is not JSON", true);
  }
}
