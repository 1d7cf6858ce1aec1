import { DESKTOP_ID } from "../contract/desktop-id.ts";
import { type Endpoint, parseEndpoint } from "../net/endpoint.ts";

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

/** Documented as 32 lower-case hex digits; held to what cannot leave its path segment. */
export const PROJECT_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** What every reader of URLs leaves as it is: no dot, no percent sign, nothing that ends a path or names a host. */
const PLAIN_PATH = /^(?:\/[\w-]+)+$/;

/**
 * The path of detach-info, after making sure that the URL it forms asks for exactly that desktop.
 *
 * The official SDK pastes the ID into the path as it is, so that `d1#` becomes a signed call of another
 * operation. The allow-list makes that impossible; the assertion makes it stay so. By a pattern, since parsing the URL
 * took 4 % of a call.
 */
export function detachInfoPath(projectId: string, desktopId: string): string {
  const path = `/v2/${projectId}/desktops/${desktopId}/detach-info`;
  const isExact = PLAIN_PATH.test(path) && DESKTOP_ID.test(desktopId) && PROJECT_ID.test(projectId);
  if (!isExact) throw refusal();
  return path;
}

/** The path of ListDesktops, made sure of in the same way. `query` is encoded already. */
export function listDesktopsPath(endpoint: Endpoint, projectId: string, query: string): string {
  const path = `/v2/${projectId}/desktops`;
  if (!PROJECT_ID.test(projectId)) throw refusal();
  assertExact(endpoint, path, query);
  return path;
}

function assertExact(endpoint: Endpoint, path: string, query: string): void {
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
