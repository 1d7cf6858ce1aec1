import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConsoleConfig } from "../../src/console/config.ts";
import { createConsoleFunction } from "../../src/console/console-function.ts";
import type { GatewayReply } from "../../src/http/finish.ts";
import { createLog } from "../../src/observe/log.ts";

const SIGN_IN = {
  CONSOLE_ISSUER: "https://login.example.com/tenant",
  CONSOLE_CLIENT_ID: "made-up-client",
  CONSOLE_SCOPES: "api://unbindings/read, offline_access",
  CONSOLE_CONNECT_ORIGINS: "https://token.example.com,https://login.example.com",
};
const SCRIPT = "export {};";

describe("the console function", () => {
  let assets: string;
  const lines: string[] = [];
  beforeAll(async () => {
    assets = await mkdtemp(join(tmpdir(), "console-"));
    await writeFile(join(assets, "index.html"), "<head><!--settings--></head>");
    await writeFile(join(assets, "index-BTdpPJ-l.js.br"), brotliCompressSync(SCRIPT));
    await writeFile(join(assets, "index-BTdpPJ-l.js.gz"), gzipSync(SCRIPT));
    await writeFile(join(assets, "index.mjs.gz"), gzipSync("not to be served"));
  });
  afterAll(() => rm(assets, { recursive: true }));

  function get(
    path: string,
    headers: Record<string, string> = {},
    env = SIGN_IN as Record<string, string>,
  ): Promise<GatewayReply> {
    const log = createLog({ level: "error", write: (line) => void lines.push(line) });
    const event = {
      version: "2.0",
      rawPath: path,
      headers,
      requestContext: { http: { method: "GET" }, stage: "$default" },
    };
    return createConsoleFunction({ assets, env, log })(event, { awsRequestId: "lambda-0001" } as never);
  }

  const policyOf = ({ headers }: GatewayReply) => headers?.["content-security-policy"] ?? "";

  it("gives the page with its settings, for this visit only", async () => {
    const answer = await get("/");
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "private, no-cache",
      "strict-transport-security": expect.stringContaining("max-age="),
      "x-content-type-options": "nosniff",
    });
    expect(answer.body).toContain('<meta name="sign-in-issuer" content="https://login.example.com/tenant">');
    expect(answer.body).toContain('<meta name="sign-in-client-id" content="made-up-client">');
    expect(answer.body).toContain(
      '<meta name="sign-in-scopes" content="openid api://unbindings/read offline_access">',
    );
  });

  it("lets the page connect to the API and to where people sign in, and nothing else anywhere", async () => {
    const policy = policyOf(await get("/"));
    expect(policy).toContain("connect-src 'self' https://login.example.com https://token.example.com;");
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|data:/);
    expect(policyOf(await get("/", {}, {}))).toContain("connect-src 'self';");
  });

  it("makes no markup of what an operator typed", async () => {
    const { body } = await get("/", {}, { ...SIGN_IN, CONSOLE_CLIENT_ID: `"><script>$&` });
    expect(body).toContain('content="&quot;>&lt;script>$&amp;"');
  });

  it.each([
    ["br, gzip", "br", brotliDecompressSync],
    ["gzip", "gzip", gunzipSync],
    ["br;q=0, gzip;q=0.5", "gzip", gunzipSync],
    ["identity", undefined, (bytes: Buffer) => bytes],
  ])("gives an asset for ever, in the encoding that is accepted: %s", async (accepted, encoding, decode) => {
    const { headers, body, isBase64Encoded } = await get("/assets/index-BTdpPJ-l.js", {
      "accept-encoding": accepted,
    });
    expect(headers).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "private, max-age=31536000, immutable",
      vary: "Accept-Encoding",
    });
    expect(headers?.["content-encoding"]).toBe(encoding);
    expect(isBase64Encoded).toBe(true);
    expect(decode(Buffer.from(body, "base64")).toString()).toBe(SCRIPT);
  });

  it.each([
    "/assets/gone-AAAAAAAA.js",
    "/assets/index.mjs",
    "/assets/..%2Findex.html",
    "/assets/",
    "/index.html",
    "/assets/constructor",
  ])("knows no %s", async (path) => {
    const { statusCode, body } = await get(path, { "accept-encoding": "gzip" });
    expect([statusCode, JSON.parse(body).code]).toEqual([404, "NOT_FOUND"]);
  });

  it("with a faulty configuration answers INTERNAL, and its log names every fault and no value", async () => {
    lines.length = 0;
    const answer = await get("/", {}, { CONSOLE_ISSUER: "http://login.example.com", CONSOLE_CLIENT_ID: "" });
    expect([answer.statusCode, JSON.parse(answer.body).code]).toEqual([500, "INTERNAL"]);
    const written = lines.find((line) => line.includes("configuration_invalid"));
    expect(written).toContain("CONSOLE_ISSUER must be an https URL; CONSOLE_CLIENT_ID must be a client ID");
    expect(written).not.toContain("login.example.com");
  });
});

describe("the console's configuration", () => {
  it.each([
    ["CONSOLE_ISSUER", "https://login.example.com/ ; script-src *"],
    ["CONSOLE_ISSUER", "javascript:alert(1)"],
    ["CONSOLE_ISSUER", "https://user@login.example.com"],
    ["CONSOLE_CLIENT_ID", "two words"],
    ["CONSOLE_SCOPES", 'a"b'],
    ["CONSOLE_CONNECT_ORIGINS", "https://a.example/path"],
    ["CONSOLE_CONNECT_ORIGINS", "*"],
    ["CONSOLE_CONNECT_ORIGINS", "https://*.example.com"],
    ["CONSOLE_CONNECT_ORIGINS", "http://a.example"],
  ])("refuses %s %s", (name, value) => {
    const { faults } = readConsoleConfig({ ...SIGN_IN, [name]: value });
    expect(faults).toEqual([expect.stringContaining(name)]);
  });

  it("takes a provider on this machine, as the sandbox has one", () => {
    const { config } = readConsoleConfig({ ...SIGN_IN, CONSOLE_ISSUER: "http://127.0.0.1:4000" });
    expect(config?.signIn?.issuer).toBe("http://127.0.0.1:4000");
  });
});
