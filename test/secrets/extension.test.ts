import { afterEach, describe, expect, it } from "vitest";
import { asLookupError, type LookupError } from "../../src/contract/errors.ts";
import { createCredentials } from "../../src/secrets/credentials.ts";
import { createExtensionSecrets } from "../../src/secrets/extension.ts";
import { StoreOutage } from "../../src/secrets/outage.ts";
import { refOf } from "../../src/workspace/profile.ts";
import { aCall } from "../support/call.ts";
import { type Extension, type ExtensionParts, startExtension } from "../support/secrets-extension.ts";

const TOKEN = "session/token+with=signs";
const NAME = "prod/workspace & more?";
const PATH = "/secretsmanager/get?secretId=prod%2Fworkspace%20%26%20more%3F";

let extension: Extension;
afterEach(() => extension.close());

async function start(parts: Partial<ExtensionParts> = {}) {
  extension = await startExtension({ store: () => "the text", token: TOKEN, ...parts });
  return secretsOf(extension.port);
}

function secretsOf(port: number, token = TOKEN) {
  return createExtensionSecrets({
    PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(port),
    AWS_SESSION_TOKEN: token,
  });
}

const cached = (ms = 1500) => ({ signal: AbortSignal.timeout(ms), fresh: false });
const fresh = () => ({ signal: AbortSignal.timeout(1500), fresh: true });

async function faultOf(fetching: Promise<string>): Promise<LookupError> {
  return asLookupError(
    await fetching.then(
      () => "no fault",
      (thrown) => thrown,
    ),
  );
}

describe("secrets through the Lambda extension", () => {
  it("are asked for by their encoded name, with the session's token", async () => {
    const fetchSecret = await start();
    expect(await fetchSecret(NAME, cached())).toBe("the text");
    expect(extension.targets).toEqual([PATH]);
  });

  it("come out of the extension's own cache, and past it when they must be fresh", async () => {
    const texts = ["old", "new"];
    const fetchSecret = await start({ store: () => texts.shift() ?? null });
    expect(await fetchSecret(NAME, cached())).toBe("old");
    expect(await fetchSecret(NAME, cached())).toBe("old");
    expect(await fetchSecret(NAME, fresh())).toBe("new");
    expect(await fetchSecret(NAME, cached())).toBe("new");
    expect(extension.targets).toEqual([PATH, PATH, `${PATH}&refreshNow=true`, PATH]);
    expect(extension.storeReads()).toBe(2);
  });

  it("are waited for while the extension says that it is not ready", async () => {
    const fetchSecret = await start({ isReady: () => extension.targets.length > 3 });
    expect(await fetchSecret(NAME, cached())).toBe("the text");
    expect(extension.targets).toHaveLength(4);
  });

  it("are waited for while nothing listens yet", async () => {
    await start();
    const { port } = extension;
    await extension.close();
    const fetching = secretsOf(port)(NAME, cached());
    await new Promise((resolve) => setTimeout(resolve, 60));
    await start({ port });
    expect(await fetching).toBe("the text");
  });

  it("are an outage when the extension is not ready in time", async () => {
    const fetchSecret = await start({ isReady: () => false });
    const error = await faultOf(fetchSecret(NAME, cached(120)));
    expect(error.code).toBe("SECRET_UNAVAILABLE");
    expect(error.cause).toBeInstanceOf(StoreOutage);
    expect(extension.targets.length).toBeLessThan(10);
  });

  it.each([
    ["a refusal of the store's", 400, "ResourceNotFoundException", false],
    ["a denial of the store's", 403, "AccessDeniedException", false],
    ["a limit of the store's", 429, "ThrottlingException", true],
    ["a fault of the store's", 500, "InternalServiceError", true],
  ])("are unavailable after %s, and an outage only if it passes", async (_, status, text, isOutage) => {
    const fetchSecret = await start({ store: () => ({ status, text }) });
    const error = await faultOf(fetchSecret(NAME, cached()));
    expect(error.code).toBe("SECRET_UNAVAILABLE");
    expect(error.cause instanceof StoreOutage).toBe(isOutage);
    expect(error.detail).not.toContain(text);
    expect(extension.targets).toHaveLength(1);
  });

  it("are unavailable with another session's token", async () => {
    await start();
    const error = await faultOf(secretsOf(extension.port, "another")(NAME, cached()));
    expect(error).toMatchObject({ code: "SECRET_UNAVAILABLE" });
    expect(error.cause).not.toBeInstanceOf(StoreOutage);
  });

  it.each(["abc", "0", "65536", "80.5"])("are asked for at no port that is none: %s", async (port) => {
    await start();
    const fetchSecret = createExtensionSecrets({
      PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: port,
      AWS_SESSION_TOKEN: TOKEN,
    });
    const { code, cause } = await faultOf(fetchSecret(NAME, cached()));
    expect(code).toBe("SECRET_UNAVAILABLE");
    expect(cause).toEqual(new Error("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT is no port"));
  });

  it("are unavailable until somebody acts when no header can hold the token, which is not told", async () => {
    await start();
    const { cause } = await faultOf(secretsOf(extension.port, "canary\n")(NAME, cached()));
    expect(cause).toEqual(new Error("the extension cannot be reached: ERR_INVALID_CHAR"));
  });

  it("are invalid when they are binary", async () => {
    const fetchSecret = await start({ store: () => null });
    expect(await faultOf(fetchSecret(NAME, cached()))).toMatchObject({ code: "SECRET_INVALID" });
  });

  it.each([
    ["is not JSON", "not JSON at all: secret-value"],
    ["is cut off", null],
  ])("are unavailable when the answer %s, and the answer is not quoted", async (_, text) => {
    const fetchSecret = await start({
      instead: (response) => {
        if (text !== null) return void response.end(text);
        response.writeHead(200, { "content-length": "1000" }).write("secret-value");
        setTimeout(() => response.destroy(), 20);
      },
    });
    const error = await faultOf(fetchSecret(NAME, cached()));
    expect(error.code).toBe("SECRET_UNAVAILABLE");
    expect(error.cause).toBeInstanceOf(StoreOutage);
    expect(String(error.cause)).not.toContain("secret-value");
  });

  it("are unavailable, and nothing is left open, when nobody waits any more", async () => {
    const fetchSecret = await start({ instead: () => {} });
    const error = await faultOf(fetchSecret(NAME, cached(80)));
    expect(error).toMatchObject({ code: "SECRET_UNAVAILABLE" });
  });

  it("are never remembered as failed", async () => {
    const answers = [{ status: 500, text: "InternalServiceError" }, aSecret("FIRST")];
    const fetchSecret = await start({ store: () => answers.shift() ?? null });
    const credentials = credentialsOf(fetchSecret);
    await expect(credentials.current(null, aCall())).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
    expect(await credentials.current(null, aCall())).toMatchObject({ accessKey: "FIRST" });
  });

  it("are looked up past the extension's cache when the upstream refuses the key", async () => {
    const secrets = [aSecret("OLD"), aSecret("NEW")];
    const fetchSecret = await start({ store: () => secrets.shift() ?? null });
    const credentials = credentialsOf(fetchSecret);
    const old = await credentials.current(null, aCall());
    const lease = await credentials.lease(refOf(old), aCall());
    expect(await lease.refused(aCall())).toBe(true);
    expect(await credentials.current(null, aCall())).toMatchObject({ accessKey: "NEW" });
    expect(extension.targets.at(-1)).toContain("&refreshNow=true");
  });
});

function aSecret(accessKey: string): string {
  return JSON.stringify({
    access_key: accessKey,
    secret_key: "made-up",
    project_id: "0123456789abcdef0123456789abcdef",
    region: "cn-north-4",
  });
}

function credentialsOf(fetchSecret: ReturnType<typeof createExtensionSecrets>) {
  return createCredentials({
    fetchSecret,
    secretId: NAME,
    ttlMs: 300_000,
    endpointOverride: null,
    warn: () => {},
    now: () => performance.now(),
    wallNow: () => Date.now(),
  });
}
