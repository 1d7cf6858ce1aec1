import { type ErrorCode, LookupError, throttled } from "../errors.ts";
import type { CallContext, Credentials, FetchHistory, FindDesktops, Profile, Warn } from "../ports.ts";
import { redact } from "../redact.ts";
import { type Failure, judge, judgeFault, type ReadValue, type Verdict } from "./answer.ts";
import { createSigningClock, type SigningClock } from "./clock.ts";
import { desktopsQuery, findByName, readDesktopPage } from "./desktops.ts";
import { detachInfoPath, listDesktopsPath } from "./endpoint.ts";
import { readHistory } from "./history.ts";
import { createPauses } from "./pauses.ts";
import { createRetryBudget, decide, FRESH_TALLY } from "./retry.ts";
import { canonicalQuery, sign } from "./sign.ts";
import { type Transport, TransportFault } from "./transport.ts";

export interface WorkspaceClientParts {
  credentials: Credentials;
  send: Transport;
  warn: Warn;
  /** Monotonic milliseconds. */
  now: () => number;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
  random: () => number;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface WorkspaceClient {
  fetchHistory: FetchHistory;
  findDesktops: FindDesktops;
  clock: SigningClock;
}

/** Told to callers when the upstream limits us without saying for how long, in seconds. */
const DEFAULT_PAUSE_SECONDS = 5;

const NO_QUERY: Operation<unknown>["query"] = [];

const USER_AGENT = "workspace-unbindings";

/** One operation of the service. */
interface Operation<T> {
  path: (profile: Profile) => string;
  /** Pairs before encoding. */
  query: readonly (readonly [string, string])[];
  /** How to read a good answer. */
  read: ReadValue<T>;
  /** What our user must be allowed. */
  permission: string;
  /** What it means that something was not found. */
  notFound: ErrorCode;
}

const DETACH_INFO_PERMISSION = "workspace:desktops:listDetachInfo";
const LIST_PERMISSION = "workspace:desktops:list";

/** The Huawei Cloud Workspace API, called with all the care that a caller should not have to take. */
export function createWorkspaceClient(parts: WorkspaceClientParts): WorkspaceClient {
  const { credentials, now, random, sleep, warn } = parts;
  const clock = createSigningClock(parts.wallNow);
  const budget = createRetryBudget();
  const pauses = createPauses(now);

  /** One attempt: signed now, sent, judged. */
  async function attempt<T>(
    profile: Profile,
    operation: Operation<T>,
    call: CallContext,
  ): Promise<Verdict<T>> {
    const path = operation.path(profile);
    const { query } = operation;
    const { headers } = sign({
      method: "GET",
      host: profile.endpoint.host,
      path,
      query,
      headers: { "x-project-id": profile.projectId },
      accessKey: profile.accessKey,
      secretKey: profile.secretKey,
      securityToken: profile.securityToken,
      now: clock.now(),
    });
    headers["accept"] = "application/json";
    headers["accept-encoding"] = "identity";
    headers["user-agent"] = USER_AGENT;
    if (call.traceparent) headers["traceparent"] = call.traceparent;

    const startedAt = now();
    try {
      const answer = await parts.send({
        endpoint: profile.endpoint,
        method: "GET",
        path: query.length > 0 ? `${path}?${canonicalQuery(query)}` : path,
        headers,
        deadline: call.deadline,
        signal: call.signal,
      });
      return judge(answer, operation.read, parts.wallNow());
    } catch (error) {
      if (!(error instanceof TransportFault)) throw error;
      if (error.kind === "tls") {
        warn("upstream_certificate_refused", {
          request_id: call.requestId,
          host: profile.endpoint.host,
          reason: error.reason,
        });
      }
      return judgeFault(error);
    } finally {
      call.trace.attempts += 1;
      call.trace.upstreamMs += now() - startedAt;
    }
  }

  /** Waits out a pause if the call has the time for it. */
  async function awaitPause(profile: Profile, call: CallContext): Promise<void> {
    const pauseMs = pauses.remaining(profile.name);
    if (pauseMs === 0) return;
    if (pauseMs >= call.deadline.remaining()) throw throttled(Math.ceil(pauseMs / 1000));
    await sleep(pauseMs, call.signal);
  }

  async function run<T>(profileName: string | null, operation: Operation<T>, call: CallContext) {
    budget.credit();
    let profile = await credentials.current(profileName, call);
    call.trace.profile = profile.name;
    let tally = FRESH_TALLY;
    let mayRefresh = true;
    let mayCorrectClock = true;
    for (;;) {
      await awaitPause(profile, call);
      if (call.deadline.remaining() <= 0) throw new LookupError("DEADLINE_EXCEEDED");
      const verdict = await attempt(profile, operation, call);
      record(verdict, profile, call);
      if (verdict.ok) {
        credentials.accepted(profile);
        return { profile, value: verdict.value, requestId: verdict.upstream.requestId };
      }
      if (verdict.again === "credentials") {
        if (mayCorrectClock && verdict.serverTime !== null && clock.correct(verdict.serverTime)) {
          mayCorrectClock = false;
          warn("clock_corrected", { request_id: call.requestId, offset_ms: Math.round(clock.offsetMs()) });
          continue;
        }
        const newer = await credentials.refused(profile, call);
        if (!newer || !mayRefresh) throw verdict.error;
        mayRefresh = false;
        profile = newer;
        continue;
      }
      // Whatever else it said, it did not object to the key.
      if (verdict.error.upstream) credentials.accepted(profile);
      const move = decide(verdict, tally, {
        remainingMs: call.deadline.remaining(),
        random,
        takeRetry: budget.take,
      });
      if (
        verdict.error.code === "UPSTREAM_THROTTLED" &&
        (verdict.waitSeconds !== null || move.kind === "give-up")
      ) {
        pauses.pause(profile.name, (verdict.waitSeconds ?? DEFAULT_PAUSE_SECONDS) * 1000);
      }
      if (move.kind === "give-up") throw asToldOf(operation, withWait(verdict));
      tally = move.tally;
      if (move.afterMs > 0) await sleep(move.afterMs, call.signal);
    }
  }

  return {
    clock,
    async fetchHistory(profileName, desktopId, call) {
      const { profile, value, requestId } = await run(
        profileName,
        {
          path: (profile) => detachInfoPath(profile.endpoint, profile.projectId, desktopId),
          query: NO_QUERY,
          read: readHistory,
          permission: DETACH_INFO_PERMISSION,
          notFound: "DESKTOP_NOT_FOUND",
        },
        call,
      );
      call.trace.unreadableTimes += value.filter(
        ({ row, at }) => at === null && row.detach_time !== null,
      ).length;
      return { profile: profile.name, rows: value, upstreamRequestId: requestId };
    },
    async findDesktops(profileName, name, call) {
      return await findByName(name, async (spelling, offset) => {
        const query = desktopsQuery(spelling, offset);
        const { value } = await run(
          profileName,
          {
            path: (profile) => listDesktopsPath(profile.endpoint, profile.projectId, canonicalQuery(query)),
            query,
            read: readDesktopPage,
            permission: LIST_PERMISSION,
            // A list that is not there is a wrong place to look, not an unknown desktop.
            notFound: "UPSTREAM_MISCONFIGURED",
          },
          call,
        );
        return value;
      });
    },
  };
}

/** The error as it is to be told of this operation: which permission is lacking, what was not found. */
function asToldOf({ permission, notFound }: Operation<unknown>, error: LookupError): LookupError {
  const { upstream } = error;
  if (error.code === "PERMISSION_DENIED") {
    return new LookupError("PERMISSION_DENIED", {
      upstream,
      detail: `The operator must grant ${permission}.`,
    });
  }
  return error.code === "DESKTOP_NOT_FOUND" && notFound !== error.code
    ? new LookupError(notFound, { upstream })
    : error;
}

/** The error with the wait that its caller should keep, where there is one. */
function withWait({ error, waitSeconds }: Failure): LookupError {
  if (error.code === "UPSTREAM_THROTTLED")
    return throttled(waitSeconds ?? DEFAULT_PAUSE_SECONDS, error.upstream);
  if (waitSeconds === null) return error;
  return new LookupError(error.code, {
    upstream: error.upstream,
    retryAfterSeconds: waitSeconds,
    cause: error.cause,
  });
}

/** Notes for the log what the upstream said last. */
function record(verdict: Verdict<unknown>, profile: Profile, { trace }: CallContext): void {
  if (!verdict.ok && verdict.error.code === "UPSTREAM_THROTTLED") trace.throttles += 1;
  if (!verdict.ok && verdict.error.code === "CREDENTIALS_REFUSED") trace.refusals += 1;
  const upstream = verdict.ok ? verdict.upstream : verdict.error.upstream;
  trace.upstreamStatus = upstream?.status ?? null;
  trace.upstreamCode = upstream?.code ?? null;
  trace.upstreamRequestId = upstream?.requestId ?? null;
  const secrets = [profile.secretKey, profile.accessKey, profile.securityToken];
  trace.upstreamText = verdict.ok || !verdict.text ? null : redact(verdict.text, secrets);
  trace.encodedAuthorizationMessage = verdict.ok ? null : verdict.encodedAuthorizationMessage;
}
