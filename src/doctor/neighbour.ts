import type { Endpoint } from "../net/endpoint.ts";
import { parseEndpoint } from "../net/endpoint.ts";

/**
 * Another service beside a region's Workspace, such as `sts`; a stand-in on loopback serves all of them. A private
 * endpoint has none that we know.
 */
export function neighbour(endpoint: Endpoint, service: "sts" | "ecs"): Endpoint | null {
  if (endpoint.protocol === "http:") return endpoint;
  const match = /^https:\/\/workspace\.([a-z0-9-]+)\.myhuaweicloud\.com$/.exec(endpoint.origin);
  return match ? parseEndpoint(`https://${service}.${match[1]}.myhuaweicloud.com`) : null;
}
