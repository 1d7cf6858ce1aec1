import type { BatchAnswer, Problem, Result } from "../contract/answers.ts";
import { type Message, readMessage } from "./message.ts";
import {
  type Fields,
  type Id,
  isFields,
  LEGACY,
  META,
  type Refusal,
  refusal,
  SUPPORTED,
} from "./protocol.ts";
import { type Headers, readRevision } from "./revision.ts";
import { INSTRUCTIONS, TOOLS } from "./tools.ts";

export interface Received {
  /** Parsed; `undefined` when it was no JSON. */
  body: unknown;
  headers: Headers;
}

export interface Server {
  version: string;
  /** The tools that there are here, by their names. */
  offers: (tool: string) => boolean;
}

/** What is to be done about a message. */
export type Outcome =
  /** Answer so; `body` is JSON, or empty. */
  { kind: "answered"; status: number; body: string; isRefused: boolean } | ToolCall;

/** Call the tool, and answer with what comes of it. */
export interface ToolCall {
  kind: "call";
  tool: string;
  input: Fields;
  /** Each as the body of the answer. */
  good: (answer: Result | BatchAnswer) => string;
  bad: (problem: Problem) => string;
}

/** How long a client may keep what does not change before the next deployment; a new tool is worth waiting for. */
const TTL_MS = 3_600_000;

/**
 * The Model Context Protocol without sessions: each message is answered by what it says itself.
 *
 * https://modelcontextprotocol.io/specification/2026-07-28
 * https://modelcontextprotocol.io/specification/2025-11-25
 */
export function receive({ body, headers }: Received, server: Server): Outcome {
  if (body === undefined)
    return refuse(undefined, refusal(400, "parseError", "the body is no JSON in UTF-8"));
  const reading = readMessage(body);
  if (reading.refused) return refuse(reading.id, reading.refused);
  const { message } = reading;
  const revision = readRevision(message, headers);
  if (revision.refused) return refuse(message.id, revision.refused);
  const { id } = message;
  if (id === undefined) return { kind: "answered", status: 202, body: "", isRefused: false };
  return revision.isModern
    ? answerModern({ ...message, id }, server)
    : answerLegacy({ ...message, id }, server);
}

type Request = Message & { id: Id };

function answerModern(request: Request, server: Server): Outcome {
  const finish = (result: Fields) => {
    const _meta = { [META.server]: describe(server) };
    return toResponse(request.id, { resultType: "complete", ...result, _meta });
  };
  const cacheable = { ttlMs: TTL_MS, cacheScope: "public" };
  switch (request.method) {
    case "server/discover":
      return answered(
        finish({
          supportedVersions: SUPPORTED,
          capabilities: { tools: {} },
          instructions: INSTRUCTIONS,
          ...cacheable,
        }),
      );
    case "tools/list":
      return listTools(request, server, (result) => finish({ ...result, ...cacheable }));
    case "tools/call":
      return callTool(request, server, finish);
    default:
      return refuse(request.id, refusal(404, "methodNotFound", "Method not found"));
  }
}

function answerLegacy(request: Request, server: Server): Outcome {
  const finish = (result: Fields) => toResponse(request.id, result);
  const wanted = request.params["protocolVersion"];
  switch (request.method) {
    case "initialize":
      return answered(
        finish({
          // Whoever wants another version is told the newest of these, and may leave.
          protocolVersion: LEGACY.find((version) => version === wanted) ?? LEGACY[0],
          capabilities: { tools: {} },
          serverInfo: describe(server),
          instructions: INSTRUCTIONS,
        }),
      );
    case "ping":
      return answered(finish({}));
    case "tools/list":
      return listTools(request, server, finish);
    case "tools/call":
      return callTool(request, server, finish);
    default:
      return refuse(request.id, refusal(200, "methodNotFound", "Method not found"));
  }
}

type Finish = (result: Fields) => string;

function listTools({ id, params }: Request, { offers }: Server, finish: Finish): Outcome {
  // All tools are on the first page.
  if (params["cursor"] !== undefined) return refuse(id, refusal(200, "invalidParams", "Unknown cursor"));
  return answered(finish({ tools: TOOLS.filter(({ name }) => offers(name)) }));
}

function callTool({ id, params }: Request, { offers }: Server, finish: Finish): Outcome {
  const { name, arguments: input = {} } = params;
  const tool = TOOLS.find((each) => each.name === name && offers(each.name));
  if (!tool)
    return refuse(id, refusal(200, "invalidParams", "Unknown tool; tools/list names those there are"));
  if (!isFields(input)) return refuse(id, refusal(200, "invalidParams", "arguments must be an object"));
  return {
    kind: "call",
    tool: tool.name,
    input,
    good: (answer) => finish({ content: textOf(answer), structuredContent: answer }),
    // No structured content: clients would hold it to the schema of a good answer.
    bad: (problem) => finish({ content: textOf(problem), isError: true }),
  };
}

/** JSON and nothing else: a sentence around it could not be told from what a name says. */
function textOf(value: unknown): Fields[] {
  return [{ type: "text", text: JSON.stringify(value) }];
}

function describe({ version }: Server) {
  return { name: "workspace-unbindings", title: "Workspace unbindings", version };
}

function answered(body: string): Outcome {
  return { kind: "answered", status: 200, body, isRefused: false };
}

/** Without an ID where none could be read. */
function refuse(id: Id | undefined, { status, ...error }: Refusal): Outcome {
  const body = JSON.stringify({ jsonrpc: "2.0", id, error });
  return { kind: "answered", status, body, isRefused: true };
}

function toResponse(id: Id, result: Fields): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result });
}
