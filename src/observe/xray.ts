/** Of the environment, read anew in each invocation. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Where Lambda says, for each invocation, which trace it belongs to. */
const TRACE_VARIABLE = "_X_AMZN_TRACE_ID";

const ROOT = /\bRoot=(1-[0-9a-f]{8}-[0-9a-f]{24})\b/;
const PARENT = /\bParent=([0-9a-f]{16})\b/;

/** The X-Ray trace of the invocation that is under way; `null` outside Lambda. */
export function xrayTraceId(env: Variables): string | null {
  return ROOT.exec(env[TRACE_VARIABLE] ?? "")?.[1] ?? null;
}

export interface SampledTrace {
  traceId: string;
  /** The segment that subsegments belong to. */
  parentId: string;
}

/** The same where X-Ray wants to hear of it: most invocations are not sampled. */
export function sampledTrace(env: Variables): SampledTrace | null {
  const header = env[TRACE_VARIABLE] ?? "";
  if (!header.includes("Sampled=1")) return null;
  const traceId = ROOT.exec(header)?.[1];
  const parentId = PARENT.exec(header)?.[1];
  return traceId && parentId ? { traceId, parentId } : null;
}
