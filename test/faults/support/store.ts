import { createServer, type ServerResponse } from "node:http";
import { onClose } from "./opened.ts";

/** What the store does with one GetSecretValue. */
export type StoreReaction = (response: ServerResponse) => void;

export interface Store {
  origin: string;
  /** GetSecretValue calls so far. */
  calls: () => number;
  react: (reaction: StoreReaction) => void;
}

/** AWS Secrets Manager on loopback: what a test wants, in the protocol that the real SDK speaks. */
export async function serveStore(reaction: StoreReaction): Promise<Store> {
  let current = reaction;
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    request.resume();
    request.on("end", () => current(response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onClose({
    unanswered: () => 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    calls: () => calls,
    react: (next) => {
      current = next;
    },
  };
}

export function giveSecret(secret: object | string): StoreReaction {
  return give(200, { SecretString: typeof secret === "string" ? secret : JSON.stringify(secret) });
}

/** Any answer in the store's protocol. */
export function give(status: number, body: object): StoreReaction {
  return (response) => {
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify({ Name: "workspace/test", ...body }));
  };
}

/** An error as Secrets Manager tells it: its type, and a text that names the secret. */
export function refuse(status: number, type: string): StoreReaction {
  return give(status, {
    __type: type,
    Message: "arn:aws:secretsmanager:us-east-1:000000000000:secret:workspace/test",
  });
}
