import { describe, expect, it } from "vitest";
import { createLog, describeCause } from "../../src/observe/log.ts";
import type { LogFields } from "../../src/observe/log-fields.ts";
import { anApi, SECRET, UNBINDINGS } from "../support/api.ts";

const CANARIES = {
  userFilter: "canary-user-filter",
  userName: "canary-user-name",
  userId: "canary-user-id",
  authorization: "Bearer canary-authorization",
  cookie: "session=canary-cookie",
  token: "canary-security-token",
};

function logged(level: "debug" | "info" | "warn" | "error") {
  const lines: string[] = [];
  const log = createLog({ level, write: (line) => lines.push(line), wallNow: () => 0 });
  for (const each of ["debug", "info", "warn", "error"] as const) log[each](each);
  return lines.map((line) => JSON.parse(line).message);
}

describe("the log", () => {
  it("has the lines of its level and of those above", () => {
    expect(logged("debug")).toEqual(["debug", "info", "warn", "error"]);
    expect(logged("info")).toEqual(["info", "warn", "error"]);
    expect(logged("warn")).toEqual(["warn", "error"]);
    expect(logged("error")).toEqual(["error"]);
  });

  it("is one flat JSON object a line, of known fields alone", () => {
    const lines: string[] = [];
    const fields = {
      request_id: "r",
      status: 200,
      authorization: "x",
      nested: { a: 1 },
      code: null,
    } as LogFields;
    createLog({ level: "info", write: (line) => lines.push(line), wallNow: () => 0 }).info("event", fields);
    expect(lines).toEqual([
      '{"timestamp":"1970-01-01T00:00:00.000Z","level":"INFO","message":"event","request_id":"r","status":200}',
    ]);
  });

  it("says what an error was caused by, to a limit", () => {
    const root = new Error("root");
    expect(describeCause(new TypeError("outer", { cause: root }))).toBe("TypeError: outer < Error: root");
    const circular = new Error("circular");
    circular.cause = circular;
    expect(describeCause(circular).split("<")).toHaveLength(5);
    expect(describeCause("text")).toBe("");
  });
});

describe("the log of a request", () => {
  it("is one line, whatever came of it", async () => {
    for (const request of [UNBINDINGS, "/nowhere", "/health", { path: UNBINDINGS, query: "limit=0" }]) {
      const api = anApi();
      await api.ask(request);
      expect(api.lines.map(({ message }) => message).filter((message) => message === "request")).toHaveLength(
        1,
      );
    }
  });

  it("says who was asked about, how it went and how long it took", async () => {
    const api = anApi({ respond: () => ({ headers: { "x-request-id": "upstream-1" }, body: {} }) });
    await api.ask(UNBINDINGS);
    expect(api.lines.at(-1)).toMatchObject({
      level: "INFO",
      message: "request",
      request_id: "lambda-request-0001",
      function: "http",
      route: "/v1/desktops/{desktop_id}/unbindings",
      method: "GET",
      status: 200,
      profile: "default",
      desktop_id: "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55",
      outcome: "ok",
      cache: "miss",
      attempts: 1,
      upstream_status: 200,
      upstream_request_id: "upstream-1",
      duration_ms: 0,
      upstream_ms: 0,
      secret_ms: 0,
    });
  });

  it("says in how long a temporary key expires, and nothing of one that does not", async () => {
    const temporary = { ...SECRET, security_token: "made-up", expires_at: "2026-03-01T21:00:00Z" };
    const api = anApi({ secret: temporary });
    await api.ask(UNBINDINGS);
    expect(api.lines.at(-1)).toMatchObject({ key_expires_in_seconds: 12 * 3600 });
    const permanent = anApi();
    await permanent.ask(UNBINDINGS);
    expect(permanent.lines.at(-1)).not.toHaveProperty("key_expires_in_seconds");
  });

  it("holds Huawei's words for an error, and the answer does not", async () => {
    const api = anApi({
      respond: () => ({
        status: 403,
        body: {
          error_code: "PAP5.0001",
          error_msg: "User x is not authorized",
          encoded_authorization_message: "b3BhcXVl",
        },
      }),
    });
    const reply = await api.ask(UNBINDINGS);
    expect(reply.body).not.toMatch(/not authorized|b3BhcXVl/);
    expect(api.lines.at(-1)).toMatchObject({
      level: "WARN",
      code: "PERMISSION_DENIED",
      upstream_code: "PAP5.0001",
      upstream_text: "User x is not authorized",
      encoded_authorization_message: "b3BhcXVl",
    });
  });

  it("holds nothing secret and nothing personal", async () => {
    const row = {
      user_name: CANARIES.userName,
      user_id: CANARIES.userId,
      detach_time: "2026-01-01T00:00:00Z",
    };
    const echo = `${SECRET.access_key} ${SECRET.secret_key} ${CANARIES.token}`;
    const answers = [
      { body: { desktop_detach_infos: [row] } },
      { body: `{"desktop_detach_infos":[${JSON.stringify(row)}` },
      { status: 401, body: { error_code: "APIGW.0301", error_msg: `ak ${echo} not exist` } },
      { status: 500, body: { error_code: "WKS.1", error_msg: echo, desktop_detach_infos: [row] } },
      {
        status: 200,
        headers: { "x-request-id": echo },
        body: { desktop_detach_infos: [{ user_name: {}, user_id: CANARIES.userId }] },
      },
    ];
    for (const answer of answers) {
      const api = anApi({
        respond: () => answer,
        secret: { ...SECRET, security_token: CANARIES.token },
        env: { LOG_LEVEL: "debug" },
      });
      await api.ask({
        path: UNBINDINGS,
        query: `user=${CANARIES.userFilter}&limit=5`,
        headers: { authorization: CANARIES.authorization, cookie: CANARIES.cookie },
      });
      const written = JSON.stringify(api.lines);
      for (const canary of [...Object.values(CANARIES), SECRET.access_key, SECRET.secret_key]) {
        expect(written).not.toContain(canary);
      }
    }
  });
});
