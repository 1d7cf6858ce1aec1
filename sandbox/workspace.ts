import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { sleep, wallNow } from "../src/time/clocks.ts";
import type { CannedAnswer, Desktop, Project } from "./fleet.ts";
import { readBytes, type Serving, serve } from "./serve.ts";
import { checkSignature, type WireRequest } from "./signature.ts";

// The gateway takes bodies of up to 12 MB; none of the operations here has one.
const MAX_BODY_BYTES = 12 * 1024 * 1024;
const MAX_PAGE_SIZE = 1000;

const ROUTE = /^\/v2\/([^/]+)\/desktops(?:\/([^/]+)\/detach-info)?$/;

export interface WorkspaceParts {
  fleet: readonly Project[];
  /** Milliseconds since the epoch: the gateway's clock. */
  now?: () => number;
}

/** Huawei Cloud Workspace, as far as this project calls it: the gateway that checks signatures, and a fleet. */
export function serveWorkspace({ fleet, now = wallNow }: WorkspaceParts): Promise<Serving> {
  return serve(async (request, response) => {
    const body = await readBytes(request, MAX_BODY_BYTES);
    if (body === null)
      return await send(response, gatewayError(413, "APIGW.0201", "Request entity too large"));
    await send(response, answerTo(fleet, toWireRequest(request, body), now()));
  });
}

type Answer = CannedAnswer & { delayMs?: number };

function answerTo(fleet: readonly Project[], request: WireRequest, now: number): Answer {
  const [path = "", query = ""] = request.target.split("?");
  const route = ROUTE.exec(path);
  if (request.method !== "GET" || !route) {
    return gatewayError(
      404,
      "APIGW.0101",
      "The API does not exist or has not been published in the environment",
    );
  }
  const verdict = checkSignature(request, fleet, now);
  if ("refusal" in verdict) {
    return gatewayError(401, "APIGW.0301", `Incorrect IAM authentication information: ${verdict.refusal}`);
  }
  const project = verdict.key;
  const [, projectId, desktopId] = route;
  if (projectId !== project.projectId || !isProjectNamed(request, project)) {
    return gatewayError(403, "APIGW.0310", "The project is unavailable");
  }
  return desktopId === undefined
    ? listDesktops(project.desktops, new URLSearchParams(query))
    : listDetachInfo(project.desktops, desktopId);
}

/** Where a project is named in a header, it must be the same one. */
function isProjectNamed({ headers }: WireRequest, project: Project): boolean {
  return headers.every(
    ([name, value]) => name.toLowerCase() !== "x-project-id" || value === project.projectId,
  );
}

function listDetachInfo(desktops: readonly Desktop[], desktopId: string): Answer {
  const desktop = desktops.find((candidate) => candidate.desktopId === desktopId);
  if (!desktop) {
    return { status: 404, body: { error_code: "WKS.0202", error_msg: "The desktop does not exist." } };
  }
  const { instead, unbindings, delayMs = 0 } = desktop;
  return { ...(instead ?? { status: 200, body: { desktop_detach_infos: unbindings } }), delayMs };
}

function listDesktops(desktops: readonly Desktop[], query: URLSearchParams): Answer {
  const offset = readCount(query.get("offset"), 0);
  const limit = readCount(query.get("limit"), MAX_PAGE_SIZE);
  if (offset === null || limit === null || limit > MAX_PAGE_SIZE) {
    return { status: 400, body: { error_code: "WKS.0001", error_msg: "Invalid request." } };
  }
  // The service says of this parameter that it matches fuzzily.
  const part = query.get("computer_name")?.toLowerCase() ?? "";
  const found = desktops.filter(({ computerName }) => computerName.toLowerCase().includes(part));
  const page = found.slice(offset, offset + limit).map(({ desktopId, computerName, holders }) => ({
    desktop_id: desktopId,
    computer_name: computerName,
    os_host_name: computerName,
    status: "ACTIVE",
    attach_user_infos: holders.map(({ id, name, group }) => ({
      user_id: id,
      user_name: name,
      user_group: group,
      type: "USER",
    })),
  }));
  return { status: 200, body: { total_count: found.length, desktops: page } };
}

function readCount(text: string | null, fallback: number): number | null {
  if (text === null) return fallback;
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function gatewayError(status: number, code: string, message: string): CannedAnswer {
  return { status, body: { error_msg: message, error_code: code } };
}

function toWireRequest(request: IncomingMessage, body: Buffer): WireRequest {
  const { rawHeaders, method = "GET", url = "/" } = request;
  const headers: [string, string][] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    headers.push([rawHeaders[at] as string, rawHeaders[at + 1] as string]);
  }
  return { method, target: url, headers, body };
}

async function send(response: ServerResponse, { status, headers, body, delayMs = 0 }: Answer): Promise<void> {
  if (delayMs > 0) await sleep(delayMs / 2);
  const requestId = randomBytes(16).toString("hex");
  // The gateway's own errors carry the request ID in the body as well.
  const isObject = typeof body === "object";
  const isError = isObject && "error_code" in body;
  response.writeHead(status, { "content-type": "application/json", ...headers, "x-request-id": requestId });
  if (delayMs > 0) {
    response.flushHeaders();
    await sleep(delayMs / 2);
  }
  response.end(isObject ? JSON.stringify(isError ? { ...body, request_id: requestId } : body) : body);
}
