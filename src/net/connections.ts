import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIP, type LookupFunction, type Socket } from "node:net";
import type { Endpoint } from "./endpoint.ts";

export interface ConnectionOptions {
  /** Name resolution; the system's by default. */
  lookup?: LookupFunction | undefined;
  /** Further trusted certificates, for tests. */
  ca?: string | undefined;
  /** Whether sockets stay open between calls; true by default. Where minutes pass between two, each would be dead. */
  keepAlive?: boolean;
}

/** The connections of one container: kept alive between calls, and opened ahead of the first. */
export interface Connections {
  agentFor(endpoint: Endpoint): HttpAgent;
  /** Sockets whose connection stands; a request on one of them may find it dead. */
  standing: WeakSet<Socket>;
  /** Opens a TLS session for whoever asks first. Never fails: who asks then will see for himself. */
  openAhead(endpoint: Endpoint, limitMs: number): Promise<void>;
  /** A kept-alive socket that died while the container was frozen seldom died alone. */
  closeIdle(agent: HttpAgent): void;
}

const AGENT_OPTIONS = { scheduling: "lifo", maxSockets: 64 } as const;

export function createConnections({ lookup, ca, keepAlive = true }: ConnectionOptions = {}): Connections {
  const options = { ...AGENT_OPTIONS, keepAlive, ...(lookup && { lookup }), ...(ca && { ca }) };
  const https = new HttpsAgent(options);
  let http: HttpAgent | undefined;
  const standing = new WeakSet<Socket>();
  /** Opened ahead, by host and port. Not in the agent's own pool: a socket gets in there by a request alone. */
  const spare = new Map<string, Socket>();

  const connect = https.createConnection.bind(https);
  https.createConnection = (wanted, callback) => {
    const key = `${wanted.host}:${wanted.port}`;
    const socket = spare.get(key);
    if (!socket) return connect(wanted, callback);
    spare.delete(key);
    return socket.ref();
  };

  return {
    agentFor({ protocol }) {
      if (protocol === "https:") return https;
      http ??= new HttpAgent(options);
      return http;
    },
    standing,
    openAhead: ({ protocol, hostname, port }, limitMs) =>
      new Promise((resolve) => {
        if (protocol !== "https:") return resolve();
        const servername = isIP(hostname) ? "" : hostname;
        const socket = connect({ ...https.options, host: hostname, port, servername }) as Socket;
        const timer = setTimeout(() => socket.destroy(), limitMs);
        socket.once("secureConnect", () => {
          clearTimeout(timer);
          standing.add(socket);
          // A container that has nothing else to do may end.
          spare.set(`${hostname}:${port}`, socket.unref());
          resolve();
        });
        // Once a request has the socket, it listens itself.
        socket.on("error", () => {});
        socket.once("close", () => {
          clearTimeout(timer);
          if (spare.get(`${hostname}:${port}`) === socket) spare.delete(`${hostname}:${port}`);
          resolve();
        });
      }),
    closeIdle({ freeSockets }) {
      for (const sockets of Object.values(freeSockets)) {
        for (const socket of [...(sockets ?? [])]) socket.destroy();
      }
    },
  };
}
