import type { Result } from "../../src/contract/answers.ts";
import { FILTERS, type Question } from "./link.ts";
import { isObject, type Problem, pageProblem, readProblem } from "./problem.ts";
import type { Target } from "./targets.ts";

export type Answer = { ok: true; result: Result } | { ok: false; problem: Problem };

/** What puts a token on a request; nobody signs in where the API needs none. */
export interface Tokens {
  /** The current one, renewed when its time is up; `null` when there is none to be had without a person. */
  current(): Promise<string | null>;
  /** A new one in place of one that was refused; `null` when there is none to be had without a person. */
  replace(refused: string): Promise<string | null>;
}

/** The most that the API gives for one desktop. */
const LIMIT = "1000";

/** Asks the API for one target; whatever goes wrong becomes a problem. */
export type Ask = (target: Target, question: Question, signal: AbortSignal) => Promise<Answer>;

export function createAsk(tokens: Tokens | null): Ask {
  async function get(url: string, token: string | null, signal: AbortSignal): Promise<Response> {
    const authorization = token === null ? undefined : { authorization: `Bearer ${token}` };
    // Its own answers are the API's to keep for a while; the browser's cache would not know who asks.
    return await fetch(url, {
      signal,
      cache: "no-store",
      headers: { accept: "application/json", ...authorization },
    });
  }

  /** With a token, if need be with a new one; `null` when a person must sign in first. */
  async function getSignedIn(url: string, signal: AbortSignal): Promise<Response | null> {
    if (!tokens) return await get(url, null, signal);
    const token = await tokens.current();
    if (token === null) return null;
    const response = await get(url, token, signal);
    if (response.status !== 401) return response;
    const newer = await tokens.replace(token);
    return newer === null ? response : await get(url, newer, signal);
  }

  return async (target, question, signal) => {
    try {
      const response = await getSignedIn(urlOf(target, question), signal);
      if (!response) return { ok: false, problem: pageProblem("SESSION_EXPIRED", false) };
      const body: unknown = await response.json().catch(() => null);
      if (response.ok && isObject(body) && Array.isArray(body["unbindings"]))
        return { ok: true, result: body as unknown as Result };
      return { ok: false, problem: readProblem(response.status, response.headers, body) };
    } catch (error) {
      if (signal.aborted) throw error;
      return { ok: false, problem: pageProblem("NO_CONNECTION", true) };
    }
  };
}

/** Relative to the page: both are served from one place. */
export function urlOf(target: Target, question: Question): string {
  const parameters = new URLSearchParams({ limit: LIMIT });
  for (const name of FILTERS) {
    if (question[name]) parameters.set(name, question[name]);
  }
  if (target.kind === "name") parameters.set("desktop_name", target.text);
  const path =
    target.kind === "id" ? `v1/desktops/${encodeURIComponent(target.text)}/unbindings` : "v1/unbindings";
  return `${path}?${parameters}`;
}
