import { describe, expect, it } from "vitest";
import { type DoctorParts, type DoctorQuestion, examine } from "../../src/doctor/doctor.ts";
import type { CheckName, DoctorReport } from "../../src/doctor/report.ts";
import { LookupError } from "../../src/errors.ts";
import { TransportFault, type UpstreamAnswer, type UpstreamRequest } from "../../src/workspace/transport.ts";

const NOW = Date.parse("2026-11-24T08:00:00Z");
const ENV = { WORKSPACE_SECRET_ID: "workspace/doctor-test" };
const SECRET = {
  access_key: "HPUAEXAMPLEDOCTOR001",
  secret_key: "ExampleSecretKeyOfTheDoctor0000000000001",
  project_id: "0123456789abcdef0123456789abcdef",
  region: "cn-north-4",
};

type Respond = (request: UpstreamRequest) => Partial<Omit<UpstreamAnswer, "body">> & { body?: unknown };

/** An upstream that is well: no such desktop, an empty list of desktops, its clock right. */
const healthy: Respond = ({ path }) =>
  path.endsWith("/detach-info")
    ? { status: 404, body: { error_code: "WKS.0404", error_msg: "gone" } }
    : { status: 200, body: { total_count: 0, desktops: [] } };

interface SetUp {
  respond?: Respond;
  secret?: object | string;
  parts?: Partial<DoctorParts>;
  env?: Record<string, string>;
  question?: Partial<DoctorQuestion>;
}

async function examineWith({ respond = healthy, secret = SECRET, parts, env, question }: SetUp = {}) {
  const requests: UpstreamRequest[] = [];
  const report = await examine(
    { ...ENV, ...env },
    { profile: null, desktopId: null, ...question },
    {
      fetchSecret: async () => (typeof secret === "string" ? secret : JSON.stringify(secret)),
      send: async (request) => {
        requests.push(request);
        const { status = 200, headers, body } = respond(request);
        return {
          status,
          headers: { date: new Date(NOW).toUTCString(), "x-request-id": "upstream-1", ...headers },
          body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
        };
      },
      network: {
        resolve: async () => ["192.0.2.1"],
        handshake: async () => ({ certificateEndsAt: NOW + 90 * 86_400_000 }),
      },
      now: () => 0,
      wallNow: () => NOW,
      ...parts,
    },
  );
  return { report, requests, statuses: statusesOf(report) };
}

function statusesOf(report: DoctorReport): Record<CheckName, string> {
  return Object.fromEntries(report.findings.map(({ check, status }) => [check, status])) as Record<
    CheckName,
    string
  >;
}

function mendOf(report: DoctorReport, check: CheckName): string {
  const finding = report.findings.find((each) => each.check === check);
  return `${finding?.detail} → ${finding?.mend}`;
}

const denied = { status: 403, body: { error_code: "PAP5.0001", encoded_authorization_message: "b3BhcXVl" } };

describe("the doctor", () => {
  it("finds a healthy installation all green, with two calls", async () => {
    const { report, requests } = await examineWith();
    expect(report.ok).toBe(true);
    expect(report.findings.map(({ status }) => status)).toEqual(Array(9).fill("ok"));
    expect(requests.map(({ path }) => path)).toEqual([
      "/v2/0123456789abcdef0123456789abcdef/desktops/00000000-0000-0000-0000-000000000000/detach-info",
      "/v2/0123456789abcdef0123456789abcdef/desktops?computer_name=workspace-unbindings-doctor&limit=100&offset=0",
    ]);
    expect(report).toMatchObject({
      profile: "default",
      endpoint: "https://workspace.cn-north-4.myhuaweicloud.com",
    });
  });

  it("takes an empty list for an unknown desktop as granted, too", async () => {
    const { report } = await examineWith({
      respond: (request) => (request.path.endsWith("/detach-info") ? { body: {} } : healthy(request)),
    });
    expect(report.ok).toBe(true);
    expect(report.observations.unknown_desktop).toBe("200, empty list");
  });

  it("names every faulty variable and looks no further", async () => {
    const { report, requests, statuses } = await examineWith({
      env: { WORKSPACE_SECRET_ID: "", LOG_LEVEL: "loud", REQUEST_BUDGET_MS: "soon" },
    });
    expect(mendOf(report, "environment")).toMatch(/WORKSPACE_SECRET_ID.*REQUEST_BUDGET_MS.*LOG_LEVEL/);
    expect(statuses).toMatchObject({ environment: "failed", secret: "skipped", quota: "skipped" });
    expect(requests).toEqual([]);
  });

  it("names the faulty fields of a secret, never a value", async () => {
    const { report, statuses } = await examineWith({
      secret: { ...SECRET, access_key: "", project_id: "not/one" },
    });
    expect(statuses.secret).toBe("failed");
    expect(mendOf(report, "secret")).toMatch(/access_key is empty.*project_id/);
    expect(JSON.stringify(report)).not.toContain("not/one");
  });

  it("says which permission is lacking when the store does not give the secret", async () => {
    const { report } = await examineWith({
      parts: {
        fetchSecret: async () => {
          throw new LookupError("SECRET_UNAVAILABLE", {
            cause: new Error("AccessDeniedException: not authorized"),
          });
        },
      },
    });
    expect(mendOf(report, "secret")).toMatch(/AccessDeniedException.*secretsmanager:GetSecretValue/);
  });

  it("names the profiles that there are when the wanted one is not", async () => {
    const secret = { default: "prod", profiles: { prod: SECRET, lab: SECRET } };
    const { report } = await examineWith({ secret, question: { profile: "test" } });
    expect(mendOf(report, "secret")).toContain("prod, lab");
    expect((await examineWith({ secret, question: { profile: "lab" } })).report.profile).toBe("lab");
  });

  it("refuses temporary credentials that have ended", async () => {
    const { report } = await examineWith({ secret: { ...SECRET, expires_at: "2026-11-24T07:59:59Z" } });
    expect(mendOf(report, "secret")).toContain("expires_at has passed");
  });

  it("tells a name that cannot be resolved", async () => {
    const { report, statuses } = await examineWith({
      parts: {
        network: {
          resolve: async () => {
            throw Object.assign(new Error("no"), { code: "ENOTFOUND" });
          },
          handshake: async () => ({ certificateEndsAt: 0 }),
        },
      },
    });
    expect(mendOf(report, "dns")).toContain("ENOTFOUND");
    expect(statuses.tls).toBe("skipped");
  });

  it("tells a certificate that is not trusted, and one that ends soon", async () => {
    const resolve = async () => ["192.0.2.1"];
    const untrusted = await examineWith({
      parts: {
        network: {
          resolve,
          handshake: async () => {
            throw Object.assign(new Error("no"), { code: "CERT_HAS_EXPIRED" });
          },
        },
      },
    });
    expect(mendOf(untrusted.report, "tls")).toContain("CERT_HAS_EXPIRED");
    expect(untrusted.requests).toEqual([]);
    const soon = await examineWith({
      parts: { network: { resolve, handshake: async () => ({ certificateEndsAt: NOW + 3 * 86_400_000 }) } },
    });
    expect(mendOf(soon.report, "tls")).toContain("3 day(s)");
    expect(soon.statuses.signature).toBe("ok");
  });

  it("has no certificate to look at when the endpoint is http on loopback", async () => {
    const { report } = await examineWith({ env: { WORKSPACE_ENDPOINT: "http://127.0.0.1:9" } });
    expect(report.ok).toBe(true);
    expect(mendOf(report, "tls")).toContain("not used");
  });

  it.each([
    [20 * 60_000, "behind"],
    [-20 * 60_000, "ahead of"],
  ])("tells a clock that is off by %d ms", async (offset, words) => {
    const date = new Date(NOW + offset).toUTCString();
    const { report, statuses } = await examineWith({
      respond: (request) => ({ ...healthy(request), headers: { date } }),
    });
    expect(statuses.clock).toBe("failed");
    expect(mendOf(report, "clock")).toContain(`1200 s ${words}`);
  });

  it("does not blame the clock when the upstream told no date", async () => {
    const { statuses } = await examineWith({
      respond: (request) => ({ ...healthy(request), headers: { date: "" } }),
    });
    expect(statuses.clock).toBe("ok");
  });

  it("tells a refused key, and does not try it again", async () => {
    const { report, requests, statuses } = await examineWith({
      respond: () => ({ status: 401, body: { error_code: "APIGW.0301", error_msg: "no" } }),
    });
    expect(statuses).toMatchObject({ signature: "failed", permission: "skipped", name_look_up: "skipped" });
    expect(mendOf(report, "signature")).toMatch(/401, APIGW\.0301, request upstream-1.*access_key/);
    expect(requests).toHaveLength(1);
  });

  it("tells a lacking permission, and what the policy engine says of it", async () => {
    const { report, requests } = await examineWith({
      respond: (request) => {
        if (request.path.endsWith("/detach-info")) return denied;
        return request.path.startsWith("/v5/")
          ? { body: { decoded_message: '{"failure":"implicit deny"}' } }
          : healthy(request);
      },
    });
    expect(mendOf(report, "permission")).toContain("workspace:desktops:listDetachInfo");
    expect(report.decoded_authorization_message).toBe('{"failure":"implicit deny"}');
    const decode = requests.find(({ path }) => path === "/v5/decode-authorization-message");
    expect(decode?.endpoint.origin).toBe("https://sts.cn-north-4.myhuaweicloud.com");
    expect(decode?.headers["authorization"]).toContain(
      "SignedHeaders=content-type;host;x-project-id;x-sdk-date",
    );
    expect(decode?.body).toBe('{"encoded_message":"b3BhcXVl"}');
  });

  it("goes on without the decoded message when STS does not give it", async () => {
    const { report } = await examineWith({
      respond: (request) => (request.path.startsWith("/v5/") ? { body: {} } : denied),
    });
    expect(report.decoded_authorization_message).toBeNull();
  });

  it("asks no STS for a private endpoint, which has none that we know", async () => {
    const { requests } = await examineWith({
      env: { WORKSPACE_ENDPOINT: "https://workspace.private.example.com" },
      respond: () => denied,
    });
    expect(requests.filter(({ path }) => path.startsWith("/v5/"))).toEqual([]);
  });

  it("tells a wrong region or project from a lacking permission", async () => {
    const { report } = await examineWith({
      respond: () => ({ status: 404, body: { error_code: "APIGW.0101" } }),
    });
    expect(mendOf(report, "permission")).toMatch(/Wrong place.*region or endpoint and project_id/);
    expect(mendOf(report, "name_look_up")).toContain("404, APIGW.0101");
  });

  it("tells that names cannot be looked up while IDs can", async () => {
    const { report, statuses } = await examineWith({
      respond: (request) => (request.path.endsWith("/detach-info") ? healthy(request) : denied),
    });
    expect(statuses).toMatchObject({ permission: "ok", name_look_up: "failed" });
    expect(mendOf(report, "name_look_up")).toContain("workspace:desktops:list");
  });

  it("tells an exhausted quota, its wait, and the headers that came with it", async () => {
    const { report, statuses } = await examineWith({
      respond: () => ({ status: 429, headers: { "retry-after": "30" }, body: { error_code: "APIGW.0308" } }),
    });
    expect(statuses).toMatchObject({ signature: "ok", permission: "failed", quota: "failed" });
    expect(mendOf(report, "quota")).toContain("for 30 s");
    expect(report.observations.throttling_headers).toEqual(["date", "retry-after", "x-request-id"]);
  });

  it("tells that nothing answers", async () => {
    const { report, statuses } = await examineWith({
      parts: {
        send: async () => {
          throw new TransportFault("timeout", "no answer within 2500 ms");
        },
      },
    });
    expect(statuses).toMatchObject({ clock: "failed", signature: "failed", permission: "skipped" });
    expect(mendOf(report, "signature")).toMatch(/UPSTREAM_TIMEOUT.*no answer within 2500 ms/);
  });

  it("shows the shapes of times, not the times", async () => {
    const { report } = await examineWith({
      question: { desktopId: "d1" },
      respond: (request) =>
        request.path.includes("/desktops/d1/")
          ? {
              body: {
                desktop_detach_infos: [
                  { detach_time: "2026-02-10T08:15:30.123Z" },
                  { detach_time: "2026-03-10T08:15:30.456Z" },
                  { detach_time: "2022-01-25 09:24:27" },
                  { user_name: "alice" },
                ],
              },
            }
          : healthy(request),
    });
    expect(report.observations.detach_time_shapes).toEqual([
      "9999-99-99T99:99:99.999Z",
      "9999-99-99 99:99:99",
    ]);
    expect(JSON.stringify(report)).not.toMatch(/alice|08:15/);
  });

  it("shows no key in any of its reports", async () => {
    for (const respond of [
      healthy,
      () => denied,
      () => ({ status: 401, body: { error_code: "APIGW.0301" } }),
    ]) {
      const { report } = await examineWith({ respond });
      expect(JSON.stringify(report)).not.toContain(SECRET.access_key);
      expect(JSON.stringify(report)).not.toContain(SECRET.secret_key);
    }
  });
});
