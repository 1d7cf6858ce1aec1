import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GetSecretValue } from "../../src/secrets/fetch-secret.ts";
import { createGetSecretValue } from "../../src/secrets/get-secret-value.ts";
import { createGetSecretValue as createSdkGetSecretValue } from "../../src/secrets/sdk-client.ts";
import { storeEndpoint } from "../../src/secrets/store-endpoint.ts";
import { isPassing, type StoreFault } from "../../src/secrets/store-fault.ts";
import { monotonicNow, wallNow } from "../../src/time/clocks.ts";

const KEYS = {
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "MADEUPACCESSKEY",
  AWS_SECRET_ACCESS_KEY: "made-up-secret-key",
  AWS_SESSION_TOKEN: "made-up-session-token",
};
const credentials = {
  accessKeyId: KEYS.AWS_ACCESS_KEY_ID,
  secretAccessKey: KEYS.AWS_SECRET_ACCESS_KEY,
  sessionToken: KEYS.AWS_SESSION_TOKEN,
};

type Reaction = (response: ServerResponse, request: IncomingMessage, body: string) => void;

interface Heard {
  headers: IncomingMessage["headers"];
  url: string;
  body: string;
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
  vi.unstubAllEnvs();
});

/** A store that reacts as told, one reaction for each attempt, the last one for all further. */
async function serve(...reactions: Reaction[]) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text) => {
      body += text;
    });
    request.on("end", () => {
      heard.push({ headers: request.headers, url: request.url ?? "", body });
      (reactions[heard.length - 1] ?? reactions.at(-1))?.(response, request, body);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

const give =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reaction =>
  (response) => {
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
const good = give(200, { Name: "my/secret", SecretString: "the text" });
const refuse = (status: number, type: string) => give(status, { __type: type, Message: `${type} it says` });

const signal = new AbortController().signal;

const ours = (origin: string, parts = {}) =>
  createGetSecretValue({
    endpoint: storeEndpoint({ AWS_ENDPOINT_URL_SECRETS_MANAGER: origin }, KEYS.AWS_REGION),
    region: KEYS.AWS_REGION,
    credentials,
    now: monotonicNow,
    wallNow,
    random: () => 0,
    ...parts,
  });

function theirs(origin: string) {
  const env = { ...KEYS, AWS_ENDPOINT_URL_SECRETS_MANAGER: origin };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  return createSdkGetSecretValue();
}

/** What the two have in common: the text, or the fault by its name and whether it may pass. */
async function outcomeOf(get: GetSecretValue, aborted = signal): Promise<object> {
  try {
    const { SecretString } = await get("my/secret", aborted);
    return { SecretString };
  } catch (thrown) {
    const fault = thrown as StoreFault;
    const status = fault.$metadata?.httpStatusCode;
    // Without an answer the SDK tells Node's error, and we our transport's.
    return { ...(status !== undefined && { name: fault.name, status }), isPassing: isPassing(fault) };
  }
}

describe("GetSecretValue by the SDK's signer", () => {
  const CASES: Record<string, Reaction[]> = {
    "the text of the secret": [good],
    "a secret that is binary": [give(200, { Name: "my/secret", SecretBinary: "AQ==" })],
    "a secret that is not there": [refuse(400, "ResourceNotFoundException")],
    "a denial": [refuse(400, "AccessDeniedException")],
    "an error with its namespace": [refuse(400, "com.amazonaws.secretsmanager#DecryptionFailure")],
    "an error with its place": [refuse(400, "InvalidRequestException:http://internal.example.com/")],
    "an error that is told by a header": [
      give(400, { message: "no" }, { "x-amzn-errortype": "InvalidParameterException:http://x/" }),
    ],
    "an error that is told by a code": [give(400, { code: "InvalidParameterException" })],
    "an error that does not say which": [give(400, {})],
    "an error that passes": [refuse(500, "InternalServiceError"), good],
    "an error that does not pass": [refuse(500, "InternalServiceError")],
    "a limit that passes": [refuse(400, "ThrottlingException"), good],
    "a limit that does not pass": [refuse(400, "ThrottlingException")],
    "a store that is away for a moment": [give(503, "<html>", { "content-type": "text/html" }), good],
    "a store that is away": [give(502, "<html>", { "content-type": "text/html" })],
    "what is not JSON": [give(200, "<html>")],
    "a connection that is reset": [(response) => void response.socket?.resetAndDestroy()],
    "a connection that is reset once": [(response) => void response.socket?.resetAndDestroy(), good],
  };

  it.each(Object.entries(CASES))("makes of %s what the SDK's client makes of it", async (_, reactions) => {
    const [first, second] = [await serve(...reactions), await serve(...reactions)];
    const outcome = await outcomeOf(ours(first.origin));
    expect(outcome).toEqual(await outcomeOf(theirs(second.origin)));
    expect(first.heard.length).toBe(second.heard.length);
    expect(JSON.parse(first.heard[0]?.body ?? "")).toEqual(JSON.parse(second.heard[0]?.body ?? ""));
  });

  it("takes a store that cannot be reached for one that may come back", async () => {
    const { origin } = await serve(good);
    for (const close of closers.splice(0)) close();
    expect(await outcomeOf(ours(origin))).toEqual({ isPassing: true });
  });

  it("asks again after an answer that was cut off, which the SDK takes for lasting", async () => {
    const cutOff: Reaction = (response) => {
      response.writeHead(200, { "content-length": 1000 });
      response.write('{"SecretString":');
      setTimeout(() => response.socket?.destroy(), 20);
    };
    const { origin, heard } = await serve(cutOff, good);
    expect(await outcomeOf(ours(origin))).toEqual({ SecretString: "the text" });
    expect(heard).toHaveLength(2);
    const { origin: broken } = await serve(cutOff);
    expect(await outcomeOf(ours(broken))).toEqual({ isPassing: true });
    await expect(ours(broken)("my/secret", signal)).rejects.toThrow("cut off");
  });

  it.each([
    [200, '"text"'],
    [200, "5"],
    [200, "null"],
    [400, '"text"'],
  ])(
    "takes JSON that is no object for unreadable, as it takes what is no JSON: %i %s",
    async (status, body) => {
      const { origin, heard } = await serve(give(status, body));
      expect(await outcomeOf(ours(origin))).toEqual({ name: "SyntaxError", status, isPassing: false });
      expect(heard).toHaveLength(1);
      await expect(ours(origin)("my/secret", signal)).rejects.toThrow(`no JSON object with ${status}`);
    },
  );

  it.each([
    [{ __type: "AccessDeniedException", Message: "It says no" }, "It says no"],
    [{ __type: "AccessDeniedException", message: "it says no" }, "it says no"],
    [{ __type: "AccessDeniedException" }, ""],
  ])("keeps the store's words for the log: %j", async (body, words) => {
    const { origin } = await serve(give(400, body));
    const thrown = await ours(origin)("my/secret", signal).catch((error: Error) => error);
    expect(thrown).toMatchObject({ name: "AccessDeniedException", message: words });
  });

  it("quotes nothing of an answer that it cannot read", async () => {
    const { origin } = await serve(give(200, '{"SecretString":"canary'));
    const thrown = await ours(origin)("my/secret", signal).catch((error: Error) => error);
    expect(`${(thrown as Error).name} ${(thrown as Error).message} ${(thrown as Error).stack}`).not.toContain(
      "canary",
    );
  });

  it("gives up as soon as nobody waits, and lets go of the connection", async () => {
    const controller = new AbortController();
    const { origin, heard } = await serve((response) => {
      response.on("close", () => closed.resolve());
      controller.abort();
    });
    const closed = Promise.withResolvers<void>();
    expect(await outcomeOf(ours(origin), controller.signal)).toEqual({ isPassing: true });
    await closed.promise;
    expect(heard).toHaveLength(1);
  });

  it("waits a random while before the second attempt", async () => {
    const { origin } = await serve(refuse(503, "ServiceUnavailable"), good);
    const startedAt = monotonicNow();
    await ours(origin, { random: () => 0.99 })("my/secret", signal);
    expect(monotonicNow() - startedAt).toBeGreaterThan(95);
  });

  it.each([
    "InvalidSignatureException",
    "RequestExpired",
    "RequestInTheFuture",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
  ])("goes by the store's clock once its own is refused with %s, and remembers it", async (type) => {
    const date = new Date(Date.now() + 10 * 60_000).toUTCString();
    const { origin, heard } = await serve(give(400, { __type: type }, { date }), good);
    const get = ours(origin);
    expect(await get("my/secret", signal)).toMatchObject({ SecretString: "the text" });
    await get("my/secret", signal);
    const signedAt = heard.map(({ headers }) => Date.parse(iso(String(headers["x-amz-date"]))));
    const ahead = signedAt.map((at) => Math.round((at - Date.now()) / 60_000) + 0);
    expect(ahead).toEqual([0, 10, 10]);
  });

  it("believes no store that does not tell the time, or none that is one", async () => {
    for (const date of ["", "yesterday"]) {
      const { origin, heard } = await serve(give(400, { __type: "RequestExpired" }, { date }), good);
      const get = ours(origin);
      expect(await outcomeOf(get)).toMatchObject({ name: "RequestExpired" });
      expect(await get("my/secret", signal)).toMatchObject({ SecretString: "the text" });
      expect(heard).toHaveLength(2);
    }
  });

  it("takes a refused signature for the key's fault where the clocks agree", async () => {
    const { origin, heard } = await serve(
      give(400, { __type: "InvalidSignatureException" }, { date: new Date().toUTCString() }),
    );
    expect(await outcomeOf(ours(origin))).toEqual({
      name: "InvalidSignatureException",
      status: 400,
      isPassing: false,
    });
    expect(heard).toHaveLength(1);
  });

  it.each([
    [
      "with a session token",
      credentials,
      "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-target",
    ],
    [
      "without one",
      { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey },
      "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target",
    ],
  ])("signs as AWS documents it, %s", async (_, keys, signedHeaders) => {
    const { origin, heard } = await serve(good);
    await ours(`${origin}/below`, { credentials: keys })("my/secret", signal);
    const { headers, url, body } = heard[0] as Heard;
    expect(url).toBe("/below/");
    expect(headers["x-amz-target"]).toBe("secretsmanager.GetSecretValue");
    expect(headers["x-amz-security-token"]).toBe("sessionToken" in keys ? keys.sessionToken : undefined);
    expect(headers.authorization).toContain(`SignedHeaders=${signedHeaders},`);
    expect(headers.authorization).toBe(authorizationOf(heard[0] as Heard, signedHeaders));
    expect(JSON.parse(body)).toEqual({ SecretId: "my/secret" });
  });
});

/** `20261124T081530Z` as RFC 3339. */
const iso = (date: string) => date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z");

/** AWS Signature Version 4, after https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
function authorizationOf({ headers, url, body }: Heard, signedHeaders: string): string {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const date = String(headers["x-amz-date"]);
  const scope = `${date.slice(0, 8)}/${KEYS.AWS_REGION}/secretsmanager/aws4_request`;
  const lines = signedHeaders.split(";").map((name) => `${name}:${String(headers[name])}\n`);
  const canonical = `POST\n${url}\n\n${lines.join("")}\n${signedHeaders}\n${sha256(body)}`;
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${KEYS.AWS_SECRET_ACCESS_KEY}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString("hex");
  return `AWS4-HMAC-SHA256 Credential=${KEYS.AWS_ACCESS_KEY_ID}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
}

describe("the store's endpoint", () => {
  beforeEach(() => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "MADEUP");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "made-up");
  });

  const REGIONS = [
    "us-east-1",
    "eu-west-1",
    "mx-central-1",
    "ap-southeast-7",
    "cn-north-1",
    "cn-northwest-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-isob-east-1",
    "eu-isoe-west-1",
    "us-isof-south-1",
    "eusc-de-east-1",
    "xx-new-1",
    // What another partition's begins with, elsewhere.
    "xx-cn-north-1",
    "xx-eusc-de-1",
    "xx-us-iso-east-1",
    "xx-us-isob-east-1",
    "xx-eu-isoe-west-1",
    "xx-us-isof-south-1",
  ];
  const FLAGS = [
    {},
    { AWS_USE_FIPS_ENDPOINT: "true" },
    { AWS_USE_DUALSTACK_ENDPOINT: "true" },
    { AWS_USE_FIPS_ENDPOINT: "true", AWS_USE_DUALSTACK_ENDPOINT: "true" },
    { AWS_USE_FIPS_ENDPOINT: "false", AWS_USE_DUALSTACK_ENDPOINT: "false" },
  ];

  it.each(REGIONS)("of %s is the SDK's, with every setting", (region) => {
    const { endpointProvider } = new SecretsManagerClient({ region }).config;
    // China has no FIPS endpoint, though the SDK would name one that IPv6 reaches.
    for (const flags of region.startsWith("cn-") ? FLAGS.slice(0, 3) : FLAGS) {
      const { url } = endpointProvider({
        Region: region,
        UseFIPS: "AWS_USE_FIPS_ENDPOINT" in flags && flags.AWS_USE_FIPS_ENDPOINT === "true",
        UseDualStack: "AWS_USE_DUALSTACK_ENDPOINT" in flags && flags.AWS_USE_DUALSTACK_ENDPOINT === "true",
      });
      expect(`${storeEndpoint(flags, region).origin}/`).toBe(url.href);
    }
  });

  it.each([
    [{ AWS_ENDPOINT_URL: "http://emulator:4566" }, "http:", "emulator", 4566, "/"],
    [
      { AWS_ENDPOINT_URL: "http://no", AWS_ENDPOINT_URL_SECRETS_MANAGER: "https://vpce.example.com/a" },
      "https:",
      "vpce.example.com",
      443,
      "/a/",
    ],
    [{ AWS_ENDPOINT_URL: "http://[::1]" }, "http:", "::1", 80, "/"],
    [
      { AWS_ENDPOINT_URL: "http://emulator", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
      "https:",
      "secretsmanager.eu-west-1.amazonaws.com",
      443,
      "/",
    ],
  ])("is where %j says", (env, protocol, hostname, port, path) => {
    const expected = { protocol, hostname, port, path };
    expect(storeEndpoint(env as Record<string, string>, "eu-west-1")).toMatchObject(expected);
  });
});
