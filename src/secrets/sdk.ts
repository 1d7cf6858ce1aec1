import { type Environment, read } from "../config/environment.ts";
import { LookupError } from "../contract/errors.ts";
import { monotonicNow, wallNow } from "../time/clocks.ts";
import type { Scope } from "./aws-signer.ts";
import type { FetchSecret, GetSecretValue } from "./fetch-secret.ts";
import { createGetSecretValue } from "./get-secret-value.ts";
import { withoutText } from "./outage.ts";
import { storeEndpoint } from "./store-endpoint.ts";
import { type StoreFault, toLookupError } from "./store-fault.ts";

/**
 * Reads secrets from AWS Secrets Manager: where the environment holds credentials and a region, as on Lambda, by a
 * request of our own; elsewhere by the SDK's own client, which knows profiles and single sign-on, and which no bundle has.
 */
export function createSdkSecrets(env: Environment): FetchSecret {
  let making: Promise<GetSecretValue> | undefined;

  async function make(): Promise<GetSecretValue> {
    const region = read(env, "AWS_REGION");
    const credentials = credentialsIn(env);
    if (!region || !credentials) return (await import("./sdk-client.ts")).createGetSecretValue();
    const endpoint = storeEndpoint(env, region);
    return createGetSecretValue({
      endpoint,
      region,
      credentials,
      now: monotonicNow,
      wallNow,
      random: Math.random,
    });
  }

  return async (secretId, { signal }) => {
    try {
      making ??= make();
      const getSecretValue = await making;
      const { SecretString } = await getSecretValue(secretId, signal);
      if (typeof SecretString !== "string") throw withoutText();
      return SecretString;
    } catch (error) {
      throw error instanceof LookupError ? error : toLookupError(error as StoreFault);
    }
  };
}

/** As Lambda sets them, once per container. A profile that is named goes before them, as with the SDK. */
function credentialsIn(env: Environment): Scope["credentials"] | null {
  const accessKeyId = read(env, "AWS_ACCESS_KEY_ID");
  const secretAccessKey = read(env, "AWS_SECRET_ACCESS_KEY");
  if (!accessKeyId || !secretAccessKey || read(env, "AWS_PROFILE")) return null;
  const sessionToken = read(env, "AWS_SESSION_TOKEN");
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}
