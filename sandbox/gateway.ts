import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { lambdaContext } from "./lambda-context.ts";
import { readBytes, type Serving, serve } from "./serve.ts";
import type { JwtAuthorization, JwtAuthorizer } from "./sign-in/jwt-authorizer.ts";

/** A function behind the gateway, and the requests that are routed to it. */
export interface GatewayFunction {
  name: string;
  matches: (method: string, path: string) => boolean;
  /** Whether its route has no authoriser. */
  isPublic?: boolean;
  handler: (event: unknown, context: Context) => Promise<unknown>;
}

/** The routes of the console: the page, and what it needs. */
export function consoleFunction(handler: GatewayFunction["handler"]): GatewayFunction {
  const matches: GatewayFunction["matches"] = (method, path) =>
    (method === "GET" || method === "HEAD") && /^\/(?:assets\/[^/]+)?$/.test(path);
  return { name: "console", isPublic: true, matches, handler };
}

export interface GatewayParts {
  /** The first that matches answers. */
  functions: readonly GatewayFunction[];
  port?: number;
  /** What routes ask for that are not public; without, all are. */
  authorize?: JwtAuthorizer;
  /** What a function has per invocation. */
  timeoutMs?: number;
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const LAMBDA_TIMEOUT_MS = 10_000;

/** An API Gateway HTTP API on this machine: requests become events (payload 2.0), results become answers. */
export function serveGateway({
  functions,
  port = 0,
  authorize,
  timeoutMs = LAMBDA_TIMEOUT_MS,
}: GatewayParts): Promise<Serving> {
  return serve(async (request, response) => {
    const requestId = randomUUID();
    response.setHeader("apigw-requestid", requestId);
    const { method = "GET", url = "/" } = request;
    const path = url.split("?", 1)[0] as string;
    const found = functions.find(({ matches }) => matches(method, path));
    if (!found) return sendMessage(response, 404, "Not Found");
    const body = await readBytes(request, MAX_BODY_BYTES);
    if (body === null) return sendMessage(response, 413, "Request Entity Too Large");
    const jwt = authorize && !found.isPublic ? await authorize(request.headers.authorization) : undefined;
    if (jwt === null) {
      response.setHeader("www-authenticate", "Bearer");
      return sendMessage(response, 401, "Unauthorized");
    }
    try {
      const event = authorizedBy(jwt, toEvent(request, body, requestId));
      const invocation = found.handler(event, lambdaContext(found.name, timeoutMs));
      send(response, await inTime(invocation, timeoutMs));
    } catch {
      sendMessage(response, 500, "Internal Server Error");
    }
  }, port);
}

/** The event of payload format 2.0. Path and query are kept exactly as they are on the wire. */
export function toEvent(request: IncomingMessage, body: Buffer, requestId: string): APIGatewayProxyEventV2 {
  const { method = "GET", url = "/" } = request;
  const queryAt = url.indexOf("?");
  const rawPath = queryAt === -1 ? url : url.slice(0, queryAt);
  const rawQueryString = queryAt === -1 ? "" : url.slice(queryAt + 1);
  const { cookie, ...headers } = joinedHeaders(request);
  const now = new Date();
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.split(/; ?/) }),
    headers,
    ...(rawQueryString !== "" && { queryStringParameters: joinedQuery(rawQueryString) }),
    requestContext: {
      accountId: "000000000000",
      apiId: "local",
      domainName: headers["host"] ?? "localhost",
      domainPrefix: "localhost",
      http: {
        method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId,
      routeKey: "$default",
      stage: "$default",
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && bodyOf(body, headers)),
    isBase64Encoded: body.length > 0 && !isText(headers),
  };
}

/** With what the authoriser has found out, where there is one. */
function authorizedBy(jwt: JwtAuthorization | undefined, event: APIGatewayProxyEventV2): unknown {
  return jwt ? { ...event, requestContext: { ...event.requestContext, authorizer: { jwt } } } : event;
}

// Several headers, or parameters, of one name are joined with commas.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
function joinedHeaders({ headersDistinct }: IncomingMessage): Record<string, string> {
  const pairs = Object.entries(headersDistinct).map(([name, values]) => [
    name,
    (values ?? []).join(name === "cookie" ? "; " : ","),
  ]);
  return Object.fromEntries(pairs);
}

function joinedQuery(rawQueryString: string): Record<string, string> {
  const query = new URLSearchParams(rawQueryString);
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name).join(",")]));
}

/** An HTTP API hands on as text only what says that it is text: a form, for one, comes in base64. */
function isText(headers: Record<string, string>): boolean {
  const type = headers["content-type"] ?? "";
  return (
    /^(?:text\/|application\/(?:json|javascript|xml)\b)/i.test(type) &&
    headers["content-encoding"] === undefined
  );
}

function bodyOf(body: Buffer, headers: Record<string, string>): { body: string } {
  return { body: body.toString(isText(headers) ? "utf8" : "base64") };
}

/** What the function gives back, unless its time is up first. */
function inTime(invocation: Promise<unknown>, timeoutMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timeIsUp = () => reject(new Error(`Task timed out after ${timeoutMs / 1000} seconds`));
    const timer = setTimeout(timeIsUp, timeoutMs);
    invocation.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

interface Result {
  statusCode: number;
  headers?: Record<string, string | number | boolean>;
  cookies?: string[];
  body?: string;
  isBase64Encoded?: boolean;
}

function send(response: ServerResponse, result: unknown): void {
  const { statusCode, headers = {}, cookies, body = "", isBase64Encoded } = asResult(result);
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
  if (cookies) response.setHeader("set-cookie", cookies);
  if (bytes.length > 0 && !response.hasHeader("content-type")) {
    response.setHeader("content-type", "text/plain;charset=UTF-8");
  }
  response.statusCode = statusCode;
  // Node leaves the body of an answer to HEAD out by itself.
  response.end(bytes);
}

/** What is no answer with a status is the body of one, as JSON. */
function asResult(result: unknown): Result {
  if (typeof result === "object" && result !== null && "statusCode" in result) {
    const { statusCode } = result as Result;
    if (!Number.isInteger(statusCode) || statusCode < 100 || statusCode > 599) {
      throw new Error("the function's status code is none");
    }
    return result as Result;
  }
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: typeof result === "string" ? result : (JSON.stringify(result) ?? "null"),
  };
}

function sendMessage(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ message }));
}
