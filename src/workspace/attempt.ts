import type { Transport } from "../net/transport.ts";
import { TransportFault } from "../net/transport-fault.ts";
import type { CallContext } from "../observe/call.ts";
import type { Warn } from "../observe/log.ts";
import { redact, redactEncoded } from "../observe/redact.ts";
import { type Failure, judge, judgeFault, type Verdict } from "./answer.ts";
import type { Operation } from "./operation.ts";
import type { Profile } from "./profile.ts";
import { canonicalQuery, createSigner, type Sign } from "./sign.ts";

export interface AttemptParts {
  send: Transport;
  warn: Warn;
  /** Monotonic milliseconds. */
  now: () => number;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
}

/** Sent with every request, and not signed. */
const UNSIGNED_HEADERS = {
  accept: "application/json",
  "accept-encoding": "identity",
  "user-agent": "workspace-unbindings",
} as const;

export type Attempt = <T>(
  profile: Profile,
  operation: Operation<T>,
  signedAt: number,
  call: CallContext,
) => Promise<Verdict<T>>;

/**
 * One attempt: signed, sent, judged, and noted in the call's trace. `signedAt` is in milliseconds since the epoch, by the
 * upstream's clock as far as it is known.
 */
export function createAttempt({ send, warn, now, wallNow }: AttemptParts): Attempt {
  const signerOf = createSigners();

  function judgeThrown(error: unknown, { endpoint }: Profile, { requestId }: CallContext): Failure {
    if (!(error instanceof TransportFault)) throw error;
    if (error.kind === "tls") {
      const { reason } = error;
      warn("upstream_certificate_refused", { request_id: requestId, host: endpoint.host, reason });
    }
    return judgeFault(error);
  }

  return async <T>(profile: Profile, operation: Operation<T>, signedAt: number, call: CallContext) => {
    const startedAt = now();
    const { query } = operation;
    let verdict: Verdict<T>;
    try {
      const path = operation.path(profile);
      const { headers } = signerOf(profile)({ path, query, now: signedAt });
      Object.assign(headers, UNSIGNED_HEADERS);
      if (call.traceparent) headers["traceparent"] = call.traceparent;
      const answer = await send({
        endpoint: profile.endpoint,
        method: "GET",
        path: query.length > 0 ? `${path}?${canonicalQuery(query)}` : path,
        headers,
        deadline: call.deadline,
      });
      verdict = judge(answer, operation.read, wallNow());
    } catch (error) {
      verdict = judgeThrown(error, profile, call);
    } finally {
      call.trace.attempts += 1;
      call.trace.upstreamMs += now() - startedAt;
    }
    note(verdict, profile, call);
    return verdict;
  };
}

/** The signer of each profile, made at its first request; a profile that the secret no longer holds takes it along. */
function createSigners(): (profile: Profile) => Sign {
  const signers = new WeakMap<Profile, Sign>();
  return (profile) => {
    const known = signers.get(profile);
    if (known) return known;
    const { endpoint, projectId, accessKey, secretKey, securityToken } = profile;
    const signer = createSigner({
      method: "GET",
      host: endpoint.host,
      headers: { "x-project-id": projectId },
      accessKey,
      secretKey,
      securityToken,
    });
    signers.set(profile, signer);
    return signer;
  };
}

/** Notes for the log what the upstream said last. */
function note(verdict: Verdict<unknown>, profile: Profile, { trace }: CallContext): void {
  const upstream = verdict.ok ? verdict.upstream : verdict.error.upstream;
  trace.upstreamStatus = upstream?.status ?? null;
  trace.upstreamCode = upstream?.code ?? null;
  trace.upstreamRequestId = upstream?.requestId ?? null;
  trace.upstreamText = null;
  trace.encodedAuthorizationMessage = null;
  if (verdict.ok) return;
  if (verdict.error.code === "UPSTREAM_THROTTLED") trace.throttles += 1;
  if (verdict.error.code === "CREDENTIALS_REFUSED") trace.refusals += 1;
  const secrets = [profile.secretKey, profile.accessKey, profile.securityToken];
  trace.upstreamText = verdict.text === "" ? null : redact(verdict.text, secrets);
  const { encodedAuthorizationMessage: encoded } = verdict;
  trace.encodedAuthorizationMessage = encoded === null ? null : redactEncoded(encoded, secrets);
}
