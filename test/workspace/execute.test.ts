import { describe, expect, it } from "vitest";
import { LookupError } from "../../src/contract/errors.ts";
import { parseEndpoint } from "../../src/net/endpoint.ts";
import type { UpstreamAnswer, UpstreamRequest } from "../../src/net/transport.ts";
import { TransportFault, type TransportFaultKind } from "../../src/net/transport-fault.ts";
import { type CallContext, newTrace } from "../../src/observe/call.ts";
import { createWorkspaceClient } from "../../src/workspace/client.ts";
import { type Profile, refOf } from "../../src/workspace/profile.ts";
import { sign } from "../../src/workspace/sign.ts";
import { anAnswer } from "../support/upstream.ts";

const EPOCH = Date.parse("2026-11-24T08:00:00Z");
const MINUTE = 60_000;

function aProfile(name = "prod", accessKey = "OLDKEY0000000001"): Profile {
  return {
    name,
    endpoint: parseEndpoint("https://workspace.example.com"),
    projectId: "p1",
    accessKey,
    secretKey: `secret of ${accessKey}`,
    securityToken: null,
    expiresAt: null,
  };
}

const PROD = refOf(aProfile());

type Step = UpstreamAnswer | TransportFault | Error | ((request: UpstreamRequest) => UpstreamAnswer);

const good = anAnswer(200, { desktop_detach_infos: [{ user_id: "u1" }] }, { "x-request-id": "req-ok" });
const down = anAnswer(503, "");
const refused = anAnswer(401, { error_code: "APIGW.0301", error_msg: "verify aksk signature fail" });
const limited = (seconds?: number) =>
  anAnswer(
    429,
    { error_code: "APIGW.0308" },
    seconds === undefined ? {} : { "retry-after": String(seconds) },
  );
const fault = (kind: TransportFaultKind) => new TransportFault(kind, "WHY");

interface Scene {
  script?: Step[];
  /** What is said when the script is over. */
  always?: Step;
  profile?: Profile;
  /** The store's newer key, given out once. */
  newer?: Profile | null;
  wallSkewMs?: number;
}

/**
 * The client in a world where answers follow a script, sleeping puts the clock forward, and everything that happens
 * is written down.
 */
function setUp({
  script = [],
  always = good,
  profile = aProfile(),
  newer = null,
  wallSkewMs = 0,
}: Scene = {}) {
  let passed = 0;
  const transcript: string[] = [];
  const requests: UpstreamRequest[] = [];
  const warnings: Record<string, unknown>[] = [];
  const steps = [...script];
  let held = profile;
  const now = () => passed;
  const world = {
    /** How long every answer takes. */
    latencyMs: 0,
    onSleep: (): void => {},
  };
  const client = createWorkspaceClient({
    credentials: {
      lease: async ({ name }) => {
        const lent = name === held.name ? held : aProfile(name, `KEYOF${name}`);
        return {
          profile: lent,
          end: (outcome) => void (outcome === "accepted" && transcript.push(`accepted ${lent.accessKey}`)),
          refused: async () => {
            transcript.push(`refused ${lent.accessKey}`);
            held = newer ?? held;
            return newer !== null;
          },
        };
      },
    },
    send: async (request) => {
      requests.push(request);
      transcript.push(`${request.method} ${request.path} at ${request.headers["x-sdk-date"]}`);
      passed += world.latencyMs;
      const step = steps.shift() ?? always;
      if (step instanceof Error) throw step;
      return typeof step === "function" ? step(request) : step;
    },
    warn: (event, fields) => void warnings.push({ event, ...fields }),
    now,
    wallNow: () => EPOCH + wallSkewMs + passed,
    random: () => 0.5,
    sleep: async (ms) => {
      transcript.push(`sleep ${ms}`);
      passed += ms;
      world.onSleep();
    },
  });
  const call = (overrides: Partial<CallContext> = {}, budgetMs = 8000): CallContext => {
    const endsAt = passed + budgetMs;
    return {
      requestId: "request-0001",
      deadline: { remaining: () => endsAt - passed },
      trace: newTrace(),
      traceparent: null,
      ...overrides,
    };
  };
  const pass = (ms: number) => {
    passed += ms;
  };
  return { client, call, transcript, requests, warnings, world, pass };
}

const PATH = "/v2/p1/desktops/d1/detach-info";

describe("asking for a desktop's history", () => {
  it("asks once when the answer is good, and says who answered", async () => {
    const { client, call, transcript } = setUp();
    const context = call();
    expect(await client.fetchHistory(PROD, "d1", context)).toEqual({
      rows: [expect.objectContaining({ at: null, row: expect.objectContaining({ user_id: "u1" }) })],
      bytes: expect.any(Number),
      upstreamRequestId: "req-ok",
    });
    expect(transcript).toEqual([`GET ${PATH} at 20261124T080000Z`, "accepted OLDKEY0000000001"]);
    expect(context.trace).toMatchObject({
      attempts: 1,
      upstreamStatus: 200,
      upstreamCode: null,
      upstreamRequestId: "req-ok",
      upstreamText: null,
      encodedAuthorizationMessage: null,
      throttles: 0,
      refusals: 0,
    });
  });

  it("sends what it has signed, and beside it what need not be signed", async () => {
    const { client, call, requests } = setUp({ profile: { ...aProfile(), securityToken: "t0ken" } });
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await client.fetchHistory(PROD, "d1", call({ traceparent }));
    const { headers, ...request } = requests[0] as UpstreamRequest;
    expect(request).toMatchObject({ method: "GET", path: PATH, endpoint: { host: "workspace.example.com" } });
    const { headers: signed } = sign({
      method: "GET",
      host: "workspace.example.com",
      path: PATH,
      headers: { "x-project-id": "p1" },
      accessKey: "OLDKEY0000000001",
      secretKey: "secret of OLDKEY0000000001",
      securityToken: "t0ken",
      now: EPOCH,
    });
    expect(headers).toEqual({
      ...signed,
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": "workspace-unbindings",
      traceparent,
    });
    expect(headers["authorization"]).toContain(
      "SignedHeaders=host;x-project-id;x-sdk-date;x-security-token,",
    );
  });

  it("sends no trace context when the caller gave none", async () => {
    const { client, call, requests } = setUp();
    await client.fetchHistory(PROD, "d1", call());
    expect(requests[0]?.headers).not.toHaveProperty("traceparent");
  });

  it("counts the times that it cannot read", async () => {
    const rows = [{ detach_time: "2022-01-25 09:24:27" }, { detach_time: "2022-01-25T09:24:27Z" }, {}];
    const { client, call } = setUp({ always: anAnswer(200, { desktop_detach_infos: rows }) });
    const context = call();
    await client.fetchHistory(PROD, "d1", context);
    expect(context.trace.unreadableTimes).toBe(1);
  });

  it("signs every attempt anew, at its own time", async () => {
    const { client, call, transcript, requests, world } = setUp({ script: [down, down] });
    world.latencyMs = 1000;
    const context = call();
    await client.fetchHistory(PROD, "d1", context);
    expect(transcript).toEqual([
      `GET ${PATH} at 20261124T080000Z`,
      "sleep 50",
      `GET ${PATH} at 20261124T080001Z`,
      "sleep 100",
      `GET ${PATH} at 20261124T080002Z`,
      "accepted OLDKEY0000000001",
    ]);
    expect(new Set(requests.map(({ headers }) => headers["authorization"])).size).toBe(3);
    expect(context.trace).toMatchObject({ attempts: 3, upstreamMs: 3000, upstreamStatus: 200 });
  });

  it("gives up after the third attempt, with the upstream's facts", async () => {
    const { client, call, requests } = setUp({
      always: anAnswer(503, { error_code: "APIGW.0613", request_id: "r3" }),
    });
    await expect(client.fetchHistory(PROD, "d1", call())).rejects.toMatchObject({
      code: "UPSTREAM_UNAVAILABLE",
      upstream: { status: 503, code: "APIGW.0613", requestId: "r3" },
      retryAfterSeconds: undefined,
    });
    expect(requests).toHaveLength(3);
  });

  it("passes the upstream's wait on with an outage, too", async () => {
    const { client, call, requests } = setUp({ always: anAnswer(503, "", { "retry-after": "120" }) });
    await expect(client.fetchHistory(PROD, "d1", call())).rejects.toMatchObject({
      code: "UPSTREAM_UNAVAILABLE",
      retryAfterSeconds: 120,
      upstream: { status: 503 },
    });
    expect(requests).toHaveLength(1);
  });

  it("makes up for a stale socket at once", async () => {
    const { client, call, transcript } = setUp({ script: [fault("stale")] });
    await client.fetchHistory(PROD, "d1", call());
    expect(transcript.filter((line) => line.startsWith("sleep"))).toEqual([]);
    expect(transcript).toHaveLength(3);
  });

  it("logs a certificate that it does not trust, with the host and the reason, and asks no more", async () => {
    const { client, call, requests, warnings } = setUp({ always: fault("tls") });
    const context = call();
    await expect(client.fetchHistory(PROD, "d1", context)).rejects.toMatchObject({
      code: "UPSTREAM_UNREACHABLE",
    });
    expect(requests).toHaveLength(1);
    expect(warnings).toEqual([
      {
        event: "upstream_certificate_refused",
        request_id: "request-0001",
        host: "workspace.example.com",
        reason: "WHY",
      },
    ]);
    expect(context.trace).toMatchObject({ attempts: 1, upstreamStatus: null, upstreamText: "WHY" });
  });

  it("logs no certificate where the fault is another", async () => {
    const { client, call, warnings } = setUp({ always: fault("unknown-host") });
    await expect(client.fetchHistory(PROD, "d1", call())).rejects.toMatchObject({
      code: "UPSTREAM_UNREACHABLE",
    });
    expect(warnings).toEqual([]);
  });

  it("lets a bug of ours through as what it is, and counts the attempt", async () => {
    const bug = new TypeError("bug");
    const { client, call } = setUp({ script: [bug] });
    const context = call();
    await expect(client.fetchHistory(PROD, "d1", context)).rejects.toBe(bug);
    expect(context.trace.attempts).toBe(1);
  });

  it("says which permission is lacking, and keeps the encoded message for the log", async () => {
    const body = {
      error_code: "PAP5.0001",
      error_msg: "access denied",
      encoded_authorization_message: "opaque",
    };
    const { client, call, transcript } = setUp({ always: anAnswer(403, body) });
    const context = call();
    await expect(client.fetchHistory(PROD, "d1", context)).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
      detail: "The operator must grant workspace:desktops:listDetachInfo.",
      upstream: { status: 403, code: "PAP5.0001" },
    });
    expect(context.trace).toMatchObject({
      upstreamText: "access denied",
      encodedAuthorizationMessage: "opaque",
    });
    expect(transcript).toContain("accepted OLDKEY0000000001");
  });

  it("forgets in its trace what an earlier attempt was told", async () => {
    const { client, call } = setUp({
      script: [anAnswer(503, { error_code: "APIGW.0613", error_msg: "IAM is down" })],
    });
    const context = call();
    await client.fetchHistory(PROD, "d1", context);
    expect(context.trace).toMatchObject({ upstreamStatus: 200, upstreamCode: null, upstreamText: null });
  });

  it("takes keys out of what the upstream echoes", async () => {
    const profile = { ...aProfile(), securityToken: "s3curityT0ken" };
    const echo = `key ${profile.accessKey}, secret ${profile.secretKey}, token ${profile.securityToken}`;
    const { client, call } = setUp({
      profile,
      always: anAnswer(400, { error_code: "WKS.0001", error_msg: echo }),
    });
    const context = call();
    await expect(client.fetchHistory(PROD, "d1", context)).rejects.toMatchObject({
      code: "UPSTREAM_REJECTED",
    });
    expect(context.trace.upstreamText).toBe("key [redacted], secret [redacted], token [redacted]");
  });

  it("says that the desktop is unknown, which proves the key good", async () => {
    const unknown = anAnswer(404, { error_code: "WKS.0004", error_msg: "desktop not found" });
    const { client, call, transcript } = setUp({ always: unknown });
    await expect(client.fetchHistory(PROD, "d1", call())).rejects.toMatchObject({
      code: "DESKTOP_NOT_FOUND",
    });
    expect(transcript).toContain("accepted OLDKEY0000000001");
  });
});

describe("asking for desktops by name", () => {
  it("sends the query that it has signed", async () => {
    const { client, call, requests } = setUp({
      always: anAnswer(200, { total_count: 1, desktops: [{ desktop_id: "d1", computer_name: "Büro 1" }] }),
    });
    expect(await client.findDesktops(PROD, "Büro 1", call())).toEqual([
      { desktop_id: "d1", desktop_name: "Büro 1" },
    ]);
    expect(requests[0]?.path).toBe("/v2/p1/desktops?computer_name=B%C3%BCro%201&limit=1000&offset=0");
    const { signature } = sign({
      method: "GET",
      host: "workspace.example.com",
      path: "/v2/p1/desktops",
      query: [
        ["computer_name", "Büro 1"],
        ["limit", "1000"],
        ["offset", "0"],
      ],
      headers: { "x-project-id": "p1" },
      accessKey: "OLDKEY0000000001",
      secretKey: "secret of OLDKEY0000000001",
      now: EPOCH,
    });
    expect(requests[0]?.headers["authorization"]).toContain(signature);
  });

  it("takes a list that is not there for a wrong place to look", async () => {
    const { client, call } = setUp({ always: anAnswer(404, "", { "x-request-id": "r1" }) });
    await expect(client.findDesktops(PROD, "x", call())).rejects.toMatchObject({
      code: "UPSTREAM_MISCONFIGURED",
      upstream: { status: 404, requestId: "r1" },
    });
  });

  it("names its own permission", async () => {
    const { client, call } = setUp({ always: anAnswer(403, "") });
    await expect(client.findDesktops(PROD, "x", call())).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
      detail: "The operator must grant workspace:desktops:list.",
    });
  });
});

describe("a refused key", () => {
  it("is replaced once by the store's newer one", async () => {
    const { client, call, transcript } = setUp({
      script: [refused],
      newer: aProfile("prod", "NEWKEY0000000002"),
    });
    const context = call();
    await client.fetchHistory(PROD, "d1", context);
    expect(transcript).toEqual([
      `GET ${PATH} at 20261124T080000Z`,
      "refused OLDKEY0000000001",
      `GET ${PATH} at 20261124T080000Z`,
      "accepted NEWKEY0000000002",
    ]);
    expect(context.trace).toMatchObject({ attempts: 2, refusals: 1 });
  });

  it("is told to the caller at once when the store has none", async () => {
    const { client, call, requests, transcript } = setUp({ always: refused });
    await expect(client.fetchHistory(PROD, "d1", call())).rejects.toMatchObject({
      code: "CREDENTIALS_REFUSED",
      upstream: { status: 401, code: "APIGW.0301" },
    });
    expect(requests).toHaveLength(1);
    expect(transcript).not.toContain("accepted OLDKEY0000000001");
  });

  it("is told to the caller when the newer one is refused as well, and both refusals are counted", async () => {
    const { client, call, transcript } = setUp({
      always: refused,
      newer: aProfile("prod", "NEWKEY0000000002"),
    });
    await expect(client.fetchHistory(PROD, "d1", call())).rejects.toMatchObject({
      code: "CREDENTIALS_REFUSED",
    });
    expect(transcript.filter((line) => line.startsWith("refused"))).toEqual([
      "refused OLDKEY0000000001",
      "refused NEWKEY0000000002",
    ]);
  });

  it.each([
    ["limited", limited(60)],
    ["down", down],
    ["redirected", anAnswer(302, "")],
    ["misconfigured", anAnswer(404, { error_code: "APIGW.0101" })],
    ["not answered", fault("timeout")],
  ])("is not forgotten because the gateway did not get to look at it: %s", async (_, always) => {
    const { client, call, transcript } = setUp({ always });
    await expect(client.fetchHistory(PROD, "d1", call())).rejects.toBeInstanceOf(LookupError);
    expect(transcript.filter((line) => line.startsWith("accepted"))).toEqual([]);
  });
});

describe("a skewed clock", () => {
  /** A gateway that minds the time as Huawei's does, and tells its own in the Date header. */
  const gateway = (request: UpstreamRequest): UpstreamAnswer => {
    const [, y, mo, d, h, mi, s] =
      /^(....)(..)(..)T(..)(..)(..)Z$/.exec(request.headers["x-sdk-date"] ?? "") ?? [];
    const signedAt = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
    return Math.abs(signedAt - EPOCH) > 15 * MINUTE
      ? anAnswer(
          401,
          { error_code: "APIGW.0301", error_msg: "signature expired" },
          { date: new Date(EPOCH).toUTCString() },
        )
      : good;
  };

  it.each([20 * MINUTE, -20 * MINUTE])(
    "of %d ms is put right once, and the next call needs one attempt",
    async (wallSkewMs) => {
      const { client, call, transcript, requests, warnings } = setUp({ always: gateway, wallSkewMs });
      await client.fetchHistory(PROD, "d1", call());
      expect(requests).toHaveLength(2);
      expect(transcript.filter((line) => line.startsWith("refused"))).toEqual([]);
      expect(warnings).toEqual([
        { event: "clock_corrected", request_id: "request-0001", offset_ms: -wallSkewMs },
      ]);
      expect(client.clocks.of("https://workspace.example.com").offsetMs()).toBe(-wallSkewMs);
      await client.fetchHistory(PROD, "d1", call());
      expect(requests).toHaveLength(3);
    },
  );

  it("is no strike against the key for any of the calls that were under way", async () => {
    const { client, call, requests, transcript } = setUp({ always: gateway, wallSkewMs: 20 * MINUTE });
    await Promise.all(Array.from({ length: 20 }, () => client.fetchHistory(PROD, "d1", call())));
    expect(requests).toHaveLength(40);
    expect(transcript.filter((line) => line.startsWith("refused"))).toEqual([]);
  });

  it("is put right but once in a call, so that a gateway that contradicts itself locks no key", async () => {
    let serverTime = EPOCH;
    const { client, call, requests, transcript } = setUp({
      always: () => {
        serverTime += 60 * MINUTE;
        return anAnswer(401, { error_code: "APIGW.0301" }, { date: new Date(serverTime).toUTCString() });
      },
    });
    await expect(client.fetchHistory(PROD, "d1", call())).rejects.toMatchObject({
      code: "CREDENTIALS_REFUSED",
    });
    expect(requests).toHaveLength(2);
    expect(transcript.at(-1)).toBe("refused OLDKEY0000000001");
  });
});

describe("an upstream that limits us", () => {
  it("is left alone for as long as it says, and asked again when the call has the time", async () => {
    const { client, call, transcript } = setUp({ script: [limited(2)] });
    const context = call();
    await client.fetchHistory(PROD, "d1", context);
    expect(transcript).toEqual([
      `GET ${PATH} at 20261124T080000Z`,
      "sleep 2000",
      `GET ${PATH} at 20261124T080002Z`,
      "accepted OLDKEY0000000001",
    ]);
    expect(context.trace.throttles).toBe(1);
  });

  it("is told to the caller with the wait when the call has not", async () => {
    const { client, call } = setUp({ always: limited(30) });
    await expect(client.fetchHistory(PROD, "d1", call())).rejects.toMatchObject({
      code: "UPSTREAM_THROTTLED",
      retryAfterSeconds: 30,
      detail: "Try again in 30 seconds.",
      upstream: { status: 429, code: "APIGW.0308" },
    });
  });

  it("is not asked again by the next call before its pause ends, and the caller hears how long", async () => {
    const { client, call, requests, pass } = setUp({ script: [limited(30)] });
    await expect(client.fetchHistory(PROD, "d1", call())).rejects.toMatchObject({ retryAfterSeconds: 30 });
    pass(10_500);
    await expect(client.fetchHistory(PROD, "d2", call())).rejects.toMatchObject({
      code: "UPSTREAM_THROTTLED",
      retryAfterSeconds: 20,
      upstream: undefined,
    });
    pass(11_500);
    await expect(client.fetchHistory(PROD, "d2", call())).rejects.toMatchObject({ retryAfterSeconds: 8 });
    expect(requests).toHaveLength(1);
  });

  it("is waited for by a call that has the time", async () => {
    const { client, call, transcript, pass } = setUp({ script: [limited(30)] });
    await expect(client.fetchHistory(PROD, "d1", call())).rejects.toMatchObject({ retryAfterSeconds: 30 });
    pass(25_000);
    await client.fetchHistory(PROD, "d2", call());
    expect(transcript.slice(1)).toEqual([
      "sleep 5000",
      "GET /v2/p1/desktops/d2/detach-info at 20261124T080030Z",
      "accepted OLDKEY0000000001",
    ]);
  });

  it("limits one access key, and no other", async () => {
    const { client, call } = setUp({ script: [limited(30)] });
    await expect(client.fetchHistory(PROD, "d1", call())).rejects.toMatchObject({
      code: "UPSTREAM_THROTTLED",
    });
    expect(await client.fetchHistory(refOf(aProfile("lab")), "d1", call())).toMatchObject({ rows: [{}] });
  });

  it("is left alone for five seconds when it does not say for how long and does not relent", async () => {
    const { client, call, transcript, requests } = setUp({ script: [limited(), limited(), limited()] });
    await expect(client.fetchHistory(PROD, "d1", call())).rejects.toMatchObject({ retryAfterSeconds: 5 });
    expect(transcript.filter((line) => line.startsWith("sleep"))).toEqual(["sleep 500", "sleep 1000"]);
    await expect(client.fetchHistory(PROD, "d1", call({}, 4000))).rejects.toMatchObject({
      retryAfterSeconds: 5,
    });
    expect(requests).toHaveLength(3);
  });

  it("is asked by the next call at once when it was in trouble, and not limiting us", async () => {
    const { client, call, transcript } = setUp({ script: [down, down, down] });
    await expect(client.fetchHistory(PROD, "d1", call())).rejects.toMatchObject({
      code: "UPSTREAM_UNAVAILABLE",
    });
    const before = transcript.length;
    await client.fetchHistory(PROD, "d2", call());
    expect(transcript.slice(before).filter((line) => line.startsWith("sleep"))).toEqual([]);
  });

  it("says one second in the singular", async () => {
    const { client, call } = setUp({ always: limited(1) });
    await expect(client.fetchHistory(PROD, "d1", call({}, 900))).rejects.toMatchObject({
      detail: "Try again in 1 second.",
    });
  });
});

describe("the time of a call", () => {
  it.each([0, -1])("allows no attempt when %d ms are left", async (left) => {
    const { client, call, requests } = setUp();
    await expect(client.fetchHistory(PROD, "d1", call({}, left))).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
    });
    expect(requests).toEqual([]);
  });

  it("allows no further attempt when it has run out during a wait", async () => {
    const { client, call, requests, world } = setUp({ always: down });
    let left = 8000;
    world.onSleep = () => {
      left = 0;
    };
    const deadline = { remaining: () => left };
    await expect(client.fetchHistory(PROD, "d1", call({ deadline }))).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
    });
    expect(requests).toHaveLength(1);
  });

  it("is never exceeded by waiting", async () => {
    for (let budgetMs = 0; budgetMs <= 4000; budgetMs += 50) {
      const { client, call, world } = setUp({ always: down });
      world.latencyMs = 1;
      const context = call({}, budgetMs);
      await expect(client.fetchHistory(PROD, "d1", context)).rejects.toBeInstanceOf(LookupError);
      expect(context.deadline.remaining()).toBeGreaterThanOrEqual(-1);
    }
  });
});

describe("an outage over a thousand calls", () => {
  it("costs no more than 1.1 attempts a call, once the budget is spent", async () => {
    const { client, call, requests } = setUp({ always: down });
    for (let count = 0; count < 100; count++) await client.fetchHistory(PROD, "d1", call()).catch(() => {});
    const before = requests.length;
    for (let count = 0; count < 1000; count++) await client.fetchHistory(PROD, "d1", call()).catch(() => {});
    expect(requests.length - before).toBeLessThanOrEqual(1100);
    expect(requests.length - before).toBeGreaterThan(1050);
  });
});
