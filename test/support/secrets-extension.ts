import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Answer {
  status: number;
  text: string;
}

export interface ExtensionParts {
  /** What Secrets Manager holds now: the text, `null` for a binary secret, or the store's refusal. */
  store: (secretId: string) => string | null | Answer;
  token: string;
  /** Asked for every request; ready from the start when left out. */
  isReady?: () => boolean;
  /** Answers in the extension's place. */
  instead?: (response: ServerResponse) => void;
  now?: () => number;
  port?: number;
}

export interface Extension {
  port: number;
  /** The requests' targets, in order. */
  targets: string[];
  /** How often Secrets Manager was asked. */
  storeReads: () => number;
  close: () => Promise<void>;
}

const TTL_MS = 300_000;

/** The AWS Parameters and Secrets Lambda Extension, as far as secrets go: token, cache, `refreshNow`, not ready. */
export async function startExtension(parts: ExtensionParts): Promise<Extension> {
  const { store, token, instead, isReady = () => true, now = Date.now } = parts;
  const cache = new Map<string, { json: string; until: number }>();
  const targets: string[] = [];
  let storeReads = 0;

  function answerTo(request: IncomingMessage): Answer {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (request.headers["x-aws-parameters-secrets-token"] !== token) {
      return { status: 401, text: "no valid token" };
    }
    const secretId = url.searchParams.get("secretId");
    if (url.pathname !== "/secretsmanager/get" || secretId === null) {
      return { status: 404, text: "no such operation" };
    }
    const kept = cache.get(secretId);
    const mayBeCached = url.searchParams.get("refreshNow") !== "true";
    if (kept && kept.until > now() && mayBeCached) return { status: 200, text: kept.json };
    storeReads += 1;
    const secret = store(secretId);
    if (secret !== null && typeof secret === "object") return secret;
    const json = JSON.stringify({
      ARN: `arn:aws:secretsmanager:us-east-1:000000000000:secret:${secretId}`,
      Name: secretId,
      VersionId: "00000000-0000-0000-0000-000000000000",
      VersionStages: ["AWSCURRENT"],
      ...(secret === null ? { SecretBinary: "AAEC" } : { SecretString: secret }),
    });
    cache.set(secretId, { json, until: now() + TTL_MS });
    return { status: 200, text: json };
  }

  const server = createServer((request, response) => {
    targets.push(request.url ?? "");
    if (!isReady()) {
      response.writeHead(400).end("not ready to serve traffic, please wait");
    } else if (instead) {
      instead(response);
    } else {
      const { status, text } = answerTo(request);
      response.writeHead(status).end(text);
    }
  });
  await new Promise<void>((resolve) => void server.listen(parts.port ?? 0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    targets,
    storeReads: () => storeReads,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
