/** Where an upstream is: the parts of an origin, taken apart once. */
export interface Endpoint {
  /** Scheme, host and port, without a trailing slash. */
  origin: string;
  protocol: "https:" | "http:";
  hostname: string;
  port: number;
  /** The value of the Host header: with the port unless it is the scheme's own. */
  host: string;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * An operator's endpoint: an origin, https, or http on loopback.
 *
 * @throws Error in words of ours, without the value, when it is anything else.
 */
export function parseEndpoint(text: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url) throw new Error("must be a URL such as https://workspace.example.com");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    throw new Error("must be https (http only on loopback)");
  }
  if (url.username || url.password) throw new Error("must hold no user name or password");
  if (url.pathname !== "/" || url.search || url.hash || /[?#]/.test(text)) {
    throw new Error("must be an origin, without path, query or fragment");
  }
  return endpointOf(url);
}

/** @param hostname As a URL has it: an IPv6 address in brackets. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/** The parts of an http or https URL's origin. */
export function endpointOf({ origin, protocol, hostname, port, host }: URL): Endpoint {
  return {
    origin,
    protocol: protocol as Endpoint["protocol"],
    // An IPv6 address stands in brackets in a URL alone.
    hostname: hostname.replace(/[[\]]/g, ""),
    port: port ? Number(port) : protocol === "https:" ? 443 : 80,
    host,
  };
}
