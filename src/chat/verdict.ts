import type { IncomingHttpHeaders } from "node:http";
import { parseObject } from "./read-json.ts";

/**
 * What became of a message. Reasons are sentences of ours, for the log; they hold nothing that the platform wrote but its
 * code.
 *
 * - `sent`: the platform said that it took it.
 * - `retry`: not now; the same message may be taken later.
 * - `broken`: somebody must change the set-up first.
 * - `refused`: the platform does not take a message of this form, which is our bug.
 * - `lost`: it may have arrived or not; nobody knows.
 */
export type Verdict = { kind: "sent" } | NotSent;

export type NotSent =
  | { kind: "retry"; afterSeconds: number; reason: string }
  | { kind: "broken"; reason: string }
  | { kind: "refused"; reason: string }
  | { kind: "lost"; reason: string };

/** What came back over HTTP. */
export interface PlatformAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** `null` when it was cut off on the way. */
  body: string | null;
}

/** Reads a platform's answer: a status of 2xx alone is no verdict, and what is not understood is never `sent`. */
export type Judge = (answer: PlatformAnswer) => Verdict;

export const SENT: Verdict = { kind: "sent" };
export const retry = (afterSeconds: number, reason: string): NotSent => ({
  kind: "retry",
  afterSeconds,
  reason,
});
export const broken = (reason: string): NotSent => ({ kind: "broken", reason });
export const refused = (reason: string): NotSent => ({ kind: "refused", reason });
export const lost = (reason: string): NotSent => ({ kind: "lost", reason });

/** A platform's codes and what each means; the reason says it in words. */
export type Verdicts = Readonly<Record<string, NotSent>>;

/** Of a limit for which the platform gives no wait. */
const RATE_WAIT_SECONDS = 60;
/** Of a fault on the platform's side. */
const FAULT_WAIT_SECONDS = 30;
/** A longer wait is not believed. */
const MAX_WAIT_SECONDS = 86_400;

/** A form of message that the platform does not take. */
const REFUSING_STATUSES: readonly number[] = [400, 413, 415, 422];

/** For the log. */
export function explain({ kind, reason }: NotSent): string {
  return `${kind}: ${reason}`;
}

export function isSuccess({ status }: Pick<PlatformAnswer, "status">): boolean {
  return status >= 200 && status < 300;
}

/** An answer whose status alone says that the message was not taken. */
export function judgeStatus({ status, headers }: PlatformAnswer): NotSent {
  const reason = `answered ${status}`;
  if (status === 429) return retry(waitIn(headers) ?? RATE_WAIT_SECONDS, reason);
  if (status === 408 || status >= 500) return retry(waitIn(headers) ?? FAULT_WAIT_SECONDS, reason);
  if (REFUSING_STATUSES.includes(status)) return refused(reason);
  // A success that told nothing, which is for its own platform to judge.
  if (status >= 200 && status < 300) return lost(`${reason}, and nothing that can be read`);
  // A redirect as well: it is not followed.
  return broken(reason);
}

function waitIn({ "retry-after": given }: IncomingHttpHeaders): number | null {
  if (given === undefined || !/^\d{1,9}$/.test(given)) return null;
  return Math.min(Math.max(Number(given), 1), MAX_WAIT_SECONDS);
}

/** For platforms that answer JSON with a code in it, where 0 is the one that means success. */
export function judgeByCode(field: "code" | "errcode", verdicts: Verdicts): Judge {
  return (answer) => {
    const code = parseObject(answer.body)?.[field];
    if (typeof code !== "number") return judgeStatus(answer);
    if (code === 0) return isSuccess(answer) ? SENT : judgeStatus(answer);
    const known = verdictOf(verdicts, String(code));
    if (known) return withCode(known, `${field} ${code}`);
    return isSuccess(answer)
      ? broken(`an unknown ${field} ${code}`)
      : withCode(judgeStatus(answer), `${field} ${code}`);
  };
}

export function verdictOf(verdicts: Verdicts, code: string): NotSent | null {
  return Object.hasOwn(verdicts, code) ? (verdicts[code] as NotSent) : null;
}

export function withCode(verdict: NotSent, code: string): NotSent {
  return { ...verdict, reason: `${verdict.reason} (${code})` };
}
