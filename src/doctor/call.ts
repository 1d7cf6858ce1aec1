import type { Endpoint } from "../net/endpoint.ts";
import { type Transport, TransportFault, type UpstreamAnswer } from "../net/transport.ts";
import { type Failure, judge, judgeFault, type ReadValue, type Success } from "../workspace/answer.ts";
import type { Profile } from "../workspace/profile.ts";
import { canonicalQuery, sign } from "../workspace/sign.ts";

/** A single signed call, told in full: what came back as it was, and what we make of it. */
export interface Told<T> {
  verdict: Success<T> | Failure;
  /** `null` when nothing came back. */
  answer: UpstreamAnswer | null;
  /** By how much the upstream's clock is ahead of ours, in milliseconds; `null` when it did not tell. */
  aheadMs: number | null;
}

export interface DoctorCall<T> {
  endpoint: Endpoint;
  method: "GET" | "POST";
  path: string;
  query?: readonly (readonly [string, string])[];
  body?: string;
  read: ReadValue<T>;
}

/** A call has no retries here: the doctor wants to see the first answer. */
const CALL_MS = 5000;

export interface Caller {
  send: Transport;
  /** Monotonic milliseconds. */
  now: () => number;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
}

export async function tell<T>(
  { send, now, wallNow }: Caller,
  profile: Profile,
  call: DoctorCall<T>,
): Promise<Told<T>> {
  const query = call.query ?? [];
  const isJson = call.body !== undefined;
  const { headers } = sign({
    method: call.method,
    host: call.endpoint.host,
    path: call.path,
    query,
    headers: { "x-project-id": profile.projectId, ...(isJson && { "content-type": "application/json" }) },
    ...(call.body !== undefined && { payload: call.body }),
    accessKey: profile.accessKey,
    secretKey: profile.secretKey,
    securityToken: profile.securityToken,
    now: wallNow(),
  });
  const endsAt = now() + CALL_MS;
  try {
    const answer = await send({
      endpoint: call.endpoint,
      method: call.method,
      path: query.length > 0 ? `${call.path}?${canonicalQuery(query)}` : call.path,
      headers: { ...headers, accept: "application/json", "accept-encoding": "identity" },
      ...(call.body !== undefined && { body: call.body }),
      deadline: { remaining: () => endsAt - now() },
    });
    const date = Date.parse(String(answer.headers["date"] ?? ""));
    return {
      verdict: judge(answer, call.read, wallNow()),
      answer,
      aheadMs: Number.isNaN(date) ? null : date - wallNow(),
    };
  } catch (error) {
    if (!(error instanceof TransportFault)) throw error;
    return { verdict: judgeFault(error), answer: null, aheadMs: null };
  }
}
