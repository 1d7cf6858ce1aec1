import type { Problem as ApiProblem, Result } from "../../src/contract/answers.ts";
import type { Question } from "./link.ts";
import type { Target } from "./targets.ts";

/** An error as the API tells it, or as close to it as what came instead allows. */
export interface Problem
  extends Pick<ApiProblem, "detail" | "retryable" | "retry_after_seconds" | "errors" | "candidates"> {
  /** One of the API's codes, or one of this page's own. */
  code: string;
  request_id: string | null;
}

export type Answer = { ok: true; result: Result } | { ok: false; problem: Problem };

const LIMIT = "1000";

/** Asks the API for one target; whatever goes wrong becomes a problem. */
export async function ask(target: Target, question: Question, signal: AbortSignal): Promise<Answer> {
  const parameters = new URLSearchParams({ limit: LIMIT });
  for (const name of ["since", "user", "type", "profile"] as const) {
    if (question[name]) parameters.set(name, question[name]);
  }
  const path =
    target.kind === "id" ? `v1/desktops/${encodeURIComponent(target.text)}/unbindings` : "v1/unbindings";
  if (target.kind === "name") parameters.set("desktop_name", target.text);
  try {
    const response = await fetch(`${path}?${parameters}`, {
      signal,
      headers: { accept: "application/json" },
    });
    const body: unknown = await response.json().catch(() => null);
    if (response.ok && isObject(body)) return { ok: true, result: body as unknown as Result };
    return { ok: false, problem: toProblem(response, body) };
  } catch (error) {
    if (signal.aborted) throw error;
    return { ok: false, problem: { code: "NO_CONNECTION", detail: "", retryable: true, request_id: null } };
  }
}

// A gateway or a proxy in front of the API answers in words of its own.
function toProblem(response: Response, body: unknown): Problem {
  const requestId = response.headers.get("x-request-id");
  if (isObject(body) && typeof body["code"] === "string") {
    return { ...(body as unknown as Problem), request_id: (body["request_id"] as string) ?? requestId };
  }
  const code = response.status === 401 || response.status === 403 ? "FORBIDDEN" : "UNEXPECTED";
  return {
    code,
    detail: `HTTP ${response.status}`,
    retryable: response.status >= 500,
    request_id: requestId,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
