import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { serveSecretsManager } from "../sandbox/secrets-manager.ts";
import type { MadeUpCertificate } from "../test/faults/support/certificate.ts";
import { startExtension } from "../test/support/secrets-extension.ts";
import { WORST_ANSWERS } from "./worst.ts";

export const PROJECT_ID = "0123456789abcdef0123456789abcdef";
export const SESSION_TOKEN = "made-up-session";

const SECRET = JSON.stringify({
  access_key: "MADEUPACCESSKEY",
  secret_key: "made-up-secret-key-of-forty-characters-00",
  project_id: PROJECT_ID,
  endpoint: "https://workspace.example.com",
});

/** All that a function talks to, on loopback, in the benchmark's own process. */
export interface Servers {
  upstream: string;
  secretsManager: string;
  extensionPort: number;
  /** The extension is ready only once an invocation has begun. */
  setExtensionReady: (isReady: boolean) => void;
  close: () => Promise<void>;
}

export async function startServers(certificate: MadeUpCertificate): Promise<Servers> {
  const upstream = await listen(createTlsServer(certificate, answerDetachInfo));
  const secretsManager = await serveSecretsManager(() => SECRET);
  let isExtensionReady = false;
  const extension = await startExtension({
    store: () => SECRET,
    token: SESSION_TOKEN,
    isReady: () => isExtensionReady,
  });
  return {
    upstream: `https://localhost:${portOf(upstream)}`,
    secretsManager: secretsManager.url,
    extensionPort: extension.port,
    setExtensionReady: (isReady) => {
      isExtensionReady = isReady;
    },
    close: async () => {
      upstream.closeAllConnections();
      upstream.close();
      await Promise.all([secretsManager.close(), extension.close()]);
    },
  };
}

/** A desktop whose ID says how many rows it has, and how many milliseconds the answer takes: `r100-d20-7`. */
export const desktopId = (rows: number, delayMs: number, number: number) => `r${rows}-d${delayMs}-${number}`;

/** A desktop whose answer is one of the worst, by its place among them. */
export const worstId = (place: number) => `worst-${place}`;

const WORST = /\/desktops\/worst-(\d+)\/detach-info$/;
const DESKTOP = /\/desktops\/r(\d+)-d(\d+)-\d+\/detach-info$/;
const answers = new Map<number, Buffer>();

function answerDetachInfo(request: IncomingMessage, response: ServerResponse): void {
  const [, worst] = WORST.exec(request.url ?? "") ?? [];
  if (worst !== undefined) return void response.end(Object.values(WORST_ANSWERS)[Number(worst)]?.());
  const [, rows = "0", delayMs = "0"] = DESKTOP.exec(request.url ?? "") ?? [];
  const count = Number(rows);
  const body = answers.get(count) ?? Buffer.from(JSON.stringify({ desktop_detach_infos: rowsOf(count) }));
  answers.set(count, body);
  const send = () =>
    response
      .writeHead(200, {
        "content-type": "application/json",
        "content-length": body.length,
        "x-request-id": "0123456789abcdef0123456789abcdef",
      })
      .end(body);
  if (delayMs === "0") send();
  else setTimeout(send, Number(delayMs));
}

// In the order in which Huawei's own example has them: none.
function rowsOf(count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    desktop_id: "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55",
    desktop_name: "WIN-ALICE",
    user_id: `0a1b2c3d4e5f60718293a4b5c6d7${String(index).padStart(4, "0")}`,
    user_name: `user-${index}`,
    user_group: "administrators",
    type: "USER",
    detach_time: new Date(Date.UTC(2026, 0, 1) + ((index * 7919) % 20_011) * 1_234_567)
      .toISOString()
      .replace(/\.(\d{3})Z$/, ":$1000Z"),
  }));
}

export async function listen<S extends Server>(server: S): Promise<S> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return server;
}

export const portOf = (server: Server) => (server.address() as AddressInfo).port;
