import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { connect } from "node:tls";
import type { Endpoint } from "../net/endpoint.ts";

/** The network as the doctor sees it; replaced in tests. */
export interface Network {
  /** The addresses of a host. */
  resolve(hostname: string): Promise<string[]>;
  /** Opens a TLS session and closes it; tells when the certificate ends. Rejects when it is not trusted. */
  handshake(endpoint: Endpoint): Promise<{ certificateEndsAt: number }>;
}

const HANDSHAKE_MS = 3000;

export const realNetwork: Network = {
  async resolve(hostname) {
    const addresses = await lookup(hostname, { all: true });
    return addresses.map(({ address }) => address);
  },
  handshake({ hostname, port }) {
    return new Promise((resolve, reject) => {
      const socket = connect({
        host: hostname,
        port,
        servername: isIP(hostname) ? "" : hostname,
        timeout: HANDSHAKE_MS,
      });
      socket.once("secureConnect", () => {
        resolve({ certificateEndsAt: Date.parse(socket.getPeerCertificate().valid_to) });
        socket.destroy();
      });
      socket.once("timeout", () => socket.destroy(new Error("no answer")));
      socket.once("error", reject);
    });
  },
};
