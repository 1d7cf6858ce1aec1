import type { Problem as ApiProblem } from "../../src/contract/answers.ts";

/** What this page itself can say went wrong, beside the codes of the API. */
export type PageCode =
  | "NO_CONNECTION"
  | "SESSION_EXPIRED"
  | "NOT_ALLOWED"
  | "TOO_MANY_REQUESTS"
  | "SERVICE_UNAVAILABLE"
  | "STOPPED"
  | "SIGN_IN_FAILED"
  | "SIGN_IN_UNREACHABLE"
  | "UNEXPECTED";

/** An error as the API reports it, or as close to it as what came instead allows. */
export interface Problem
  extends Pick<ApiProblem, "detail" | "retryable" | "retry_after_seconds" | "errors" | "candidates"> {
  code: ApiProblem["code"] | PageCode;
  request_id: string | null;
}

export function pageProblem(code: PageCode, retryable: boolean, detail = ""): Problem {
  return { code, detail, retryable, request_id: null };
}

/** What an answer that is no result says. A gateway or a proxy in front of the API answers in words of its own. */
export function readProblem(status: number, headers: Headers, body: unknown): Problem {
  const requestId = headers.get("x-request-id");
  if (isObject(body) && typeof body["code"] === "string") return ofApi(body, requestId);
  const wait = Number(headers.get("retry-after") ?? Number.NaN);
  const [code, retryable] = ofGateway(status);
  return {
    ...pageProblem(code, retryable, `HTTP ${status}`),
    // API Gateway's own ID: the operator finds it in the access log.
    request_id: requestId ?? headers.get("apigw-requestid"),
    ...(Number.isInteger(wait) && wait > 0 && { retry_after_seconds: wait }),
  };
}

/** Only what is as the API writes it: a card must not break on what something in between made of it. */
function ofApi(body: Record<string, unknown>, requestId: string | null): Problem {
  const { code, detail, retryable, retry_after_seconds: wait, request_id: own } = body;
  const errors = listOf(body["errors"], ["field", "message"]);
  const candidates = listOf(body["candidates"], ["desktop_id"]);
  return {
    code: code as Problem["code"],
    detail: typeof detail === "string" ? detail : "",
    retryable: retryable === true,
    request_id: typeof own === "string" ? own : requestId,
    ...(typeof wait === "number" && wait > 0 && { retry_after_seconds: wait }),
    ...(errors && { errors: errors as NonNullable<Problem["errors"]> }),
    ...(candidates && { candidates: candidates as NonNullable<Problem["candidates"]> }),
  };
}

/** A list of objects that have text in each of these; `null` for anything else. */
function listOf(value: unknown, names: readonly string[]): unknown[] | null {
  const isOne = (each: unknown) => isObject(each) && names.every((name) => typeof each[name] === "string");
  return Array.isArray(value) && value.length > 0 && value.every(isOne) ? value : null;
}

function ofGateway(status: number): [PageCode, boolean] {
  if (status === 401) return ["SESSION_EXPIRED", false];
  if (status === 403) return ["NOT_ALLOWED", false];
  if (status === 429) return ["TOO_MANY_REQUESTS", true];
  return status >= 500 ? ["SERVICE_UNAVAILABLE", true] : ["UNEXPECTED", false];
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
