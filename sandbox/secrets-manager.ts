import { randomUUID } from "node:crypto";
import { readBytes, type Serving, serve } from "./serve.ts";

const MAX_BODY_BYTES = 64 * 1024;
const CONTENT_TYPE = "application/x-amz-json-1.1";

/** The text of a secret; `null` when there is no such secret. Asked for every time, so that it may change. */
export type ReadSecret = (secretId: string) => string | null | Promise<string | null>;

/** AWS Secrets Manager, as far as this project calls it: GetSecretValue, for the real SDK. */
export function serveSecretsManager(readSecret: ReadSecret): Promise<Serving> {
  return serve(async (request, response) => {
    const fail = (status: number, type: string, message: string) => {
      response.writeHead(status, { "content-type": CONTENT_TYPE, "x-amzn-requestid": randomUUID() });
      response.end(JSON.stringify({ __type: type, Message: message }));
    };
    const body = await readBytes(request, MAX_BODY_BYTES);
    if (request.headers["x-amz-target"] !== "secretsmanager.GetSecretValue") {
      return fail(400, "UnknownOperationException", "Only GetSecretValue is served here.");
    }
    const secretId = readSecretId(body);
    if (secretId === null) return fail(400, "InvalidParameterException", "SecretId is missing.");
    try {
      const secret = await readSecret(secretId);
      if (secret === null) {
        return fail(400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
      }
      response.writeHead(200, { "content-type": CONTENT_TYPE, "x-amzn-requestid": randomUUID() });
      response.end(
        JSON.stringify({
          ARN: `arn:aws:secretsmanager:us-east-1:000000000000:secret:${secretId}-local0`,
          Name: secretId,
          SecretString: secret,
          VersionId: randomUUID(),
          VersionStages: ["AWSCURRENT"],
          CreatedDate: Date.now() / 1000,
        }),
      );
    } catch {
      // The reason is on the machine that this runs on; it is not for the client.
      fail(500, "InternalServiceError", "The secret could not be read.");
    }
  });
}

function readSecretId(body: Buffer | null): string | null {
  try {
    const { SecretId } = JSON.parse(body?.toString("utf8") ?? "") as { SecretId?: unknown };
    return typeof SecretId === "string" && SecretId !== "" ? SecretId : null;
  } catch {
    return null;
  }
}
