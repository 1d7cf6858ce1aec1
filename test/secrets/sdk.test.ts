import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { StoreOutage } from "../../src/secrets/outage.ts";
import { createSdkSecrets } from "../../src/secrets/sdk.ts";

const store = mockClient(SecretsManagerClient);
const options = { signal: new AbortController().signal, fresh: false };

/** A fault as the SDK throws it. */
function fault(name: string, httpStatusCode?: number): Error {
  const more = httpStatusCode === undefined ? {} : { $metadata: { httpStatusCode } };
  return Object.assign(new Error(`${name} in the store's words`), { name, ...more });
}

describe("secrets through the AWS SDK, where the environment holds no credentials", () => {
  beforeEach(() => void store.reset());

  const fetchSecret = () => createSdkSecrets({ AWS_REGION: "eu-west-1" })("my/secret", options);

  it("are the text of the current version of the secret asked for", async () => {
    store.on(GetSecretValueCommand, { SecretId: "my/secret" }).resolves({ SecretString: "{}" });
    expect(await fetchSecret()).toBe("{}");
    expect(store.commandCalls(GetSecretValueCommand)[0]?.args[0].input).toEqual({ SecretId: "my/secret" });
  });

  it("come through one client, made at the first use", async () => {
    store.on(GetSecretValueCommand).resolves({ SecretString: "{}" });
    const fetch = createSdkSecrets({});
    await Promise.all([fetch("a", options), fetch("b", options)]);
    await fetch("c", options);
    const clients = new Set(store.commandCalls(GetSecretValueCommand).map(({ thisValue }) => thisValue));
    expect(clients.size).toBe(1);
  });

  const keys = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "MADEUP", AWS_SECRET_ACCESS_KEY: "made-up" };

  it.each([
    ["a profile is named", { ...keys, AWS_PROFILE: "lab" }],
    ["there is no region", { ...keys, AWS_REGION: "" }],
    ["there is no access key", { ...keys, AWS_ACCESS_KEY_ID: "" }],
    ["there is no secret key", { ...keys, AWS_SECRET_ACCESS_KEY: "" }],
  ])("come by the SDK's own client where %s", async (_, env) => {
    store.on(GetSecretValueCommand).resolves({ SecretString: "{}" });
    expect(await createSdkSecrets(env)("my/secret", options)).toBe("{}");
  });

  it("that are null are not what we need either", async () => {
    store.on(GetSecretValueCommand).resolves({ SecretString: null as never });
    await expect(fetchSecret()).rejects.toMatchObject({ code: "SECRET_INVALID" });
  });

  it("are unavailable after a fault that says nothing of itself", async () => {
    store.on(GetSecretValueCommand).callsFake(() => Promise.reject({}));
    await expect(fetchSecret()).rejects.toMatchObject({ cause: { message: "unknown: " } });
  });

  it("that are binary are not what we need", async () => {
    store.on(GetSecretValueCommand).resolves({ SecretBinary: new Uint8Array([1]) });
    await expect(fetchSecret()).rejects.toMatchObject({ code: "SECRET_INVALID" });
  });

  it.each([
    ["InternalServiceError", 400],
    ["InternalServiceErrorException", 400],
    ["ThrottlingException", 400],
    ["Throttling", 400],
    ["TooManyRequestsException", 400],
    ["RequestLimitExceeded", 400],
    ["LimitExceededException", 400],
    ["ServiceUnavailable", 400],
    ["ServiceUnavailableException", 400],
    ["TimeoutError", 400],
    ["AbortError", 400],
    ["Unknown", 500],
    ["Unknown", 429],
    ["ECONNREFUSED", undefined],
  ])("are unavailable for a while after %s", async (name, status) => {
    store.on(GetSecretValueCommand).rejects(fault(name, status));
    await expect(fetchSecret()).rejects.toMatchObject({
      code: "SECRET_UNAVAILABLE",
      cause: expect.any(StoreOutage),
    });
  });

  it.each([
    ["ResourceNotFoundException", 400],
    ["AccessDeniedException", 400],
    ["DecryptionFailure", 400],
    ["InvalidRequestException", 400],
  ])("are unavailable until somebody acts after %s", async (name, status) => {
    store.on(GetSecretValueCommand).rejects(fault(name, status));
    const thrown = await fetchSecret().catch((error: unknown) => error);
    expect(thrown).toMatchObject({
      code: "SECRET_UNAVAILABLE",
      cause: { message: `${name}: ${name} in the store's words` },
    });
    expect((thrown as Error).cause).not.toBeInstanceOf(StoreOutage);
    // The store's words are for the log: the error itself holds ours.
    expect((thrown as { detail: string }).detail).not.toContain(name);
  });
});
