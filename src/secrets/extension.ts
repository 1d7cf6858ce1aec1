import type { Environment } from "../config/environment.ts";
import { createTransport, TransportFault, type UpstreamRequest } from "../net/transport.ts";
import { monotonicNow, sleep } from "../time/clocks.ts";
import { startDeadline } from "../time/deadline.ts";
import { SECRET_FETCH_MS } from "./cached-secret.ts";
import type { FetchSecret } from "./fetch-secret.ts";
import { unavailable, withoutText } from "./outage.ts";

const DEFAULT_PORT = "2773";
/** The extension is ready some milliseconds after the invocation began. */
const NOT_READY_PAUSE_MS = 25;
const NOT_READY = /not ready/i;

/** What ends a fetch is its signal. */
const LIMITS = { connectMs: SECRET_FETCH_MS, headersMs: SECRET_FETCH_MS, totalMs: SECRET_FETCH_MS };

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
  const port = Number(env["PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"] || DEFAULT_PORT);
  const isPort = Number.isInteger(port) && port > 0 && port < 65_536;
  const host = `localhost:${port}`;
  const endpoint = {
    origin: `http://${host}`,
    protocol: "http:",
    hostname: "localhost",
    port,
    host,
  } as const;
  const headers = {
    host,
    // What proves to the extension that it is asked by the function, not by a server-side request forgery.
    "x-aws-parameters-secrets-token": env["AWS_SESSION_TOKEN"] ?? "",
    // Minutes pass between two fetches, and a thawed container's socket would be dead.
    connection: "close",
  };
  const send = createTransport({ limits: LIMITS, now: monotonicNow });

  /** The extension's answer; `null` while it is not ready. */
  async function ask(path: string, signal: AbortSignal): Promise<Answer | null> {
    const deadline = startDeadline(SECRET_FETCH_MS, undefined, monotonicNow);
    const request: UpstreamRequest = { endpoint, method: "GET", path, headers, deadline, signal };
    try {
      const { status, body } = await send(request);
      if (body === null) throw new TransportFault("reset", "cut off");
      const answer = { status, body: body.toString() };
      return status === 400 && NOT_READY.test(answer.body) ? null : answer;
    } catch (error) {
      const { reason, code } = error as Partial<TransportFault> & NodeJS.ErrnoException;
      if (reason === "ECONNREFUSED") return null;
      // What is no fault of the network is one of ours, such as a token that no header can hold.
      throw unavailable(`the extension cannot be reached: ${reason ?? code}`, reason !== undefined);
    }
  }

  return async (secretId, { signal, fresh }) => {
    // Node would take what is no number for port 80, and the token would go there.
    if (!isPort) throw unavailable("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT is no port", false);
    const path = `/secretsmanager/get?secretId=${encodeURIComponent(secretId)}${fresh ? "&refreshNow=true" : ""}`;
    while (!signal.aborted) {
      const answer = await ask(path, signal);
      if (answer) return textOf(answer);
      await sleep(NOT_READY_PAUSE_MS, signal);
    }
    throw unavailable("the extension did not get ready in time", true);
  };
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
