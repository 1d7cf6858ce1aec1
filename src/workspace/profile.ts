import type { ProfileRef } from "../lookup/ports.ts";
import type { Endpoint } from "../net/endpoint.ts";

/** One Huawei Cloud project with its credentials. */
export interface Profile {
  name: string;
  endpoint: Endpoint;
  projectId: string;
  accessKey: string;
  secretKey: string;
  /** Only temporary credentials have one. */
  securityToken: string | null;
  /** Milliseconds since the epoch, or `null` when the credentials do not expire. */
  expiresAt: number | null;
}

/** The profile without its credentials: what stays the same when its key is replaced. */
export function refOf({ name, endpoint, projectId }: Profile): ProfileRef {
  // None of the three holds a line feed.
  return { name, identity: `${name}\n${endpoint.origin}\n${projectId}` };
}
