import type { Readable } from "node:stream";
import { LookupError } from "../errors.ts";
import type { FetchSecret } from "../ports.ts";
import { unavailable, withoutText } from "./outage.ts";

type Sdk = typeof import("./sdk-client.ts");
type Client = InstanceType<Sdk["SecretsManagerClient"]>;

/** What the store says when it, or its key service, is the one in trouble. */
const PASSING = new Set([
  "InternalServiceError",
  "InternalServiceErrorException",
  "ThrottlingException",
  "Throttling",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "LimitExceededException",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "TimeoutError",
  "AbortError",
]);

/**
 * Reads secrets from AWS Secrets Manager through the AWS SDK, which is loaded at the first use.
 *
 * @param makeClient For tests: a client of their own.
 */
export function createSdkSecrets(makeClient?: (sdk: Sdk) => Client): FetchSecret {
  let client: Client | undefined;
  return async (secretId, { signal }) => {
    try {
      const sdk = await import("./sdk-client.ts");
      client ??= makeClient
        ? makeClient(sdk)
        : new sdk.SecretsManagerClient({ maxAttempts: 2, streamCollector });
      const answer = await client.send(new sdk.GetSecretValueCommand({ SecretId: secretId }), {
        abortSignal: signal,
      });
      if (answer.SecretString === undefined) throw withoutText();
      return answer.SecretString;
    } catch (error) {
      throw error instanceof LookupError ? error : faultOf(error);
    }
  };
}

/** The SDK's own asks for `ReadableStream`, and Node loads all of the web streams for the name. */
async function streamCollector(stream: Readable): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

interface SdkFault {
  name?: string;
  message?: string;
  $metadata?: { httpStatusCode?: number };
}

function faultOf(thrown: unknown): LookupError {
  const { name = "unknown", message = "", $metadata } = thrown as SdkFault;
  const status = $metadata?.httpStatusCode;
  // Without a status nothing was answered: the network, or our own limit of time.
  const isOutage = PASSING.has(name) || status === undefined || status >= 500 || status === 429;
  return unavailable(`${name}: ${message}`, isOutage);
}
