import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Deadline } from "../time/deadline.ts";
import { readBody } from "./body.ts";
import { type ConnectionOptions, type Connections, createConnections } from "./connections.ts";
import type { Endpoint } from "./endpoint.ts";
import { faultOf, TransportFault } from "./transport-fault.ts";

/** How long the phases of one attempt may take, each counted from the start of the attempt, in milliseconds. */
export interface AttemptLimits {
  connectMs: number;
  headersMs: number;
  totalMs: number;
}

export const ATTEMPT_LIMITS: AttemptLimits = { connectMs: 1000, headersMs: 2000, totalMs: 2500 };

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

export { TransportFault, type TransportFaultKind } from "./transport-fault.ts";

export interface TransportOptions extends ConnectionOptions {
  limits?: AttemptLimits;
  /** The container's connections; some of its own by default. */
  connections?: Connections;
  /** The largest answer that is read, decoded or not; 8 MiB by default. */
  maxBodyBytes?: number;
  /** Monotonic milliseconds. */
  now: () => number;
}

/** Node's own limit, written down: no environment shall raise it. */
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * HTTP over `node:https` with kept-alive sockets. It follows no redirect, hangs past no limit and holds no more
 * of an answer than it may. Global `fetch` is no choice here: loading it costs a cold start as much as the whole
 * AWS SDK does.
 */
export function createTransport({
  limits = ATTEMPT_LIMITS,
  lookup,
  ca,
  connections = createConnections({ lookup, ca }),
  maxBodyBytes,
  now,
}: TransportOptions): Transport {
  const { standing } = connections;

  return ({ endpoint, method, path, headers, body, deadline, signal }) =>
    new Promise<UpstreamAnswer>((resolve, reject) => {
      if (signal?.aborted) return reject(nobodyWaits());
      const startedAt = now();
      const agent = connections.agentFor(endpoint);
      let timer: NodeJS.Timeout | undefined;
      let phaseMs = limits.connectMs;
      let settled = false;
      let responded = false;
      /** Whether the request went out on a connection that stood before it. */
      let onStanding = false;
      let isConnected = false;

      const send = endpoint.protocol === "https:" ? httpsRequest : httpRequest;
      const request: ClientRequest = send({
        protocol: endpoint.protocol,
        hostname: endpoint.hostname,
        port: endpoint.port,
        method,
        path,
        headers,
        agent,
        maxHeaderSize: MAX_HEADER_BYTES,
      });

      /** True for the first of all that may end the attempt. */
      function ends(): boolean {
        if (settled) return false;
        settled = true;
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        return true;
      }

      function fail(fault: TransportFault): void {
        if (!ends()) return;
        request.destroy();
        if (onStanding && !responded) connections.closeIdle(agent);
        fault.mayHaveArrived = isConnected;
        reject(fault);
      }

      /**
       * Ends the attempt when the phase or the call's time does, whichever comes first. One timer for all phases, since
       * each allows more than the one before: when it goes off it sees how far the attempt has got meanwhile, and
       * whether somebody with more time has joined the wait.
       */
      function watch(): void {
        const slice = startedAt + phaseMs - now();
        const left = deadline.remaining();
        if (slice > 0 && left > 0) timer = setTimeout(watch, Math.min(slice, left));
        else if (slice <= left) fail(new TransportFault("timeout", `no answer within ${phaseMs} ms`));
        else fail(new TransportFault("deadline", "the call's time ran out"));
      }

      function onAbort(): void {
        fail(nobodyWaits());
      }

      signal?.addEventListener("abort", onAbort);
      request.on("socket", (socket) => {
        // Kept alive, opened ahead, or connected for another request while this one queued.
        onStanding = standing.has(socket);
        isConnected = onStanding;
        if (onStanding) {
          phaseMs = limits.headersMs;
          return;
        }
        socket.once(endpoint.protocol === "https:" ? "secureConnect" : "connect", () => {
          standing.add(socket);
          isConnected = true;
          phaseMs = limits.headersMs;
        });
      });
      request.on("response", (response) => {
        responded = true;
        phaseMs = limits.totalMs;
        readBody(response, maxBodyBytes).then((decoded) => {
          const answer = {
            status: response.statusCode as number,
            headers: response.headers,
            body: decoded,
          };
          if (ends()) resolve(answer);
        }, fail);
      });
      request.on("upgrade", (_response, socket) => {
        // From here on the socket is no longer the request's to close.
        socket.destroy();
        fail(new TransportFault("unreadable", "an upgrade we did not ask for"));
      });
      request.on("error", (error: NodeJS.ErrnoException) => {
        // Once there is a response, its reader tells what became of it.
        if (!responded) fail(faultOf(error, onStanding));
      });
      request.end(body);
      watch();
    });
}

function nobodyWaits(): TransportFault {
  return new TransportFault("deadline", "nobody waits any more");
}
