import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import type { Deadline } from "../deadline.ts";
import type { Endpoint } from "../ports.ts";

/** How long the phases of one attempt may take, each counted from the start of the attempt, in milliseconds. */
export interface AttemptLimits {
  connectMs: number;
  headersMs: number;
  totalMs: number;
}

export const ATTEMPT_LIMITS: AttemptLimits = { connectMs: 1000, headersMs: 2000, totalMs: 2500 };

/** The largest answer that is read, decoded or not. 10,000 rows are some 3 MB. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export interface UpstreamRequest {
  endpoint: Endpoint;
  method: "GET" | "POST";
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  deadline: Deadline;
  signal?: AbortSignal | undefined;
}

export interface UpstreamAnswer {
  status: number;
  headers: IncomingMessage["headers"];
  /** Decoded; `null` when it was cut off on the way. */
  body: Buffer | null;
}

export type Transport = (request: UpstreamRequest) => Promise<UpstreamAnswer>;

/**
 * Why there is no answer.
 *
 * - `deadline`: the call's own time ran out; `timeout`: the attempt's slice did.
 * - `reset`: the connection broke before any header; `unreachable`: there was none to begin with.
 * - `unknown-host`, `tls`: it will not get better by itself.
 * - `unreadable`: not HTTP; `too-large`: past a limit of ours, or in an encoding that we did not ask for.
 */
export type TransportFaultKind =
  | "deadline"
  | "timeout"
  | "reset"
  | "unreachable"
  | "unknown-host"
  | "tls"
  | "unreadable"
  | "too-large";

export class TransportFault extends Error {
  override readonly name = "TransportFault";
  readonly kind: TransportFaultKind;
  /** Node's or OpenSSL's code for it, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`. */
  readonly reason: string;

  constructor(kind: TransportFaultKind, reason: string, cause?: unknown) {
    super(`${kind}: ${reason}`, { cause });
    this.kind = kind;
    this.reason = reason;
  }
}

export interface TransportOptions {
  limits?: AttemptLimits;
  /** Name resolution; the system's by default. */
  lookup?: LookupFunction;
  /** Further trusted certificates, for tests. */
  ca?: string;
  /** Monotonic milliseconds. */
  now: () => number;
}

/**
 * HTTP over `node:https` with kept-alive sockets. It follows no redirect, hangs past no limit and holds no more
 * than 8 MiB of an answer. Global `fetch` is no choice here: loading it costs a cold start as much as the whole
 * AWS SDK does.
 */
export function createTransport({ limits = ATTEMPT_LIMITS, lookup, ca, now }: TransportOptions): Transport {
  const agentOptions = { keepAlive: true, scheduling: "lifo", maxSockets: 64 } as const;
  const agents = { "http:": new HttpAgent(agentOptions), "https:": new HttpsAgent(agentOptions) };

  return ({ endpoint, method, path, headers, body, deadline, signal }) =>
    new Promise<UpstreamAnswer>((resolve, reject) => {
      const startedAt = now();
      let timer: NodeJS.Timeout | undefined;
      let responded = false;

      const send = endpoint.protocol === "https:" ? httpsRequest : httpRequest;
      const request: ClientRequest = send({
        protocol: endpoint.protocol,
        hostname: endpoint.hostname,
        port: endpoint.port,
        method,
        path,
        headers,
        agent: agents[endpoint.protocol],
        ...(lookup && { lookup }),
        ...(ca && { ca }),
      });

      function settle(outcome: UpstreamAnswer | TransportFault): void {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        if (outcome instanceof TransportFault) {
          request.destroy();
          reject(outcome);
        } else {
          resolve(outcome);
        }
      }

      function allow(phaseMs: number): void {
        clearTimeout(timer);
        const slice = startedAt + phaseMs - now();
        const left = deadline.remaining();
        const kind = left < slice ? "deadline" : "timeout";
        timer = setTimeout(
          () => settle(new TransportFault(kind, `no answer within ${phaseMs} ms`)),
          Math.max(0, Math.min(slice, left)),
        );
      }

      function onAbort(): void {
        settle(new TransportFault("deadline", "nobody waits any more"));
      }

      allow(limits.connectMs);
      signal?.addEventListener("abort", onAbort);
      request.on("socket", (socket) => {
        const onConnected = () => allow(limits.headersMs);
        if (request.reusedSocket) onConnected();
        else socket.once(endpoint.protocol === "https:" ? "secureConnect" : "connect", onConnected);
      });
      request.on("response", (response) => {
        responded = true;
        allow(limits.totalMs);
        readBody(response).then(
          (decoded) =>
            settle({ status: response.statusCode as number, headers: response.headers, body: decoded }),
          settle,
        );
      });
      request.on("upgrade", () => settle(new TransportFault("unreadable", "an upgrade we did not ask for")));
      request.on("error", (error: NodeJS.ErrnoException) => {
        // Once there is a response, its reader tells what became of it.
        if (!responded) settle(faultOf(error));
      });
      request.end(body);
    });
}

/** The decoded body, or `null` when it ended before it was complete. */
async function readBody(response: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    if (Number(response.headers["content-length"]) > MAX_BODY_BYTES) throw tooLarge();
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof TransportFault) throw error;
    return null;
  }
  if (!response.complete) return null;
  const raw = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length);
  return decode(raw, response.headers["content-encoding"]);
}

function tooLarge(): TransportFault {
  return new TransportFault("too-large", `more than ${MAX_BODY_BYTES} bytes`);
}

const DECODERS: Record<string, "gunzipSync" | "inflateSync" | "brotliDecompressSync"> = {
  gzip: "gunzipSync",
  "x-gzip": "gunzipSync",
  deflate: "inflateSync",
  br: "brotliDecompressSync",
};

// We ask for `identity`. A middlebox that compresses all the same is read, within the same limit; an encoding
// that we cannot undo, or one on top of another, is refused as it is.
async function decode(raw: Buffer, contentEncoding: string | undefined): Promise<Buffer | null> {
  const encoding = contentEncoding?.trim().toLowerCase() || "identity";
  if (encoding === "identity") return raw;
  const decoder = DECODERS[encoding];
  if (!decoder) throw new TransportFault("too-large", "an encoding that we did not ask for");
  const zlib = await import("node:zlib");
  let decoded: Buffer;
  try {
    decoded = zlib[decoder](raw, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
    return null;
  }
  if (decoded[0] === 0x1f && decoded[1] === 0x8b) {
    throw new TransportFault("too-large", "compressed more than once");
  }
  return decoded;
}

const RESET_CODES = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED"]);
const CERTIFICATE_CODE =
  /^(?:CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$)/;

function faultOf(error: NodeJS.ErrnoException): TransportFault {
  const reason = error.code ?? "unknown";
  return new TransportFault(kindOf(reason), reason, error);
}

function kindOf(reason: string): TransportFaultKind {
  if (RESET_CODES.has(reason)) return "reset";
  if (reason === "ETIMEDOUT") return "timeout";
  if (reason === "ENOTFOUND") return "unknown-host";
  if (CERTIFICATE_CODE.test(reason)) return "tls";
  if (reason === "HPE_HEADER_OVERFLOW") return "too-large";
  if (reason.startsWith("HPE_")) return "unreadable";
  return "unreachable";
}
