import { LookupError } from "../contract/errors.ts";
import type { CallContext, Trace } from "../observe/call.ts";
import { addTrace, newTrace } from "../observe/call.ts";
import type { Deadline } from "../time/deadline.ts";
import type { Share } from "./share.ts";

/** After so many failures in a row, the rest would fail as well. */
const MAX_FAILURES = 5;

export interface UpstreamParts {
  share: Share;
  deadline: Deadline;
  /** One call, all attempts, takes no longer. */
  callBudgetMs: number;
  requestId: string;
  trace: Trace;
}

export interface Upstream {
  /** Whether another call may be made. */
  mayCall(): boolean;
  /** Asks within the share; `null` when there is nothing left of it. @throws LookupError */
  ask<T>(question: (call: CallContext) => Promise<T>): Promise<{ value: T } | null>;
  calls(): number;
}

/** Calls for one profile: counted, within the share and the run's time, and none after the upstream said stop. */
export function createUpstream({ share, deadline, callBudgetMs, requestId, trace }: UpstreamParts): Upstream {
  let calls = 0;
  let failures = 0;
  const mayCall = () => !share.isOver() && deadline.remaining() > 0 && failures < MAX_FAILURES;

  return {
    mayCall,
    calls: () => calls,
    async ask(question) {
      if (!mayCall() || !(await share.take(() => deadline.remaining()))) return null;
      const part = newTrace();
      const ms = Math.min(callBudgetMs, deadline.remaining());
      const call: CallContext = { requestId, deadline: within(ms, deadline), trace: part, traceparent: null };
      try {
        const value = await question(call);
        failures = 0;
        return { value };
      } catch (error) {
        if (error instanceof LookupError) noteFailure(error);
        throw error;
      } finally {
        calls += Math.max(part.attempts, 1);
        share.note(part.attempts);
        addTrace(trace, part);
      }
    },
  };

  function noteFailure({ code }: LookupError): void {
    if (code === "DESKTOP_NOT_FOUND") return;
    failures += 1;
    if (code === "UPSTREAM_THROTTLED" || code === "CREDENTIALS_REFUSED") share.stop();
  }
}

function within(ms: number, whole: Deadline): Deadline {
  const endsAt = whole.remaining() - ms;
  return { remaining: () => whole.remaining() - endsAt };
}
