import { compose, type World } from "../../src/compose/service.ts";
import { type ErrorCode, LookupError } from "../../src/contract/errors.ts";
import type { GatewayReply } from "../../src/http/finish.ts";
import { createHttpFunction } from "../../src/http/http-function.ts";
import { TransportFault, type TransportFaultKind, type UpstreamAnswer } from "../../src/net/transport.ts";

/**
 * Questions put to the real handler in a world that stands still. What it answers is what the documentation shows:
 * no example is written by hand, and none can be wrong.
 */
export interface Scenario {
  /** Unique; the example's key. */
  name: string;
  summary: string;
  /** The documented operation that it belongs to. */
  operation: OperationId;
  request: {
    method?: "GET" | "POST";
    path: string;
    query?: string;
    headers?: Record<string, string>;
    body?: string;
  };
  /** What the upstream answers, by default a history of two unbindings. */
  upstream?: Upstream;
  secret?: string | LookupError;
  /** Whether the function is set up wrongly. */
  isMisconfigured?: boolean;
  /** `ACCESS_POLICY`; by default every caller may use every profile. */
  policy?: unknown;
  /** What Lambda has left, in milliseconds. */
  lambdaMs?: number;
}

export type OperationId =
  | "getUnbindings"
  | "getUnbindingsByName"
  | "queryUnbindings"
  | "getProfiles"
  | "getHealth"
  | "getReadiness";

export interface Shown {
  scenario: Scenario;
  status: number;
  contentType: string;
  headers: Readonly<Record<string, string>>;
  /** Parsed where it is JSON. */
  body: unknown;
}

type Upstream = (path: string) => Partial<Omit<UpstreamAnswer, "body">> & { body?: unknown };

const NOW = Date.parse("2026-03-01T09:00:00Z");
const DESKTOP = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";
const UNBINDINGS = `/v1/desktops/${DESKTOP}/unbindings`;

const SECRET = JSON.stringify({
  access_key: "HPUAEXAMPLEAK0000001",
  secret_key: "ExampleSecretKeyOfTheDocumentation000001",
  project_id: "0123456789abcdef0123456789abcdef",
  region: "cn-north-4",
});

const HISTORY = {
  desktop_detach_infos: [
    row("bob", "1b2e6d8cf1e35a8eac2d4f6b8a012233", "USER", "users", "2025-11-03T16:40:00Z"),
    row("alice", "0a1f5c7be0d24f7d9b1c3e5a7f901122", "USER", "administrators", "2026-02-10T08:15:30.000Z"),
  ],
};

function row(name: string, id: string, type: string, group: string, time: string) {
  return {
    desktop_id: DESKTOP,
    desktop_name: "WIN-ALICE",
    user_id: id,
    user_name: name,
    user_group: group,
    detach_time: time,
    type,
  };
}

const known: Upstream = (path) =>
  path.includes("/detach-info")
    ? { body: HISTORY }
    : { body: { total_count: 1, desktops: [{ desktop_id: DESKTOP, computer_name: "WIN-ALICE" }] } };

const ambiguous: Upstream = () => ({
  body: {
    total_count: 2,
    desktops: [
      { desktop_id: DESKTOP, computer_name: "WIN-ALICE" },
      { desktop_id: "b7f0c3d2-5a1e-4c39-8e7b-90d1a2f4c601", computer_name: "win-alice" },
    ],
  },
});

function refusing(status: number, code: string, headers: Record<string, string> = {}): Upstream {
  return () => ({ status, headers, body: { error_code: code, error_msg: "in Huawei's own words" } });
}

function failing(kind: TransportFaultKind): Upstream {
  return () => {
    throw new TransportFault(kind, "EXAMPLE");
  };
}

const ask = { operation: "getUnbindings", request: { path: UNBINDINGS } } as const;

/** A desktop that is not there any more. */
const GONE = "0f6d2a91-7c44-4b0a-b5f3-1e8c9d7a2b10";
const TOO_LARGE = " ".repeat(65_537);
const JSON_BODY = { "content-type": "application/json" };

const askForMany = {
  operation: "queryUnbindings",
  request: {
    method: "POST",
    path: "/v1/unbindings/query",
    headers: JSON_BODY,
    body: JSON.stringify({ desktop_ids: [DESKTOP, GONE] }),
  },
} as const;

/** The errors of a lookup that need nothing but an upstream, or a secret, in trouble. */
const TROUBLES: readonly (readonly [
  ErrorCode,
  string,
  Pick<Scenario, "upstream" | "secret" | "lambdaMs">,
])[] = [
  ["DESKTOP_NOT_FOUND", "No such desktop", { upstream: refusing(404, "WKS.0404") }],
  [
    "UPSTREAM_THROTTLED",
    "Huawei limits our calls",
    { upstream: refusing(429, "APIGW.0308", { "retry-after": "30" }) },
  ],
  [
    "INTERNAL",
    "A bug of ours",
    {
      upstream: () => {
        throw new TypeError("a bug");
      },
    },
  ],
  ["SECRET_INVALID", "A field of the secret is wrong", { secret: "{}" }],
  ["CREDENTIALS_REFUSED", "Huawei refuses our key", { upstream: refusing(401, "APIGW.0301") }],
  ["PERMISSION_DENIED", "Our user lacks the permission", { upstream: refusing(403, "PAP5.0001") }],
  ["UPSTREAM_MISCONFIGURED", "Wrong region, endpoint or project", { upstream: refusing(404, "APIGW.0101") }],
  ["UPSTREAM_REJECTED", "Huawei refuses for another reason", { upstream: refusing(400, "WKS.0001") }],
  ["UPSTREAM_INVALID_RESPONSE", "An answer that is none", { upstream: () => ({ body: "<html>" }) }],
  [
    "SECRET_UNAVAILABLE",
    "The store does not give the secret",
    { secret: new LookupError("SECRET_UNAVAILABLE") },
  ],
  ["UPSTREAM_UNAVAILABLE", "Huawei has a fault", { upstream: refusing(503, "APIGW.0613") }],
  ["UPSTREAM_UNREACHABLE", "No connection", { upstream: failing("unreachable") }],
  ["UPSTREAM_TIMEOUT", "No answer in time", { upstream: failing("timeout") }],
  ["DEADLINE_EXCEEDED", "Our own time ran out", { lambdaMs: 200 }],
];

export const SCENARIOS: readonly Scenario[] = [
  { ...ask, name: "result", summary: "Two unbindings, the newest first" },
  {
    ...ask,
    name: "nobody",
    summary: "Nobody was unbound: Huawei said so",
    upstream: () => ({ body: { desktop_detach_infos: [] } }),
  },
  { ...ask, name: "csv", summary: "As CSV", request: { path: UNBINDINGS, headers: { accept: "text/csv" } } },
  {
    ...ask,
    name: "INVALID_REQUEST",
    summary: "All faults at once",
    request: { path: UNBINDINGS, query: "since=yesterday&limit=0&colour=red" },
  },
  {
    ...ask,
    name: "NOT_ACCEPTABLE",
    summary: "No such media type",
    request: { path: UNBINDINGS, headers: { accept: "image/png" } },
  },
  {
    ...ask,
    name: "METHOD_NOT_ALLOWED",
    summary: "Another method",
    request: { path: UNBINDINGS, method: "POST" },
  },
  {
    ...ask,
    name: "tooLarge",
    summary: "A body of more than 64 kB, though none is read",
    request: { path: UNBINDINGS, body: TOO_LARGE },
  },
  {
    ...ask,
    name: "FORBIDDEN",
    summary: "A profile that is not the caller's",
    request: { path: UNBINDINGS, query: "profile=lab" },
    policy: [{ profiles: ["default"] }],
  },
  {
    ...ask,
    name: "NOT_FOUND",
    summary: "No such profile",
    request: { path: UNBINDINGS, query: "profile=nowhere" },
  },
  ...TROUBLES.map(([name, summary, trouble]) => ({ ...ask, name, summary, ...trouble })),
  {
    name: "byName",
    summary: "The same, asked by name",
    operation: "getUnbindingsByName",
    request: { path: "/v1/unbindings", query: "desktop_name=win-alice" },
  },
  {
    name: "AMBIGUOUS_NAME",
    summary: "Several desktops bear the name",
    operation: "getUnbindingsByName",
    request: { path: "/v1/unbindings", query: "desktop_name=win-alice" },
    upstream: ambiguous,
  },
  {
    ...askForMany,
    name: "batch",
    summary: "One desktop answered, one not",
    upstream: (path) => (path.includes(GONE) ? refusing(404, "WKS.0404")(path) : known(path)),
  },
  {
    ...askForMany,
    name: "batchCsv",
    summary: "As CSV",
    request: { ...askForMany.request, headers: { ...JSON_BODY, accept: "text/csv" } },
    upstream: (path) => (path.includes(GONE) ? refusing(404, "WKS.0404")(path) : known(path)),
  },
  {
    ...askForMany,
    name: "batchInvalid",
    summary: "All faults at once",
    request: {
      ...askForMany.request,
      body: JSON.stringify({ desktop_ids: [DESKTOP, "no such/thing", DESKTOP], limit: 101 }),
    },
  },
  {
    ...askForMany,
    name: "batchNotAcceptable",
    summary: "No such media type",
    request: { ...askForMany.request, headers: { ...JSON_BODY, accept: "image/png" } },
  },
  {
    ...askForMany,
    name: "batchMethod",
    summary: "Another method",
    request: { ...askForMany.request, method: "GET" },
  },
  {
    ...askForMany,
    name: "PAYLOAD_TOO_LARGE",
    summary: "More than 64 kB",
    request: { ...askForMany.request, body: TOO_LARGE },
  },
  {
    ...askForMany,
    name: "batchForbidden",
    summary: "A profile that is not the caller's",
    request: {
      ...askForMany.request,
      body: JSON.stringify({ desktop_ids: [DESKTOP, GONE], profile: "lab" }),
    },
    policy: [{ profiles: ["default"] }],
  },
  {
    ...askForMany,
    name: "batchInternal",
    summary: "The function is set up wrongly",
    isMisconfigured: true,
  },
  {
    ...askForMany,
    name: "batchSecretInvalid",
    summary: "Whether the caller may ask cannot be told without the secret, which is not what we need",
    policy: [{ profiles: ["prod"] }],
    secret: "{}",
  },
  {
    ...askForMany,
    name: "batchSecretUnavailable",
    summary: "Whether the caller may ask cannot be told without the secret, which the store does not give",
    policy: [{ profiles: ["prod"] }],
    secret: new LookupError("SECRET_UNAVAILABLE"),
  },
  {
    ...askForMany,
    name: "batchDeadline",
    summary: "Our own time ran out before it could be told whether the caller may ask",
    policy: [{ profiles: ["prod"] }],
    lambdaMs: 200,
  },
  {
    ...askForMany,
    name: "UNSUPPORTED_MEDIA_TYPE",
    summary: "A form, not JSON",
    request: { ...askForMany.request, headers: { "content-type": "application/x-www-form-urlencoded" } },
  },
  { name: "profiles", summary: "One profile", operation: "getProfiles", request: { path: "/v1/profiles" } },
  {
    name: "profilesUnknownParameter",
    summary: "It takes none",
    operation: "getProfiles",
    request: { path: "/v1/profiles", query: "limit=1" },
  },
  {
    name: "profilesForbidden",
    summary: "A caller whom no rule of the policy fits",
    operation: "getProfiles",
    request: { path: "/v1/profiles" },
    policy: [{ claims: { groups: ["helpdesk"] } }],
  },
  {
    name: "profilesMethod",
    summary: "Another method",
    operation: "getProfiles",
    request: { path: "/v1/profiles", method: "POST" },
  },
  {
    name: "profilesTooLarge",
    summary: "A body of more than 64 kB, though none is read",
    operation: "getProfiles",
    request: { path: "/v1/profiles", body: TOO_LARGE },
  },
  {
    name: "profilesInternal",
    summary: "The function is set up wrongly",
    operation: "getProfiles",
    request: { path: "/v1/profiles" },
    isMisconfigured: true,
  },
  {
    name: "profilesSecretInvalid",
    summary: "The secret is not what we need",
    operation: "getProfiles",
    request: { path: "/v1/profiles" },
    secret: "{}",
  },
  {
    name: "profilesSecretUnavailable",
    summary: "Secrets Manager does not give the secret",
    operation: "getProfiles",
    request: { path: "/v1/profiles" },
    secret: new LookupError("SECRET_UNAVAILABLE"),
  },
  {
    name: "profilesDeadline",
    summary: "Lambda has no time left",
    operation: "getProfiles",
    request: { path: "/v1/profiles" },
    lambdaMs: 0,
  },
  {
    name: "healthMethod",
    summary: "Another method",
    operation: "getHealth",
    request: { path: "/health", method: "POST" },
  },
  {
    name: "readyMethod",
    summary: "Another method",
    operation: "getReadiness",
    request: { path: "/ready", method: "POST" },
  },
  {
    name: "healthTooLarge",
    summary: "A body of more than 64 kB, though none is read",
    operation: "getHealth",
    request: { path: "/health", body: TOO_LARGE },
  },
  {
    name: "healthInternal",
    summary: "The function is set up wrongly",
    operation: "getHealth",
    request: { path: "/health" },
    isMisconfigured: true,
  },
  {
    name: "readyTooLarge",
    summary: "A body of more than 64 kB, though none is read",
    operation: "getReadiness",
    request: { path: "/ready", body: TOO_LARGE },
  },
  {
    name: "misconfigured",
    summary: "The function is set up wrongly",
    operation: "getReadiness",
    request: { path: "/ready" },
    isMisconfigured: true,
  },
  { name: "health", summary: "It runs", operation: "getHealth", request: { path: "/health" } },
  { name: "ready", summary: "All is well", operation: "getReadiness", request: { path: "/ready" } },
  {
    name: "notReady",
    summary: "The secret is not what we need",
    operation: "getReadiness",
    request: { path: "/ready" },
    secret: "{}",
  },
];

/** Puts the scenario to the handler as an HTTP API would. */
export async function show(scenario: Scenario): Promise<Shown> {
  const { request, lambdaMs = 10_000, policy = [{ profiles: ["*"] }], isMisconfigured } = scenario;
  const handler = createHttpFunction(
    compose(
      {
        WORKSPACE_SECRET_ID: "workspace-unbindings/example",
        ACCESS_POLICY: JSON.stringify(policy),
        ...(isMisconfigured && { LOG_LEVEL: "none" }),
      },
      worldOf(scenario),
    ),
  );
  const event = {
    version: "2.0",
    rawPath: request.path,
    rawQueryString: request.query ?? "",
    headers: { "x-request-id": "7ff61168-5f77-4c1b-9087-a4065a832861", ...request.headers },
    requestContext: { http: { method: request.method ?? "GET" }, stage: "$default" },
    body: request.body,
    isBase64Encoded: false,
  };
  const reply: GatewayReply = await handler(event, { getRemainingTimeInMillis: () => lambdaMs } as never);
  const headers = reply.headers ?? {};
  const contentType = (headers["content-type"] ?? "").split(";")[0] as string;
  return {
    scenario,
    status: reply.statusCode,
    contentType,
    headers,
    body: contentType.endsWith("json") ? JSON.parse(reply.body) : reply.body,
  };
}

/** A world in which no time passes and nothing is left to chance. */
function worldOf({ upstream = known, secret = SECRET }: Scenario): World {
  return {
    fetchSecret: async () => {
      if (secret instanceof LookupError) throw secret;
      return secret;
    },
    send: async ({ path }) => {
      const { status = 200, headers = {}, body } = upstream(path);
      return {
        status,
        headers: { "x-request-id": "0f3c2a1b9d8e7f60", ...headers },
        body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
      };
    },
    write: () => {},
    now: () => 0,
    wallNow: () => NOW,
    random: () => 0,
    sleep: async () => {},
  };
}
