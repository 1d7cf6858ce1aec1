import { describe, expect, it } from "vitest";
import { LookupError } from "../../src/contract/errors.ts";
import { type DoctorParts, examine } from "../../src/doctor/doctor.ts";
import type { DoctorQuestion } from "../../src/doctor/question.ts";
import { CHECKS, type CheckName, type DoctorReport } from "../../src/doctor/report.ts";
import { TransportFault, type UpstreamAnswer, type UpstreamRequest } from "../../src/net/transport.ts";

const NOW = Date.parse("2026-11-24T08:00:00Z");
const ENV = { WORKSPACE_SECRET_ID: "workspace/doctor-test", ACCESS_POLICY: '[{"chat":true}]' };
const SECRET = {
  access_key: "HPUAEXAMPLEDOCTOR001",
  secret_key: "ExampleSecretKeyOfTheDoctor0000000000001",
  project_id: "0123456789abcdef0123456789abcdef",
  region: "cn-north-4",
};

type Respond = (request: UpstreamRequest) => Partial<Omit<UpstreamAnswer, "body">> & { body?: unknown };

/** An upstream that is well: no such desktop, an empty list of desktops, its clock right, nothing else allowed. */
const healthy: Respond = ({ path }) => {
  if (path.endsWith("/detach-info"))
    return { status: 404, body: { error_code: "WKS.0404", error_msg: "gone" } };
  if (path.includes("/cloudservers/")) return { status: 403, body: { error_code: "PDP5.0001" } };
  return { status: 200, body: { total_count: 0, desktops: [] } };
};

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
    { profile: null, desktopId: null, saysHello: false, ...question },
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
  it("finds a healthy installation all green, with three calls", async () => {
    const { report, requests } = await examineWith();
    expect(report.ok).toBe(true);
    expect(report.findings.map(({ status }) => status)).toEqual(CHECKS.map(() => "ok"));
    expect(requests.map(({ path }) => path)).toEqual([
      "/v2/0123456789abcdef0123456789abcdef/desktops/00000000-0000-0000-0000-000000000000/detach-info",
      "/v2/0123456789abcdef0123456789abcdef/desktops?computer_name=workspace-unbindings-doctor&limit=1000&offset=0",
      "/v1/0123456789abcdef0123456789abcdef/cloudservers/detail?limit=1",
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

  it.each([
    ["ResourceNotFoundException: can't find the specified secret", "name or ARN in WORKSPACE_SECRET_ID"],
    ["InvalidRequestException: it was marked for deletion", "Restore the secret"],
    ["AccessDeniedException: not authorized", "secretsmanager:GetSecretValue"],
    ["AccessDeniedException: Access to KMS is not allowed", "kms:Decrypt"],
    ["DecryptionFailure: cannot decrypt", "kms:Decrypt"],
    ["CredentialsProviderError: Could not load credentials from any providers", "valid AWS credentials"],
    ["UnrecognizedClientException: The security token is invalid", "valid AWS credentials"],
    ["Error: Region is missing", "AWS_REGION"],
    ["AbortError: Request aborted", "network to AWS Secrets Manager"],
    ["Error: secret.json cannot be read (ENOENT)", "path in WORKSPACE_SECRET_FILE"],
  ])("says what to do when the secret is not to be had: %s", async (cause, mend) => {
    const { report } = await examineWith({
      parts: {
        fetchSecret: async () => {
          throw new LookupError("SECRET_UNAVAILABLE", { cause: new Error(cause) });
        },
      },
    });
    expect(mendOf(report, "secret")).toContain(`${cause} → `);
    expect(mendOf(report, "secret").split("→")[1]).toContain(mend);
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
    expect(mendOf(untrusted.report, "tls")).toMatch(/not trusted \(CERT_HAS_EXPIRED\).*who answers there/);
    expect(untrusted.requests).toEqual([]);
    const soon = await examineWith({
      parts: { network: { resolve, handshake: async () => ({ certificateEndsAt: NOW + 3 * 86_400_000 }) } },
    });
    expect(mendOf(soon.report, "tls")).toContain("3 day(s)");
    expect(soon.statuses.signature).toBe("ok");
  });

  it("blames no certificate when there is no connection", async () => {
    const { report } = await examineWith({
      parts: {
        network: {
          resolve: async () => ["192.0.2.1"],
          handshake: async () => {
            throw Object.assign(new Error("no"), { code: "ECONNREFUSED" });
          },
        },
      },
    });
    expect(mendOf(report, "tls")).toMatch(/cannot be reached \(ECONNREFUSED\).*firewall to port 443/);
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

  it("does not send the operator after the key while the clock is off", async () => {
    const { report } = await examineWith({
      respond: () => ({
        status: 401,
        headers: { date: new Date(NOW + 20 * 60_000).toUTCString() },
        body: { error_code: "APIGW.0301" },
      }),
    });
    expect(mendOf(report, "signature")).toMatch(/Refused.*clock first/);
    expect(mendOf(report, "signature")).not.toContain("access_key");
  });

  it.each<[string, ReturnType<Respond>, RegExp]>([
    ["a wrong place", { status: 404, body: { error_code: "APIGW.0101" } }, /Wrong place.*project_id/],
    ["a page of a proxy", { status: 200, body: "<html></html>" }, /not the API.*proxy/],
    ["a fault", { status: 503, body: "" }, /503, request upstream-1\. → Run the doctor again later/],
    ["a limit", { status: 429, body: "" }, /429.*when the limit has passed/],
  ])("takes no signature for accepted, nor an unknown desktop for seen, on %s", async (_, answer, words) => {
    const { report, statuses } = await examineWith({ respond: () => answer });
    expect(statuses).toMatchObject({ signature: "skipped", permission: "failed", name_look_up: "failed" });
    expect(mendOf(report, "permission")).toMatch(words);
    expect(mendOf(report, "name_look_up")).toMatch(words);
    expect(report.observations.unknown_desktop).toBeNull();
  });

  it("tells of no request ID when there was none", async () => {
    const { report } = await examineWith({
      respond: () => ({ status: 503, headers: { "x-request-id": "" }, body: "" }),
    });
    expect(mendOf(report, "permission")).toContain("Not to be told: 503.");
  });

  it("takes a web server that knows nothing of lists for a wrong place", async () => {
    const { report } = await examineWith({ respond: () => ({ status: 404, body: "<html></html>" }) });
    expect(mendOf(report, "name_look_up")).toContain("Wrong place: 404");
  });

  it("tells what the policy engine says of names, too", async () => {
    const { report } = await examineWith({
      respond: (request) => {
        if (request.path.startsWith("/v5/")) return { body: { decoded_message: "no" } };
        return request.path.endsWith("/detach-info") ? healthy(request) : denied;
      },
    });
    expect(report.decoded_authorization_message).toBe("no");
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
    expect(statuses).toMatchObject({ signature: "skipped", permission: "failed", quota: "failed" });
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

describe("the doctor's warnings", () => {
  it("are no failures", async () => {
    const { report, statuses } = await examineWith({ env: { ACCESS_POLICY: "" } });
    expect(statuses.access).toBe("warning");
    expect(report.ok).toBe(true);
  });

  it("tell that without a policy everybody whom the gateway admits may ask", async () => {
    const { report } = await examineWith({ env: { ACCESS_POLICY: "" } });
    expect(mendOf(report, "access")).toMatch(
      /everybody whom the gateway admits.*default profile.*accessPolicy/,
    );
    expect(mendOf((await examineWith()).report, "access")).toContain("1 rule(s)");
  });

  it("name the profiles that share a key, never the key", async () => {
    const other = { ...SECRET, access_key: "HPUAEXAMPLEDOCTOR002" };
    const secret = { default: "prod", profiles: { prod: SECRET, lab: SECRET, test: other } };
    const { report, statuses } = await examineWith({ secret });
    expect(statuses.keys).toBe("warning");
    expect(mendOf(report, "keys")).toMatch(/prod, lab\. They share its quota/);
    expect(JSON.stringify(report)).not.toContain(SECRET.access_key);
  });

  it("name the profiles whose keys expire within a day", async () => {
    const lab = { ...SECRET, access_key: "HSTAEXAMPLEDOCTOR002", security_token: "made-up" };
    const expiringAt = (expires_at: string) =>
      examineWith({ secret: { default: "prod", profiles: { prod: SECRET, lab: { ...lab, expires_at } } } });
    const { report, statuses } = await expiringAt("2026-11-25T07:59:59Z");
    expect(statuses.keys).toBe("warning");
    expect(mendOf(report, "keys")).toContain("within a day, or have expired: lab");
    expect((await expiringAt("2026-11-25T08:00:00Z")).statuses.keys).toBe("ok");
  });

  it("tell of a key that may do what this service never does", async () => {
    const { report, requests, statuses } = await examineWith({
      respond: (request) =>
        request.path.includes("/cloudservers/") ? { body: { servers: [] } } : healthy(request),
    });
    expect(statuses.privileges).toBe("warning");
    expect(mendOf(report, "privileges")).toContain("ecs:cloudServers:list");
    const probe = requests.at(-1);
    expect(probe?.method).toBe("GET");
    expect(probe?.endpoint.origin).toBe("https://ecs.cn-north-4.myhuaweicloud.com");
    expect(report.ok).toBe(true);
  });

  it.each([
    ["no list of servers", { body: { total: 0 } }],
    ["a fault", { status: 503, body: {} }],
  ])("tell nothing of a key by %s", async (_, answer) => {
    const { statuses } = await examineWith({
      respond: (request) => (request.path.includes("/cloudservers/") ? answer : healthy(request)),
    });
    expect(statuses.privileges).toBe("ok");
  });

  it("try a refused key on nothing else, and know no neighbour of a private endpoint", async () => {
    const refused = await examineWith({
      respond: () => ({ status: 401, body: { error_code: "APIGW.0301" } }),
    });
    expect(refused.statuses.privileges).toBe("skipped");
    const elsewhere = await examineWith({
      env: { WORKSPACE_ENDPOINT: "https://workspace.private.example.com" },
    });
    expect(elsewhere.statuses.privileges).toBe("ok");
    expect(elsewhere.requests).toHaveLength(2);
  });

  describe("about chat", () => {
    const withChat = (chat: unknown, env: Record<string, string> = {}) =>
      examineWith({
        env: { CHAT_SECRET_ID: "chat", ...env },
        parts: {
          fetchSecret: async (secretId) => {
            if (secretId !== "chat") return JSON.stringify(SECRET);
            return typeof chat === "string" ? chat : JSON.stringify(chat);
          },
        },
      });
    const channels = (...urls: string[]) => ({
      watch: { channels: urls.map((url, index) => ({ name: `c${index}`, to: "teams", url })) },
    });

    it.each([
      "https://prod-12.westeurope.logic.azure.com:443/workflows/made-up/triggers/manual/paths/invoke?sig=made-up",
      "https://example.webhook.office.com/webhookb2/made-up",
      "https://outlook.office.com/webhook/made-up",
    ])("name the place of an address of Teams that is no longer served, never the address", async (url) => {
      const current = "https://a.b.environment.api.powerplatform.com/powerautomate/made-up?sig=made-up";
      const { report, statuses } = await withChat(channels(current, url));
      expect(statuses.chat).toBe("warning");
      expect(mendOf(report, "chat")).toMatch(
        /watch\.channels\.1\.url\. → .*environment\.api\.powerplatform\.com/,
      );
      expect(JSON.stringify(report)).not.toContain("made-up");
    });

    it("are not raised by the addresses that are served, nor by others that look alike", async () => {
      const fine = channels(
        "https://a.b.environment.api.powerplatform.com/made-up",
        "https://logic.azure.com.example.com/made-up",
        "https://hooks.slack.com/services/made-up",
      );
      expect((await withChat(fine)).statuses.chat).toBe("ok");
    });

    it("look at the hosts for replies as well", async () => {
      const env = { CHAT_REPLY_HOSTS: "chat.example.com, prod-12.westeurope.logic.azure.com" };
      const { report } = await withChat({}, env);
      expect(mendOf(report, "chat")).toContain("CHAT_REPLY_HOSTS");
    });

    it.each(["", "no JSON"])("are a failure when the chat secret cannot be read: %j", async (text) => {
      const { report, statuses } = await withChat(text);
      expect(statuses.chat).toBe("failed");
      expect(report.ok).toBe(false);
      // The rest is looked at all the same.
      expect(statuses.permission).toBe("ok");
    });

    it("are none where chat is not configured", async () => {
      expect(mendOf((await examineWith()).report, "chat")).toContain("not configured");
    });
  });
});
