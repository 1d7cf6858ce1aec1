import { endpointOf, isLoopback } from "../net/endpoint.ts";
import { type Transport, TransportFault } from "../net/transport.ts";
import type { Deadline } from "../time/deadline.ts";
import { broken, type Judge, lost, type NotSent, retry } from "./verdict.ts";

/** One message on its way to a platform. */
export interface Outgoing {
  /** A key by itself on most platforms: it never enters a log or an error. */
  url: string;
  /** JSON as it is sent: what was measured, and may have been signed. */
  json: string;
  headers?: Readonly<Record<string, string>>;
  time: Deadline;
}

export type Posted = { kind: "sent"; body: string } | NotSent;

/**
 * Sends a message to a host that is on the list. It never throws, and nothing counts as sent that the platform's own judge
 * does not call so.
 */
export type Post = (message: Outgoing, judge: Judge) => Promise<Posted>;

/** How long one attempt to send may take. */
export const POST_LIMITS = { connectMs: 3000, headersMs: 5000, totalMs: 5000 } as const;
/** A platform says little: whether it took the message, or a token. */
export const MAX_ANSWER_BYTES = 64 * 1024;

/** Of a host that could not be reached. */
const UNREACHED_WAIT_SECONDS = 30;

export interface PostParts {
  /** `host` or `host:port`, in lower case: a caller's word for where an answer goes is not enough. */
  hosts: readonly string[];
  send: Transport;
}

/** Posts by https alone; a loopback host among those listed may be http. No redirect is followed. */
export function createPost({ hosts, send }: PostParts): Post {
  const listed = new Set(hosts);

  async function attempt(target: URL, { json, headers, time }: Outgoing, judge: Judge): Promise<Posted> {
    const endpoint = endpointOf(target);
    const { status, body, ...answer } = await send({
      endpoint,
      method: "POST",
      path: `${target.pathname}${target.search}`,
      headers: {
        ...headers,
        host: endpoint.host,
        "content-type": "application/json; charset=utf-8",
        "content-length": String(Buffer.byteLength(json)),
      },
      body: json,
      deadline: time,
    });
    const text = body?.toString("utf8") ?? null;
    const verdict = judge({ status, headers: answer.headers, body: text });
    return verdict.kind === "sent" ? { ...verdict, body: text ?? "" } : verdict;
  }

  return async (message, judge) => {
    const target = URL.canParse(message.url) ? new URL(message.url) : null;
    if (!target || !isListed(target, listed))
      return broken("the answer was to go to a host that is on no list");
    if (!isEncrypted(target)) return broken("the answer was to go out unencrypted");
    if (message.time.remaining() <= 0) return retry(1, "no time was left to send");
    const posted = await attempt(target, message, judge).catch(verdictOfFault);
    return posted.kind === "sent" ? posted : { ...posted, reason: `${target.hostname}: ${posted.reason}` };
  };
}

/** A port that is the scheme's own is no part of `host`; any other must have been listed with it. */
function isListed({ host, username, password }: URL, listed: ReadonlySet<string>): boolean {
  return listed.has(host) && username === "" && password === "";
}

function isEncrypted({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

/** Once the connection stood, the message may have arrived, whatever became of the answer. */
function verdictOfFault(thrown: unknown): NotSent {
  if (!(thrown instanceof TransportFault)) throw thrown;
  const { kind, reason, mayHaveArrived } = thrown;
  const told = `no answer (${kind}, ${reason})`;
  if (mayHaveArrived) return lost(told);
  // It will not get better by itself.
  return kind === "tls" ? broken(told) : retry(UNREACHED_WAIT_SECONDS, told);
}
