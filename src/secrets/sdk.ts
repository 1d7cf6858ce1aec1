import { monotonicNow, wallNow } from "../clocks.ts";
import { type Environment, read } from "../environment.ts";
import { LookupError } from "../errors.ts";
import type { FetchSecret } from "../ports.ts";
import { createGetSecretValue } from "./get-secret-value.ts";
import { withoutText } from "./outage.ts";
import { type StoreFault, toLookupError } from "./store-fault.ts";

/**
 * AWS Secrets Manager's GetSecretValue.
 *
 * @throws StoreFault
 */
export type GetSecretValue = (
  secretId: string,
  signal: AbortSignal,
) => Promise<{ SecretString?: string | undefined }>;

/**
 * Reads secrets from AWS Secrets Manager: where the environment holds credentials, as on Lambda, by the SDK's signer;
 * elsewhere by the SDK's own client, which knows profiles and single sign-on, and which no bundle has.
 */
export function createSdkSecrets(env: Environment): FetchSecret {
  let making: Promise<GetSecretValue> | undefined;

  async function make(): Promise<GetSecretValue> {
    // A profile that is named goes before keys, as with the SDK.
    if (read(env, "AWS_ACCESS_KEY_ID") && !read(env, "AWS_PROFILE")) {
      return createGetSecretValue({ env, now: monotonicNow, wallNow, random: Math.random });
    }
    return (await import("./sdk-client.ts")).createGetSecretValue();
  }

  return async (secretId, { signal }) => {
    try {
      making ??= make();
      const getSecretValue = await making;
      const { SecretString } = await getSecretValue(secretId, signal);
      if (SecretString === undefined) throw withoutText();
      return SecretString;
    } catch (error) {
      throw error instanceof LookupError ? error : toLookupError(error as StoreFault);
    }
  };
}
