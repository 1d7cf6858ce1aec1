import type { BatchAnswer, Problem, Result } from "../contract/answers.ts";
import type { HoldersAnswer, PersonAnswer } from "../contract/ledger-answers.ts";
import { type Id, idOf, type Message, readMessage } from "./message.ts";
import { type Fields, isFields, LEGACY, Refused, SUPPORTED } from "./protocol.ts";
import { isModern, type RequestHeaders } from "./revision.ts";
import { INSTRUCTIONS, TOOLS } from "./tools.ts";

export interface Received {
  /** Parsed; `undefined` when it was no JSON. */
  body: unknown;
  headers: RequestHeaders;
}

export interface Server {
  version: string;
  /** Whether there is such a tool here. */
  offers: (tool: string) => boolean;
}

/** What to answer with, or the tool whose answer is wanted. */
export type Outcome = Answered | ToolCall;

export interface Answered {
  tool: null;
  status: number;
  /** JSON, or empty. */
  body: string;
  isRefused: boolean;
}

/** What a tool finds. */
export type ToolAnswer = Result | BatchAnswer | PersonAnswer | HoldersAnswer;

export interface ToolCall {
  tool: string;
  input: Fields;
  /** The body of the answer when all is well, */
  good: (answer: ToolAnswer) => string;
  /** and when it is not. */
  bad: (problem: Problem) => string;
}

/** How long a client may keep what only a deployment changes. */
const TTL_MS = 3_600_000;

/**
 * The Model Context Protocol without sessions: every message is answered by what it says itself.
 *
 * https://modelcontextprotocol.io/specification/2026-07-28
 * https://modelcontextprotocol.io/specification/2025-11-25
 */
export function receive({ body, headers }: Received, server: Server): Outcome {
  try {
    const message = readMessage(body);
    const modern = isModern(message, headers);
    if (message.id === undefined) return { tool: null, status: 202, body: "", isRefused: false };
    return answer(message, modern, server);
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    const { status, code, message, data } = thrown;
    // Without an ID where none could be read.
    const response = { jsonrpc: "2.0", id: idOf(body), error: { code, message, data } };
    return { tool: null, status, body: JSON.stringify(response), isRefused: true };
  }
}

function answer({ id, method, params }: Message, modern: boolean, { version, offers }: Server): Outcome {
  const serverInfo = { name: "workspace-unbindings", version };
  const about = { capabilities: { tools: {} }, instructions: INSTRUCTIONS };
  const finish = (result: Fields) =>
    modern ? complete(id as Id, result, serverInfo) : respond(id as Id, result);
  const answered = (result: Fields): Answered => ({
    tool: null,
    status: 200,
    body: finish(result),
    isRefused: false,
  });
  const keepable = modern && { ttlMs: TTL_MS, cacheScope: "public" };

  if (method === "tools/list") {
    // All tools are on the first page.
    if (params["cursor"] !== undefined) throw invalid("unknown cursor");
    return answered({ tools: TOOLS.filter(({ name }) => offers(name)), ...keepable });
  }
  if (method === "tools/call") {
    const { name, arguments: input = {} } = params;
    const tool = TOOLS.find((each) => each.name === name && offers(each.name));
    if (!tool) throw invalid("unknown tool");
    if (!isFields(input)) throw invalid("arguments must be an object");
    return {
      tool: tool.name,
      input,
      good: (found) => finish({ content: textOf(found), structuredContent: found }),
      // No structured content: clients would hold it to the schema of a good answer.
      bad: (problem) => finish({ content: textOf(problem), isError: true }),
    };
  }
  if (modern && method === "server/discover") {
    return answered({ supportedVersions: SUPPORTED, ...about, ...keepable });
  }
  if (!modern && method === "initialize") {
    // A client that wants another version is told the newest of these, and may leave.
    const protocolVersion = LEGACY.find((each) => each === params["protocolVersion"]) ?? LEGACY[0];
    return answered({ protocolVersion, serverInfo, ...about });
  }
  if (!modern && method === "ping") return answered({});
  throw new Refused(modern ? 404 : 200, -32601, "Method not found");
}

function respond(id: Id, result: Fields): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result });
}

function complete(id: Id, result: Fields, serverInfo: Fields): string {
  const _meta = { "io.modelcontextprotocol/serverInfo": serverInfo };
  return respond(id, { resultType: "complete", ...result, _meta });
}

/** JSON and nothing else: a sentence around it could not be told from what a name says. */
function textOf(value: unknown): Fields[] {
  return [{ type: "text", text: JSON.stringify(value) }];
}

function invalid(what: string): Refused {
  return new Refused(200, -32602, `Invalid params: ${what}`);
}
