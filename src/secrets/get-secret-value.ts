import { createSigningClock } from "../net/server-clock.ts";
import { createTransport, type UpstreamAnswer } from "../net/transport.ts";
import { sleep } from "../time/clocks.ts";
import { startDeadline } from "../time/deadline.ts";
import { type Scope, sign } from "./aws-signer.ts";
import { SECRET_FETCH_MS } from "./cached-secret.ts";
import type { GetSecretValue } from "./fetch-secret.ts";
import type { StoreEndpoint } from "./store-endpoint.ts";
import { isPassing, type StoreFault } from "./store-fault.ts";

/** What ends a fetch is its signal; a host that does not answer leaves time for a second attempt. */
const LIMITS = { connectMs: 1000, headersMs: SECRET_FETCH_MS, totalMs: SECRET_FETCH_MS };
/** Before the second of two attempts, at most. */
const PAUSE_MS = 100;
/** What the store says of a signature that bears another time than its own. */
const SKEWED = new Set([
  "InvalidSignatureException",
  "RequestExpired",
  "RequestInTheFuture",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
]);

export interface GetSecretValueParts {
  endpoint: StoreEndpoint;
  region: string;
  credentials: Scope["credentials"];
  /** Monotonic milliseconds. */
  now: () => number;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
  /** 0 ≤ random < 1. */
  random: () => number;
}

/**
 * GetSecretValue by a request of our own. The AWS SDK's client does the same with thirty times the code, a third of a cold
 * start; `test/secrets/get-secret-value.test.ts` holds this to it.
 *
 * A second attempt follows where the fault may pass, or where our clock was to blame and has been corrected.
 */
export function createGetSecretValue(parts: GetSecretValueParts): GetSecretValue {
  const { endpoint, region, credentials, now, wallNow, random } = parts;
  const clock = createSigningClock(wallNow);
  const send = createTransport({ limits: LIMITS, now });
  const scope = { service: "secretsmanager", region, credentials };
  const { host, path } = endpoint;
  const unsigned = {
    method: "POST",
    path,
    headers: {
      host,
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "secretsmanager.GetSecretValue",
    },
  } as const;

  async function attempt(body: string, signal: AbortSignal): Promise<object> {
    const reading = clock.read();
    const headers = sign({ ...unsigned, body }, { ...scope, now: reading.at });
    const deadline = startDeadline(LIMITS.totalMs, undefined, now);
    const answer = await send({ endpoint, method: "POST", path, headers, body, deadline, signal });
    if (answer.body === null) throw new Error("the answer was cut off");
    const fields = fieldsOf(answer.body);
    if (answer.status === 200 && fields) return fields;
    const name = fields === null ? "SyntaxError" : nameOf(answer, fields);
    const words = fields
      ? (fields["message"] ?? fields["Message"] ?? "")
      : `no JSON object with ${answer.status}`;
    throw Object.assign(new Error(String(words)), {
      name,
      $metadata: { httpStatusCode: answer.status },
      isClockCorrected: SKEWED.has(name) && reading.correct(Date.parse(String(answer.headers.date))),
    });
  }

  return async (secretId, signal) => {
    const body = JSON.stringify({ SecretId: secretId });
    try {
      return await attempt(body, signal);
    } catch (thrown) {
      const fault = thrown as StoreFault & { isClockCorrected?: boolean };
      if (!fault.isClockCorrected && !isPassing(fault)) throw fault;
      await sleep(random() * PAUSE_MS, signal);
      return await attempt(body, signal);
    }
  };
}

function fieldsOf(body: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === "object" ? (value as Record<string, unknown> | null) : null;
  } catch {
    // The parser's message would quote the secret.
    return null;
  }
}

/** `ThrottlingException` out of `com.amazonaws.secretsmanager#ThrottlingException:http://…`. */
function nameOf({ headers }: UpstreamAnswer, fields: Record<string, unknown>): string {
  const type = String(headers["x-amzn-errortype"] ?? fields["__type"] ?? fields["code"] ?? "Unknown");
  const [name = ""] = type.split(/[:,]/, 1);
  return name.slice(name.lastIndexOf("#") + 1);
}
