import { asProblem, errorOf, type Fault, UnbindingsError } from "./error.ts";
import { type RetryOptions, withinLimit } from "./retry.ts";
import type { HoldersQuestion, Question } from "./types.ts";
import { type Call, type Transport, type Unbindings, unbindingsBy } from "./unbindings.ts";

/** A request as it is about to be sent; for whoever signs it. */
export interface OutgoingRequest {
  method: "GET" | "POST";
  url: URL;
  headers: Record<string, string>;
  body: string | undefined;
}

type HeaderValues = Record<string, string>;

export interface ClientOptions extends RetryOptions {
  /** Where the API is, such as `https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com`; a path in it is kept. */
  baseUrl: string | URL;
  /** The platform's own by default. */
  fetch?: typeof globalThis.fetch;
  /** On every request, such as `authorization`; asked for each attempt anew when it is a function. */
  headers?: HeaderValues | (() => HeaderValues | Promise<HeaderValues>);
  /** The headers that sign a request (SigV4); asked for each attempt anew, with what will be sent. */
  sign?: (request: OutgoingRequest) => HeaderValues | Promise<HeaderValues>;
  /** How long one attempt may take, `headers` and `sign` included; 30 by default. */
  timeoutSeconds?: number;
}

const TIMEOUT_SECONDS = 30;

/** The API over HTTPS. */
export function createClient(options: ClientOptions): Unbindings {
  const { headers: own, sign, fetch: send = (...request) => globalThis.fetch(...request) } = options;
  const { timeoutSeconds = TIMEOUT_SECONDS } = options;
  const base = withoutSlashes(String(options.baseUrl));

  function exchange(path: string, body: object | undefined, { requestId, signal }: Call) {
    const fault = () => errorOf(timedOut(timeoutSeconds), requestId);
    return withinLimit({ signal, ms: timeoutSeconds * 1000, fault }, (limited) =>
      attempt(path, body, { requestId, signal: limited }),
    );
  }

  async function attempt(path: string, body: object | undefined, { requestId, signal }: Call) {
    const request: OutgoingRequest = {
      method: body ? "POST" : "GET",
      url: new URL(`${base}${path}`),
      headers: {
        accept: "application/json",
        ...(body && { "content-type": "application/json" }),
        "x-request-id": requestId,
        ...(typeof own === "function" ? await own() : own),
      },
      body: body && JSON.stringify(body),
    };
    if (sign) Object.assign(request.headers, await sign(request));
    const { url, ...init } = request;
    try {
      // A redirect would take the caller's credentials elsewhere.
      const response = await send(url, {
        ...init,
        body: init.body ?? null,
        signal: signal ?? null,
        redirect: "error",
      });
      return await read(response, requestId);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof UnbindingsError) throw error;
      throw errorOf(UNREACHABLE, requestId, error);
    }
  }

  const transport = {
    lookup: (question, call) => exchange(pathOf(question), undefined, call),
    lookupBatch: (question, call) => exchange("/v1/unbindings/query", question, call),
    person: (question, call) => exchange(`/v1/unbindings${queryOf(question)}`, undefined, call),
    holders: (question, call) => exchange(holdersPathOf(question), undefined, call),
    changes: (question, call) => exchange(`/v1/changes${queryOf(question)}`, undefined, call),
  } as Transport;
  return unbindingsBy(transport, options);
}

function pathOf({ desktop_id, ...filters }: Question & { desktop_id?: string }): string {
  const query = queryOf(filters);
  return desktop_id === undefined
    ? `/v1/unbindings${query}`
    : `/v1/desktops/${encodeURIComponent(desktop_id)}/unbindings${query}`;
}

function holdersPathOf({ desktop_id, ...rest }: HoldersQuestion & { desktop_id?: string }): string {
  const query = queryOf(rest);
  return desktop_id === undefined
    ? `/v1/holders${query}`
    : `/v1/desktops/${encodeURIComponent(desktop_id)}/holders${query}`;
}

function queryOf(filters: object): string {
  const given = Object.entries(filters).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [[name, String(value)] as [string, string]],
  );
  return given.length > 0 ? `?${new URLSearchParams(given)}` : "";
}

async function read(response: Response, requestId: string): Promise<unknown> {
  const text = await response.text();
  const value = parse(text);
  if (response.ok && typeof value === "object" && value !== null) return value;
  const problem = asProblem(value);
  if (problem) throw new UnbindingsError(problem);
  const id = response.headers.get("x-request-id") ?? response.headers.get("apigw-requestid") ?? requestId;
  throw errorOf({ ...faultOf(response.status), retryAfterSeconds: waitIn(response) }, id);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function waitIn(response: Response): number | undefined {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return seconds >= 1 ? Math.ceil(seconds) : undefined;
}

const UNREACHABLE: Fault = {
  code: "UPSTREAM_UNREACHABLE",
  status: 503,
  retryable: true,
  detail: "The service could not be reached.",
};

function timedOut(seconds: number): Fault {
  return {
    code: "UPSTREAM_TIMEOUT",
    status: 504,
    retryable: true,
    detail: `The service did not answer within ${seconds} seconds.`,
  };
}

/** What a gateway or a proxy answered in the service's place, in the words that come closest. */
function faultOf(status: number): Fault {
  const fault = (code: Fault["code"], retryable: boolean, detail: string): Fault => ({
    code,
    status,
    retryable,
    detail,
  });
  if (status < 300) return fault("UPSTREAM_INVALID_RESPONSE", true, "The answer is not the service's.");
  if (status === 401) return fault("UNAUTHENTICATED", false, "The gateway does not accept who you are.");
  if (status === 403) return fault("FORBIDDEN", false, "The gateway does not let you in.");
  if (status === 404) return fault("NOT_FOUND", false, "There is no such service at this address.");
  if (status === 413) return fault("PAYLOAD_TOO_LARGE", false, "The gateway finds the request too large.");
  if (status === 429) return fault("UPSTREAM_THROTTLED", true, "The gateway is limiting calls.");
  if (status < 500) return fault("UPSTREAM_REJECTED", false, "The gateway refuses the request.");
  if (status === 504)
    return fault("UPSTREAM_TIMEOUT", true, "The service did not answer the gateway in time.");
  if (status === 500) return fault("INTERNAL", false, "The service failed without an answer.");
  return fault("UPSTREAM_UNAVAILABLE", true, "The gateway does not reach the service.");
}

function withoutSlashes(url: string): string {
  let end = url.length;
  while (url[end - 1] === "/") end -= 1;
  return url.slice(0, end);
}
