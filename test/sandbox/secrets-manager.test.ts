import {
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { afterEach, describe, expect, it } from "vitest";
import { type ReadSecret, serveSecretsManager } from "../../sandbox/secrets-manager.ts";
import type { Serving } from "../../sandbox/serve.ts";

let serving: Serving | undefined;

afterEach(() => serving?.close());

async function clientOf(readSecret: ReadSecret): Promise<SecretsManagerClient> {
  serving = await serveSecretsManager(readSecret);
  return new SecretsManagerClient({
    endpoint: serving.url,
    region: "us-east-1",
    credentials: { accessKeyId: "made-up", secretAccessKey: "made-up" },
    maxAttempts: 1,
  });
}

const read = (SecretId: string) => new GetSecretValueCommand({ SecretId });

describe("the Secrets Manager stand-in, spoken to by the real SDK", () => {
  it("gives a secret's text as it is at that moment", async () => {
    const texts = ["before", "after"];
    const client = await clientOf(() => texts.shift() ?? null);
    expect(await client.send(read("s"))).toMatchObject({ Name: "s", SecretString: "before" });
    expect(await client.send(read("s"))).toMatchObject({ Name: "s", SecretString: "after" });
  });

  it("answers ResourceNotFoundException for a secret that is not there", async () => {
    const client = await clientOf(() => null);
    await expect(client.send(read("s"))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      $metadata: { httpStatusCode: 400 },
    });
  });

  it("answers InternalServiceError, without the reason, when the text cannot be read", async () => {
    const client = await clientOf(() => Promise.reject(new Error("/home/someone/secret.json")));
    await expect(client.send(read("s"))).rejects.toMatchObject({
      name: "InternalServiceError",
      message: "The secret could not be read.",
    });
  });

  it("serves no other operation", async () => {
    const client = await clientOf(() => "text");
    await expect(client.send(new ListSecretsCommand({}))).rejects.toMatchObject({
      name: "UnknownOperationException",
    });
  });
});
