import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { MadeUpCertificate } from "./certificate.ts";
import { onClose } from "./opened.ts";

/** One request as it came over the wire. */
export interface Heard {
  path: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** 0 for the first that ever came. */
  number: number;
  /** Whether its socket had carried one before. */
  onReusedSocket: boolean;
}

/** What the upstream does with a request: anything that can be done with a socket. */
export type Reaction = (socket: Socket, heard: Heard) => void;

export interface Upstream {
  origin: string;
  port: number;
  /** Every request whose head arrived in full: the attempts. */
  heard: Heard[];
  /** Connections accepted so far. */
  connections: () => number;
  /** Changes what is done from now on. */
  react: (reaction: Reaction) => void;
  /** Connections that are open now. */
  sockets: () => readonly Socket[];
}

export interface UpstreamOptions {
  tls?: MadeUpCertificate;
  /** Takes connections and reads nothing of what comes; says that text, if any, to whoever connects. */
  deaf?: boolean | string;
}

/** Sockets on which a whole answer went out: only these may stay open for the next request. */
const answered = new WeakSet<Socket>();

/**
 * A Workspace API on loopback, spoken to over real sockets. The last of several reactions goes on.
 */
export async function serveUpstream(
  reactions: Reaction | readonly Reaction[],
  { tls, deaf = false }: UpstreamOptions = {},
): Promise<Upstream> {
  const script = Array.isArray(reactions) ? reactions : [reactions];
  let always: Reaction | null = null;
  const heard: Heard[] = [];
  const open = new Set<Socket>();
  let connections = 0;

  function onRequest(socket: Socket, head: string, onReusedSocket: boolean): void {
    const [requestLine = "", ...lines] = head.split("\r\n");
    const pairs = lines.map((line) => [
      line.slice(0, line.indexOf(":")).toLowerCase(),
      line.slice(line.indexOf(":") + 1).trim(),
    ]);
    const request: Heard = {
      path: requestLine.split(" ")[1] ?? "",
      headers: Object.fromEntries(pairs),
      number: heard.length,
      onReusedSocket,
    };
    const reaction = always ?? script[Math.min(heard.length, script.length - 1)];
    heard.push(request);
    answered.delete(rawSocketOf(socket));
    reaction?.(socket, request);
  }

  function onConnection(socket: Socket): void {
    let requests = 0;
    let received = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      for (let end = received.indexOf("\r\n\r\n"); end >= 0; end = received.indexOf("\r\n\r\n")) {
        const head = received.slice(0, end);
        received = received.slice(end + 4);
        onRequest(socket, head, requests++ > 0);
      }
    });
  }

  const server: Server = tls && !deaf ? createTlsServer(tls, onConnection) : createServer();
  // A TLS server's own sockets come after the handshake; what is counted here are the connections beneath.
  server.on("connection", (socket: Socket) => {
    connections += 1;
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
    if (typeof deaf === "string") socket.write(deaf);
    if (deaf) socket.resume();
    else if (!tls) onConnection(socket);
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  onClose({
    unanswered: () => [...open].filter((socket) => !answered.has(socket)).length,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  });
  return {
    origin: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    port,
    heard,
    connections: () => connections,
    react: (reaction) => {
      always = reaction;
    },
    sockets: () => [...open],
  };
}

type Headers = Readonly<Record<string, string | number>>;

/** A whole answer, whose length is told unless `headers` tell another. */
export function answer(status: number, body: string | Buffer | object = "", headers: Headers = {}): Reaction {
  const bytes =
    Buffer.isBuffer(body) || typeof body === "string" ? Buffer.from(body as string) : toBytes(body);
  return (socket) => {
    answered.add(rawSocketOf(socket));
    const all: Headers = {
      date: new Date().toUTCString(),
      "content-type": "application/json",
      "x-request-id": "upstream-request-0001",
      "content-length": bytes.length,
      ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    socket.write(`HTTP/1.1 ${status} Whatever\r\n${lines.join("\r\n")}\r\n\r\n`);
    socket.write(bytes);
  };
}

function toBytes(body: object): Buffer {
  return Buffer.from(JSON.stringify(body));
}

/** Bytes as they are; then the connection ends, unless it shall stay open. */
export function raw(bytes: string | Buffer, { end = true } = {}): Reaction {
  return (socket) => {
    if (end) socket.end(bytes);
    else socket.write(bytes);
  };
}

/** Breaks the connection with a RST. */
export const reset: Reaction = (socket) => {
  rawSocketOf(socket).resetAndDestroy();
};

export const silence: Reaction = () => undefined;

/** Sends the bytes one at a time, at that pace, until the other side has gone. */
export function drip(first: string, bytes: string, everyMs: number): Reaction {
  return (socket) => {
    socket.write(first);
    let sent = 0;
    const timer = setInterval(() => socket.write(bytes[sent++ % bytes.length] as string), everyMs);
    socket.on("close", () => clearInterval(timer));
  };
}

// A TLS socket cannot be reset; the one beneath it can.
function rawSocketOf(socket: Socket): Socket {
  return (socket as Socket & { _parent?: Socket })._parent ?? socket;
}

export function after(ms: number, reaction: Reaction): Reaction {
  return (socket, heard) => {
    const timer = setTimeout(() => reaction(socket, heard), ms);
    socket.on("close", () => clearTimeout(timer));
  };
}
