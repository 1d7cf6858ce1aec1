import type { Context } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { type Caller, nameOf } from "../../src/access/caller.ts";
import { grantOf, parseAccessPolicy } from "../../src/access/policy.ts";
import { readConfig } from "../../src/config/config.ts";
import { createHttpFunction } from "../../src/http/http-function.ts";
import { createInvokeFunction } from "../../src/invoke/invoke-function.ts";
import { rowsOf, stage } from "../support/world.ts";

/** The secret of these tests has the profiles `prod`, which is the default, and `lab`. */
const POLICY = [
  { iam: ["arn:aws:iam::111122223333:role/admin"], profiles: ["*"] },
  { iam: ["arn:aws:iam::111122223333:user/ops/*"], profiles: ["lab"] },
  { claims: { groups: ["helpdesk", "audit"] }, hide_users: true },
  { claims: { sub: "reporter" }, profiles: ["prod", "gone"] },
  { invoke: true, profiles: ["lab"], hide_users: true },
];

const ADMIN = iam("arn:aws:sts::111122223333:assumed-role/admin/alice");
const OPS = iam("arn:aws:iam::111122223333:user/ops/bob");
const HELPDESK = jwt({ sub: "carla", groups: "[helpdesk everyone]" });
const REPORTER = jwt({ sub: "reporter" });
const STRANGER = iam("arn:aws:iam::111122223333:user/mallory");

function iam(userArn: string) {
  return { authorizer: { iam: { userArn } } };
}

function jwt(claims: Record<string, unknown>) {
  return { authorizer: { jwt: { claims, scopes: null } } };
}

interface Asked {
  requestContext?: Record<string, unknown>;
  query?: string;
  policy?: unknown;
  desktopId?: string;
  path?: string;
}

async function ask({ requestContext = {}, query = "", policy = POLICY, desktopId = "d0", path }: Asked) {
  const { composition, heard, log } = stage({
    say: ({ desktopId: id }) => rowsOf(id ?? "", "alice"),
    env: policy === null ? {} : { ACCESS_POLICY: JSON.stringify(policy) },
  });
  const reply = await createHttpFunction(composition)(
    {
      version: "2.0",
      rawPath: path ?? `/v1/desktops/${desktopId}/unbindings`,
      rawQueryString: query,
      requestContext: { http: { method: "GET" }, ...requestContext },
    },
    { awsRequestId: "lambda-request-1" } as Context,
  );
  const answer = JSON.parse(reply.body);
  return { status: reply.statusCode, answer, heard, audit: log.filter(({ message }) => message === "audit") };
}

describe("who may ask about which profile", () => {
  // caller, profile asked for (null: none), what comes of it.
  const MATRIX = [
    ["admin", ADMIN, null, "prod"],
    ["admin", ADMIN, "prod", "prod"],
    ["admin", ADMIN, "lab", "lab"],
    ["admin", ADMIN, "nowhere", "NOT_FOUND"],
    ["ops", OPS, null, "FORBIDDEN"],
    ["ops", OPS, "prod", "FORBIDDEN"],
    ["ops", OPS, "lab", "lab"],
    ["ops", OPS, "nowhere", "FORBIDDEN"],
    ["helpdesk", HELPDESK, null, "prod"],
    ["helpdesk", HELPDESK, "prod", "prod"],
    ["helpdesk", HELPDESK, "lab", "FORBIDDEN"],
    ["helpdesk", HELPDESK, "nowhere", "FORBIDDEN"],
    ["reporter", REPORTER, null, "prod"],
    ["reporter", REPORTER, "lab", "FORBIDDEN"],
    ["reporter, whose profile is gone,", REPORTER, "gone", "FORBIDDEN"],
    ["a stranger", STRANGER, null, "FORBIDDEN"],
    ["a stranger", STRANGER, "prod", "FORBIDDEN"],
    ["a stranger", STRANGER, "nowhere", "FORBIDDEN"],
    ["nobody in particular", {}, null, "FORBIDDEN"],
  ] as const;

  it.each(MATRIX)("%s, %j, asking for %j: %s", async (_, requestContext, profile, outcome) => {
    const { status, answer, heard } = await ask({
      requestContext,
      query: profile === null ? "" : `profile=${profile}`,
    });
    if (status === 200) expect(answer.profile).toBe(outcome);
    else expect(answer.code).toBe(outcome);
    expect(heard).toHaveLength(status === 200 ? 1 : 0);
    const sees = requestContext === HELPDESK ? null : "alice";
    if (status === 200) {
      expect([answer.last_user_name, answer.unbindings[0].user_name]).toEqual([sees, sees]);
    }
  });

  it("without a policy, is every caller, about the default profile, by its name too", async () => {
    const outcomes = ["", "profile=prod", "profile=lab", "profile=nowhere"].map(async (query) => {
      const { status } = await ask({ policy: null, query });
      return status;
    });
    expect(await Promise.all(outcomes)).toEqual([200, 200, 403, 403]);
  });

  it("tells a profile that is not theirs from one that is not there by nothing at all", async () => {
    const [existing, missing] = await Promise.all(
      ["lab", "nowhere"].map((name) => ask({ requestContext: HELPDESK, query: `profile=${name}` })),
    );
    expect(existing?.answer).toEqual(missing?.answer);
  });
});

describe("the list of profiles", () => {
  const path = "/v1/profiles";

  it.each([
    ["all, where the caller may use any", ADMIN, "prod", ["lab", "prod"]],
    ["those that are theirs, without a default that is not", OPS, null, ["lab"]],
    ["the default one alone, where the rule names none", HELPDESK, "prod", ["prod"]],
    ["none that is not there", REPORTER, "prod", ["prod"]],
  ])("holds %s", async (_, requestContext, byDefault, profiles) => {
    const { status, answer, heard, audit } = await ask({ requestContext, path });
    expect([status, answer]).toEqual([
      200,
      { default_profile: byDefault, profiles, request_id: "lambda-request-1" },
    ]);
    expect([heard, audit]).toEqual([[], []]);
  });

  it("is refused to whom no rule fits, and says no name", async () => {
    const { status, answer } = await ask({ requestContext: STRANGER, path });
    expect([status, answer.code]).toEqual([403, "FORBIDDEN"]);
    expect(JSON.stringify(answer)).not.toMatch(/prod|lab/);
  });

  it("takes no parameter, and names each that is given", async () => {
    const { status, answer } = await ask({ requestContext: ADMIN, path, query: "profile=lab&limit=1" });
    expect([status, answer.errors.map(({ field }: { field: string }) => field)]).toEqual([
      400,
      ["profile", "limit"],
    ]);
  });
});

describe("a caller from whom user names are hidden", () => {
  it("sees rows and times, and whom they concern not", async () => {
    const { answer } = await ask({ requestContext: HELPDESK });
    expect(answer).toMatchObject({ count: 1, last_user_id: null, last_user_name: null, last_type: "USER" });
    expect(answer.unbindings).toMatchObject([
      { user_id: null, user_name: null, unbound_at: "2026-02-10T08:15:30.000Z" },
    ]);
    expect(JSON.stringify(answer)).not.toContain("alice");
  });

  it("may not ask by user, which would tell the name by whether there is a row", async () => {
    const [right, wrong] = await Promise.all(
      ["alice", "bob"].map((user) => ask({ requestContext: HELPDESK, query: `user=${user}` })),
    );
    expect(right?.answer.code).toBe("FORBIDDEN");
    expect(right?.answer).toEqual(wrong?.answer);
  });

  it("does not spoil what others see of the same answer", async () => {
    const { composition } = stage({
      say: ({ desktopId }) => rowsOf(desktopId ?? "", "alice"),
      env: { ACCESS_POLICY: JSON.stringify([{ invoke: true, hide_users: true }, {}]) },
    });
    const invoke = createInvokeFunction(composition);
    const http = createHttpFunction(composition);
    const batch = await invoke({ desktop_ids: ["d0"] }, {} as Context);
    expect(batch).toMatchObject({ results: [{ last_user_name: null, unbindings: [{ user_name: null }] }] });
    const reply = await http(
      {
        version: "2.0",
        rawPath: "/v1/desktops/d0/unbindings",
        requestContext: { http: { method: "GET" } },
      },
      {} as Context,
    );
    expect(JSON.parse(reply.body)).toMatchObject({ last_user_name: "alice" });
  });
});

describe("the audit", () => {
  it("has one line for each lookup: who, which desktop, what came of it", async () => {
    const { audit } = await ask({ requestContext: ADMIN, query: "profile=lab&user=alice" });
    expect(audit).toEqual([
      {
        timestamp: expect.any(String),
        level: "INFO",
        message: "audit",
        request_id: "lambda-request-1",
        caller: "arn:aws:sts::111122223333:assumed-role/admin/alice",
        route: "/v1/desktops/{desktop_id}/unbindings",
        desktop_id: "d0",
        profile: "lab",
        outcome: "ok",
      },
    ]);
  });

  it("has what was refused, and under which code", async () => {
    const { audit } = await ask({ requestContext: HELPDESK, query: "profile=lab" });
    expect(audit).toMatchObject([
      { caller: "carla", desktop_id: "d0", profile: "lab", outcome: "error", code: "FORBIDDEN" },
    ]);
  });

  it("has all desktops of a batch in one line, at whatever log level", async () => {
    const { composition, log } = stage({ env: { LOG_LEVEL: "error" } });
    await createInvokeFunction(composition)({ desktop_ids: ["d0", "d1"] }, {} as Context);
    expect(log.filter(({ message }) => message === "audit")).toMatchObject([
      { caller: "invoke", desktops: "d0,d1", profile: "prod", outcome: "ok", succeeded: 2, failed: 0 },
    ]);
  });

  it("has none for what was no valid question", async () => {
    expect((await ask({ desktopId: "%2e%2e" })).audit).toEqual([]);
  });

  it("names a token's bearer by its subject or client, and by nothing else that is in it", () => {
    expect(nameOf({ kind: "jwt", claims: { sub: "carla", email: "c@example.com" } })).toBe("carla");
    expect(nameOf({ kind: "jwt", claims: { client_id: "app-1" } })).toBe("app-1");
    expect(nameOf({ kind: "jwt", claims: { email: "c@example.com" } })).toBe("jwt");
    expect(nameOf({ kind: "unnamed" })).toBe("unnamed");
  });
});

describe("a caller's identity", () => {
  it("comes from a REST API's event as well", async () => {
    const { composition } = stage({ env: { ACCESS_POLICY: JSON.stringify(POLICY) } });
    const handler = createHttpFunction(composition);
    const statusOf = async (requestContext: unknown) => {
      const event = { httpMethod: "GET", path: "/v1/desktops/d0/unbindings", requestContext };
      return (await handler(event, {} as Context)).statusCode;
    };
    expect(await statusOf({ identity: { userArn: ADMIN.authorizer.iam.userArn } })).toBe(200);
    expect(await statusOf({ authorizer: { claims: HELPDESK.authorizer.jwt.claims } })).toBe(200);
    expect(await statusOf({ identity: { userArn: null } })).toBe(403);
  });
});

describe("a policy", () => {
  function fits(rule: object, caller: Caller): boolean {
    const { policy } = parseAccessPolicy(JSON.stringify([rule]));
    return policy !== null && grantOf(policy, caller) !== null;
  }
  const arn = (text: string): Caller => ({ kind: "iam", arn: text });

  it("lets `*` stand for one part of an ARN, so that no session's name passes for a role's", () => {
    const session = (role: string, name: string) => arn(`arn:aws:sts::1:assumed-role/${role}/${name}`);
    expect(fits({ iam: ["arn:aws:sts::1:assumed-role/helpdesk/*"] }, session("helpdesk", "a"))).toBe(true);
    expect(fits({ iam: ["arn:aws:iam::1:role/helpdesk-*"] }, session("helpdesk-eu", "a"))).toBe(true);
    expect(fits({ iam: ["arn:aws:iam::*:role/helpdesk"] }, session("helpdesk", "a"))).toBe(true);
    expect(fits({ iam: ["arn:aws:iam::1:role/*"] }, arn("arn:aws:iam::1:user/helpdesk"))).toBe(false);
    expect(fits({ iam: ["arn:aws:sts::1:assumed-role/*-admin"] }, session("guest", "x-admin"))).toBe(false);
    expect(fits({ iam: ["arn:aws:iam::1:role/*-admin"] }, session("guest", "x-admin"))).toBe(false);
    expect(fits({ iam: ["arn:aws:iam::1:user/a.b"] }, arn("arn:aws:iam::1:user/axb"))).toBe(false);
  });

  it("wants every claim that it names, with one of its values", () => {
    const rule = { claims: { iss: "https://issuer.example", groups: ["a", "b"] } };
    const caller = (claims: Record<string, unknown>): Caller => ({ kind: "jwt", claims });
    expect(fits(rule, caller({ iss: "https://issuer.example", groups: ["b", "c"] }))).toBe(true);
    expect(fits(rule, caller({ iss: "https://issuer.example", groups: "a" }))).toBe(true);
    expect(fits(rule, caller({ iss: "https://issuer.example", groups: "ab" }))).toBe(false);
    expect(fits(rule, caller({ groups: "a" }))).toBe(false);
    expect(fits({ claims: { toString: "x" } }, caller({}))).toBe(false);
    expect(fits(rule, { kind: "unnamed" })).toBe(false);
  });

  it("is checked at the start, and every fault named", () => {
    const faultsOf = (policy: string) =>
      readConfig({ WORKSPACE_SECRET_ID: "workspace/test", ACCESS_POLICY: policy }).faults;
    expect(faultsOf('[{ "iam": ["admin"], "profiles": "lab" }, { "role": 1 }, { "invoke": false }]')).toEqual(
      [
        "ACCESS_POLICY[0].iam[0] must begin with arn:",
        "ACCESS_POLICY[0].profiles must be a list of names",
        "ACCESS_POLICY[1] has a key that means nothing",
        "ACCESS_POLICY[2].invoke must be true or absent",
      ],
    );
    expect(faultsOf("{}")).toEqual(["ACCESS_POLICY must be a list of rules"]);
    expect(faultsOf("[]")).toEqual(["ACCESS_POLICY is empty"]);
    expect(faultsOf("nonsense")).toEqual(["ACCESS_POLICY is not JSON"]);
    expect(faultsOf('[{ "iam": [] }, { "claims": {} }]')).toEqual([
      "ACCESS_POLICY[0].iam is empty",
      "ACCESS_POLICY[1].claims is empty",
    ]);
  });
});
