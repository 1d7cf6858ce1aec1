import type { Endpoint } from "../lookup/ports.ts";

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * An operator's endpoint: an origin, https, or http on loopback.
 *
 * @throws Error in words of ours, without the value, when it is anything else.
 */
export function parseEndpoint(text: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url) throw new Error("must be a URL such as https://workspace.example.com");
  const loopback = LOOPBACK.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && loopback)) {
    throw new Error("must be https (http only on loopback)");
  }
  if (url.username || url.password) throw new Error("must hold no user name or password");
  if (url.pathname !== "/" || url.search || url.hash || /[?#]/.test(text)) {
    throw new Error("must be an origin, without path, query or fragment");
  }
  return endpointOf(url);
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

const REGION = /^[a-z0-9]+(?:-[a-z0-9]+)+$/;

/**
 * The public endpoint of a region. A region that we do not know is not refused: Huawei opens new ones.
 *
 * @throws Error when the text cannot be a region's ID.
 */
export function regionEndpoint(region: string): Endpoint {
  if (!REGION.test(region)) throw new Error("must be a region ID such as cn-north-4");
  return parseEndpoint(`https://workspace.${region}.myhuaweicloud.com`);
}

/** What a desktop ID may be. Nothing in it can end a path segment or start a query. */
export const DESKTOP_ID = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,126}[A-Za-z0-9])?$/;

/** Documented as 32 lower-case hex digits; held to what cannot leave its path segment. */
export const PROJECT_ID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * The path of detach-info, after making sure that the URL it forms asks for exactly that desktop.
 *
 * The official SDK pastes the ID into the path as it is, so that `d1#` becomes a signed call of another
 * operation. The allow-list makes that impossible; the assertion makes it stay so.
 */
export function detachInfoPath(endpoint: Endpoint, projectId: string, desktopId: string): string {
  const path = `/v2/${projectId}/desktops/${desktopId}/detach-info`;
  if (!DESKTOP_ID.test(desktopId) || !PROJECT_ID.test(projectId)) throw refusal();
  assertExact(endpoint, path, "");
  return path;
}

/** The path of ListDesktops, made sure of in the same way. `query` is encoded already. */
export function listDesktopsPath(endpoint: Endpoint, projectId: string, query: string): string {
  const path = `/v2/${projectId}/desktops`;
  if (!PROJECT_ID.test(projectId)) throw refusal();
  assertExact(endpoint, path, query);
  return path;
}

/** Where a path consists of nothing else, there is nothing to be taken for another path, a query or a host. */
const PLAIN_PATH = /^(?:\/[\w-]+)+$/;
/** What was found to be an origin last: a container has one endpoint, or a few. */
let knownOrigin = "";

function isOrigin(text: string): boolean {
  if (text !== knownOrigin && new URL(text).origin === text) knownOrigin = text;
  return text === knownOrigin;
}

function assertExact(endpoint: Endpoint, path: string, query: string): void {
  if (query === "" && PLAIN_PATH.test(path) && isOrigin(endpoint.origin)) return;
  const url = new URL(query === "" ? path : `${path}?${query}`, endpoint.origin);
  const isExact =
    url.origin === endpoint.origin &&
    url.pathname === path &&
    url.search === (query === "" ? "" : `?${query}`) &&
    url.hash === "";
  if (!isExact) throw refusal();
}

function refusal(): Error {
  return new Error("refusing to call: the URL does not name exactly what was asked for");
}
