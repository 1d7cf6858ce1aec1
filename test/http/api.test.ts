import { describe, expect, it } from "vitest";
import { compose } from "../../src/compose/service.ts";
import { problemSchema, readinessSchema, resultSchema } from "../../src/contract/answers.ts";
import { ERROR_CODES } from "../../src/contract/errors.ts";
import { VERSION } from "../../src/contract/version.ts";
import { createHttpFunction } from "../../src/http/http-function.ts";
import { anApi, CONTEXT, DESKTOP, type Respond, SECRET, UNBINDINGS } from "../support/api.ts";

const HISTORY: Respond = () => ({
  headers: { "x-request-id": "upstream-0001" },
  body: {
    desktop_detach_infos: [
      {
        user_id: "u-1",
        user_name: "Alice",
        type: "USER",
        desktop_name: "WIN-ALICE",
        detach_time: "2026-01-10T00:00:00Z",
      },
      { user_id: "g-1", user_name: "=team", type: "GROUP", detach_time: "2026-02-10T00:00:00Z" },
      { user_id: "u-2", user_name: 'bob, "the" builder', type: "VISITOR", detach_time: "yesterday" },
    ],
  },
});

const bodyOf = ({ body }: { body: string }) => JSON.parse(body);

describe("a lookup over HTTPS", () => {
  it("answers flat JSON with every key, newest first", async () => {
    const reply = await anApi({ respond: HISTORY }).ask(UNBINDINGS);
    expect(reply.statusCode).toBe(200);
    const result = resultSchema.parse(bodyOf(reply));
    expect(result).toMatchObject({
      desktop_id: DESKTOP,
      desktop_name: "WIN-ALICE",
      profile: "default",
      count: 3,
      total: 3,
      truncated: false,
      last_unbound_at: "2026-02-10T00:00:00.000Z",
      last_user_name: "=team",
      last_type: "GROUP",
      age_seconds: 0,
      request_id: "lambda-request-0001",
      upstream_request_id: "upstream-0001",
    });
    expect(result.unbindings.map(({ user_id }) => user_id)).toEqual(["g-1", "u-1", "u-2"]);
  });

  it.each([
    ["limit=1", ["g-1"], 3, true],
    ["limit=1000", ["g-1", "u-1", "u-2"], 3, false],
    ["user=ALICE", ["u-1"], 1, false],
    ["user=G-1", ["g-1"], 1, false],
    ["user=ali", [], 0, false],
    ["type=group", ["g-1"], 1, false],
    ["type=User", ["u-1"], 1, false],
    ["since=2026-02-10T00:00:00Z", ["g-1"], 1, false],
    ["since=2026-02-10T02:00:00+02:00", ["g-1"], 1, false],
    ["since=2026-02-10T00:00:00.001Z", [], 0, false],
    ["until=2026-01-10T00:00:00Z", ["u-1"], 1, false],
    ["since=30d", ["g-1"], 1, false],
    ["until=30d", ["u-1"], 1, false],
    ["since=60d&until=30d", ["u-1"], 1, false],
  ])("filters by %s", async (query, users, total, truncated) => {
    const result = bodyOf(await anApi({ respond: HISTORY }).ask({ path: UNBINDINGS, query }));
    expect(result.unbindings.map(({ user_id }: { user_id: string }) => user_id)).toEqual(users);
    expect(result).toMatchObject({ total, truncated, count: users.length, last_user_id: "g-1" });
  });

  it("answers from memory for its time, says how old that is, and goes past it when asked to", async () => {
    const api = anApi({ respond: HISTORY, env: { RESULT_TTL_SECONDS: "30" } });
    await api.ask(UNBINDINGS);
    api.pass(29_999);
    expect(bodyOf(await api.ask(UNBINDINGS)).age_seconds).toBe(29);
    expect(api.requests).toHaveLength(1);
    expect(bodyOf(await api.ask({ path: UNBINDINGS, query: "fresh=true" })).age_seconds).toBe(0);
    await api.ask({ path: UNBINDINGS, query: "fresh=false" });
    expect(api.requests).toHaveLength(2);
    api.pass(30_000);
    await api.ask(UNBINDINGS);
    expect(api.requests).toHaveLength(3);
  });

  it("keeps nothing when the cache is off", async () => {
    const api = anApi({ respond: HISTORY, env: { RESULT_TTL_SECONDS: "0" } });
    await api.ask(UNBINDINGS);
    const reply = await api.ask(UNBINDINGS);
    expect(api.requests).toHaveLength(2);
    expect(reply.headers?.["cache-control"]).toBe("private, max-age=0");
  });

  it("asks once for fifty who ask at once", async () => {
    const api = anApi({ respond: HISTORY });
    await Promise.all(Array.from({ length: 50 }, () => api.ask(UNBINDINGS)));
    expect(api.requests).toHaveLength(1);
  });

  it("remembers for ten seconds that a desktop is unknown", async () => {
    const api = anApi({ respond: () => ({ status: 404, body: {} }) });
    await api.ask(UNBINDINGS);
    api.pass(9999);
    expect((await api.ask(UNBINDINGS)).statusCode).toBe(404);
    expect(api.requests).toHaveLength(1);
    api.pass(1);
    await api.ask(UNBINDINGS);
    expect(api.requests).toHaveLength(2);
  });

  it("hands a valid trace context on, unsigned, and no other", async () => {
    const api = anApi({ respond: HISTORY });
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    await api.ask({ path: UNBINDINGS, headers: { traceparent } });
    expect(api.requests[0]?.headers["traceparent"]).toBe(traceparent);
    expect(api.requests[0]?.headers["authorization"]).toContain(
      "SignedHeaders=host;x-project-id;x-sdk-date,",
    );
    expect(api.lines.at(-1)).toMatchObject({ traceparent });
    await api.ask({
      path: UNBINDINGS,
      query: "fresh=true",
      headers: { traceparent: `${traceparent}\r\nx: y` },
    });
    expect(api.requests[1]?.headers).not.toHaveProperty("traceparent");
  });
});

describe("a question with mistakes", () => {
  it("has all of them named at once, and reaches nobody", async () => {
    const api = anApi();
    const reply = await api.ask({
      path: "/v1/desktops/a%2Fb/unbindings",
      query:
        "since=yesterday&until=2026-01-01&limit=0&type=robot&fresh=maybe&user=&profile=&colour=red&__proto__=1&limit=2",
    });
    expect(reply.statusCode).toBe(400);
    const problem = problemSchema.parse(bodyOf(reply));
    expect(problem.errors?.map(({ field }) => field).sort()).toEqual(
      [
        "__proto__",
        "colour",
        "desktop_id",
        "fresh",
        "limit",
        "limit",
        "profile",
        "since",
        "type",
        "until",
        "user",
      ].sort(),
    );
    expect(api.requests).toEqual([]);
  });

  it.each([
    "limit=1e2",
    "limit=-1",
    "limit=1001",
    "limit=",
    "limit=1.5",
    "since=2026-01-01",
    "since=2026-01-01T00:00:00",
    "since=1767225600000",
    "since=30",
    "since=-1d",
    "since=9999999d",
    "since=",
    "since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z",
    "until=40d&since=30d",
    "fresh=1",
    "type=USER,GROUP",
    "desktop_id=other",
    "desktop_name=WIN-ALICE",
    "user=a%00b",
    `user=${"x".repeat(256)}`,
    "constructor=1",
  ])("is refused for %s", async (query) => {
    const api = anApi();
    expect((await api.ask({ path: UNBINDINGS, query })).statusCode).toBe(400);
    expect(api.requests).toEqual([]);
  });

  it("takes an unencoded plus sign of a zone for what it was", async () => {
    const reply = await anApi({ respond: HISTORY }).ask({
      path: UNBINDINGS,
      query: "since=2026-02-10T02:00:00+02:00",
    });
    expect(bodyOf(reply).total).toBe(1);
  });

  it("named a desktop that cannot be: it never leaves its path segment, and never leaves at all", async () => {
    const api = anApi();
    for (const id of [
      "..",
      ".",
      "a.b",
      "d1#",
      "d1?x",
      "%2e%2e",
      "%252e",
      "%00",
      "a b",
      "-a",
      "a-",
      "é",
      "a".repeat(129),
      "%E0%A4%A",
    ]) {
      const path = `/v1/desktops/${id.replace("#", "%23").replace("?", "%3F")}/unbindings`;
      expect((await api.ask({ path })).statusCode, id).toBe(400);
    }
    expect(api.requests).toEqual([]);
  });

  it("with a hundred thousand odd IDs alters no host, no path and no query of what is asked", async () => {
    const alphabet = [
      "a",
      "Z",
      "0",
      "-",
      "_",
      ".",
      "/",
      "%",
      "#",
      "?",
      "&",
      "\\",
      " ",
      "\u0000",
      "é",
      ":",
      "@",
      ";",
      "%2F",
      "%2e",
    ];
    let seed = 42;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const { parseQuery } = await import("../../src/contract/query.ts");
    const { detachInfoPath, regionEndpoint } = await import("../../src/workspace/paths.ts");
    const endpoint = regionEndpoint("cn-north-4");
    let admitted = 0;
    for (let run = 0; run < 100_000; run++) {
      const id = Array.from({ length: 1 + random(6) }, () => alphabet[random(alphabet.length)]).join("");
      try {
        parseQuery({ desktop_id: id }, 0);
      } catch {
        // Refused at the edge; and past the edge it would be refused as well.
        expect(() => detachInfoPath(SECRET.project_id, id)).toThrow();
        continue;
      }
      admitted += 1;
      const url = new URL(detachInfoPath(SECRET.project_id, id), endpoint.origin);
      expect(url.href).toBe(
        `https://workspace.cn-north-4.myhuaweicloud.com/v2/${SECRET.project_id}/desktops/${id}/detach-info`,
      );
    }
    expect(admitted).toBeGreaterThan(100);
  }, 60_000);
});

describe("routes and methods", () => {
  it.each([
    "/",
    "/v1",
    "/v1/desktops",
    `${UNBINDINGS}/`,
    `${UNBINDINGS}/more`,
    "/v1/desktops/a/b/unbindings",
    "/V1/unbindings",
    "/health/x",
  ])("knows no %s", async (path) => {
    const reply = await anApi().ask(path);
    expect(reply.statusCode).toBe(404);
    expect(bodyOf(reply)).toMatchObject({ code: "NOT_FOUND", type: "/errors/not-found" });
  });

  it("names an empty ID as a mistake", async () => {
    expect((await anApi().ask("/v1/desktops//unbindings")).statusCode).toBe(400);
  });

  it.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])(
    "answers %s with what is allowed instead",
    async (method) => {
      const reply = await anApi().ask({ path: UNBINDINGS, method });
      expect(reply).toMatchObject({ statusCode: 405, headers: { allow: "GET, HEAD" } });
      expect(bodyOf(reply).code).toBe("METHOD_NOT_ALLOWED");
    },
  );

  it("answers HEAD as GET, without the body", async () => {
    const api = anApi({ respond: HISTORY });
    const [head, get] = [await api.ask({ path: UNBINDINGS, method: "HEAD" }), await api.ask(UNBINDINGS)];
    expect(head.body).toBe("");
    expect(head.headers).toEqual(get.headers);
    expect((await api.ask({ path: "/nowhere", method: "HEAD" })).body).toBe("");
  });

  it("refuses a body over 64 kB before anything else", async () => {
    const reply = await anApi().ask({ path: "/nowhere", method: "POST", body: "x".repeat(70_000) });
    expect(reply.statusCode).toBe(413);
  });

  it("says so when the event was no HTTP request", async () => {
    const handler = createHttpFunction(compose({ WORKSPACE_SECRET_ID: "x" }, { write: () => {} }));
    const reply = await handler({ desktop_id: "d1" }, CONTEXT);
    expect(reply.statusCode).toBe(400);
    expect(bodyOf(reply)).toMatchObject({ code: "INVALID_REQUEST", errors: [{ field: "event" }] });
  });
});

describe("what is accepted", () => {
  it.each([
    [undefined, "application/json"],
    ["", "application/json"],
    ["*/*", "application/json"],
    ["application/*", "application/json"],
    ["text/*", "text/csv"],
    ["text/csv", "text/csv"],
    ["TEXT/CSV", "text/csv"],
    ["text/html, application/xhtml+xml, */*;q=0.8", "application/json"],
    ["application/json;q=0.5, text/csv", "text/csv"],
    ["application/json, text/csv", "application/json"],
    ["text/csv;q=0.9, application/json;q=0.1", "text/csv"],
    ["application/json;q=0, */*", "text/csv"],
    ["application/json; charset=utf-8", "application/json"],
  ])("%s gets %s", async (accept, type) => {
    const headers = accept === undefined ? {} : { accept };
    const reply = await anApi({ respond: HISTORY }).ask({ path: UNBINDINGS, headers });
    expect(reply.headers?.["content-type"]).toContain(type);
    expect(reply.headers?.["vary"]).toBe("Accept");
  });

  it.each(["image/png", "text/html", "*/*;q=0", "application/json;q=0", "application/json;q=2", "nonsense"])(
    "%s gets none of it",
    async (accept) => {
      const reply = await anApi().ask({ path: UNBINDINGS, headers: { accept } });
      expect(reply.statusCode).toBe(406);
      expect(reply.headers?.["content-type"]).toBe("application/problem+json; charset=utf-8");
    },
  );

  it("as CSV has a header, a row each, quotes where they are needed and no formula", async () => {
    const reply = await anApi({ respond: HISTORY }).ask({
      path: UNBINDINGS,
      headers: { accept: "text/csv" },
    });
    expect(reply.body).toBe(
      [
        "desktop_id,desktop_name,user_id,user_name,user_group,type,unbound_at,detach_time",
        ",,g-1,'=team,,GROUP,2026-02-10T00:00:00.000Z,2026-02-10T00:00:00Z",
        ",WIN-ALICE,u-1,Alice,,USER,2026-01-10T00:00:00.000Z,2026-01-10T00:00:00Z",
        ',,u-2,"bob, ""the"" builder",,VISITOR,,yesterday',
        "",
      ].join("\r\n"),
    );
  });
});

describe("an answer's tag", () => {
  it("is the same for the same answer, whatever its age and its IDs, and saves the body", async () => {
    const api = anApi({ respond: HISTORY });
    const first = await api.ask({ path: UNBINDINGS, headers: { "x-request-id": "caller-0001" } });
    const etag = first.headers?.["etag"] as string;
    expect(etag).toMatch(/^"[\w-]{20,}"$/);
    api.pass(3000);
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await api.ask({ path: UNBINDINGS, headers: { "if-none-match": tag } });
      expect(again).toMatchObject({ statusCode: 304, body: "", headers: { etag, vary: "Accept" } });
    }
  });

  it("is another one for another answer and for another form of it", async () => {
    const api = anApi({ respond: HISTORY });
    const tags = await Promise.all(
      [
        { path: UNBINDINGS },
        { path: UNBINDINGS, query: "limit=1" },
        { path: UNBINDINGS, headers: { accept: "text/csv" } },
      ].map(async (request) => (await api.ask(request)).headers?.["etag"]),
    );
    expect(new Set(tags).size).toBe(3);
    const other = await api.ask({ path: UNBINDINGS, headers: { "if-none-match": `${tags[1]}, "x"` } });
    expect(other.statusCode).toBe(200);
  });

  it("does not turn an error into something unchanged", async () => {
    const api = anApi({ respond: () => ({ status: 404, body: {} }) });
    expect((await api.ask({ path: UNBINDINGS, headers: { "if-none-match": "*" } })).statusCode).toBe(404);
  });
});

describe("every answer", () => {
  const asked: [string, Parameters<ReturnType<typeof anApi>["ask"]>[0]][] = [
    ["a result", UNBINDINGS],
    ["CSV", { path: UNBINDINGS, headers: { accept: "text/csv" } }],
    ["not modified", { path: UNBINDINGS, headers: { "if-none-match": "*" } }],
    ["a mistake", { path: UNBINDINGS, query: "limit=0" }],
    ["no such route", "/nowhere"],
    ["no such method", { path: UNBINDINGS, method: "POST" }],
    ["not acceptable", { path: UNBINDINGS, headers: { accept: "image/png" } }],
    ["health", "/health"],
    ["readiness", "/ready"],
  ];

  it.each(asked)(
    "(%s) carries the request ID, the security headers and a policy against shared caches",
    async (_, request) => {
      const { headers } = await anApi({ respond: HISTORY }).ask(request);
      expect(headers).toMatchObject({
        "x-request-id": "lambda-request-0001",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "referrer-policy": "no-referrer",
        "strict-transport-security": expect.stringContaining("max-age="),
      });
      expect(headers?.["cache-control"]).toMatch(/^(?:private, max-age=30|no-store)$/);
      const names = Object.keys(headers ?? {});
      expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
    },
  );

  it.each([
    ["caller-id_0001", "caller-id_0001"],
    ["short", "lambda-request-0001"],
    ["has blanks in it", "lambda-request-0001"],
    ["x".repeat(129), "lambda-request-0001"],
    ["line\nbreak-0001", "lambda-request-0001"],
  ])("is named by the caller's own ID if that fits: %j", async (own, expected) => {
    const api = anApi({ respond: HISTORY });
    const reply = await api.ask({ path: UNBINDINGS, headers: { "X-Request-Id": own } });
    expect(reply.headers?.["x-request-id"]).toBe(expected);
    expect(bodyOf(reply).request_id).toBe(expected);
    expect(api.lines[0]?.["request_id"]).toBe(expected);
  });

  it("of an error is a problem in its own type, with Retry-After where waiting helps", async () => {
    const api = anApi({ respond: () => ({ status: 429, headers: { "retry-after": "30" }, body: {} }) });
    const reply = await api.ask(UNBINDINGS);
    expect(reply).toMatchObject({
      statusCode: 429,
      headers: {
        "content-type": "application/problem+json; charset=utf-8",
        "retry-after": "30",
        "cache-control": "no-store",
      },
    });
    expect(problemSchema.parse(bodyOf(reply))).toMatchObject({
      code: "UPSTREAM_THROTTLED",
      retryable: true,
      retry_after_seconds: 30,
      detail: "Try again in 30 seconds.",
      upstream_status: 429,
    });
  });
});

describe("browsers of other origins", () => {
  const origin = "https://console.example.com";
  const env = { CORS_ORIGINS: `${origin}, https://other.example.com` };

  it("are allowed nothing unless their origin is configured", async () => {
    const silent = await anApi({ respond: HISTORY }).ask({ path: UNBINDINGS, headers: { origin } });
    expect(Object.keys(silent.headers ?? {}).filter((name) => name.startsWith("access-control"))).toEqual([]);
    const stranger = await anApi({ env, respond: HISTORY }).ask({
      path: UNBINDINGS,
      headers: { origin: "https://evil.example" },
    });
    expect(stranger.headers).not.toHaveProperty("access-control-allow-origin");
    expect(stranger.headers?.["vary"]).toBe("Accept, Origin");
  });

  it("may read the answer when it is", async () => {
    const reply = await anApi({ env, respond: HISTORY }).ask({ path: UNBINDINGS, headers: { origin } });
    expect(reply.headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-expose-headers": "etag, retry-after, x-request-id",
      vary: "Accept, Origin",
    });
  });

  it("get their preflight answered, for known routes", async () => {
    const api = anApi({ env });
    const reply = await api.ask({ path: UNBINDINGS, method: "OPTIONS", headers: { origin } });
    expect(reply).toMatchObject({
      statusCode: 204,
      body: "",
      headers: { "access-control-allow-methods": "GET, HEAD, OPTIONS", "access-control-max-age": "600" },
    });
    expect((await api.ask({ path: "/nowhere", method: "OPTIONS", headers: { origin } })).statusCode).toBe(
      404,
    );
  });
});

describe("health and readiness", () => {
  it("says that it runs, without looking at anything", async () => {
    const reply = await anApi({ world: { fetchSecret: () => Promise.reject(new Error("no store")) } }).ask(
      "/health",
    );
    expect(bodyOf(reply)).toEqual({ status: "ok", version: VERSION });
  });

  it("is ready when the secret is valid and the clock is sane", async () => {
    const reply = await anApi().ask("/ready");
    expect(reply.statusCode).toBe(200);
    expect(readinessSchema.parse(bodyOf(reply))).toEqual({
      status: "ready",
      configuration: "ok",
      secret: "ok",
      clock: "ok",
      detail: null,
    });
  });

  it("is not when the secret is not valid, and names the field", async () => {
    const reply = await anApi({ secret: { ...SECRET, access_key: "" } }).ask("/ready");
    expect(reply.statusCode).toBe(503);
    expect(readinessSchema.parse(bodyOf(reply))).toMatchObject({
      status: "not_ready",
      secret: "SECRET_INVALID",
      detail: expect.stringContaining("access_key is empty"),
    });
  });

  it("is not when the store does not give the secret", async () => {
    const { LookupError } = await import("../../src/contract/errors.ts");
    const world = { fetchSecret: () => Promise.reject(new LookupError("SECRET_UNAVAILABLE")) };
    const reply = await anApi({ world }).ask("/ready");
    expect(reply.statusCode).toBe(503);
    expect(bodyOf(reply).secret).toBe("SECRET_UNAVAILABLE");
  });

  it("is not when the clock is before this project's time, or was found to be off", async () => {
    const early = await anApi({ world: { wallNow: () => 0 } }).ask("/ready");
    expect(bodyOf(early)).toMatchObject({ clock: "off", secret: "ok", status: "not_ready" });
    let calls = 0;
    const api = anApi({
      respond: () => {
        calls += 1;
        const date = new Date(Date.parse("2026-03-01T09:20:00Z")).toUTCString();
        return calls === 1
          ? { status: 401, headers: { date }, body: { error_code: "APIGW.0301" } }
          : { body: {} };
      },
    });
    expect((await api.ask(UNBINDINGS)).statusCode).toBe(200);
    expect(bodyOf(await api.ask("/ready")).clock).toBe("off");
  });
});

describe("a faulty configuration", () => {
  const env = {
    WORKSPACE_SECRET_ID: "",
    LOG_LEVEL: "loud",
    RESULT_TTL_SECONDS: "-1",
    WORKSPACE_ENDPOINT: "http://example.com",
  };

  it("does not keep the function from starting: every call answers INTERNAL, and one line names all faults", async () => {
    const api = anApi({ env });
    expect(api.lines).toHaveLength(1);
    expect(api.lines[0]).toMatchObject({ level: "ERROR", message: "configuration_invalid" });
    for (const name of ["WORKSPACE_SECRET_ID", "LOG_LEVEL", "RESULT_TTL_SECONDS", "WORKSPACE_ENDPOINT"]) {
      expect(api.lines[0]?.["faults"]).toContain(name);
    }
    const reply = await api.ask(UNBINDINGS);
    expect(reply.statusCode).toBe(500);
    expect(bodyOf(reply)).toMatchObject({ code: "INTERNAL", detail: ERROR_CODES.INTERNAL.detail });
  });

  it("is named by readiness, which names no value", async () => {
    const reply = await anApi({ env }).ask("/ready");
    expect(reply.statusCode).toBe(503);
    const report = readinessSchema.parse(bodyOf(reply));
    expect(report).toMatchObject({ configuration: "invalid", secret: "unchecked", clock: "unchecked" });
    expect(report.detail).toContain("LOG_LEVEL must be one of debug, info, warn, error");
    expect(report.detail).not.toContain("loud");
  });
});

describe("a bug of ours", () => {
  it("answers INTERNAL and tells its cause to the log alone", async () => {
    const api = anApi({
      respond: () => {
        throw new TypeError("a bug with a canary");
      },
    });
    const reply = await api.ask(UNBINDINGS);
    expect(reply.statusCode).toBe(500);
    expect(reply.body).not.toContain("canary");
    expect(api.lines.at(-1)).toMatchObject({
      level: "ERROR",
      code: "INTERNAL",
      cause: "TypeError: a bug with a canary",
    });
  });
});
