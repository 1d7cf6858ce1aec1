import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { GetSecretValue } from "./fetch-secret.ts";

/** GetSecretValue by the AWS SDK's own client, with its chain of credentials: profiles, single sign-on, metadata. */
export function createGetSecretValue(): GetSecretValue {
  const client = new SecretsManagerClient({ maxAttempts: 2 });
  return (secretId, abortSignal) =>
    client.send(new GetSecretValueCommand({ SecretId: secretId }), { abortSignal });
}
