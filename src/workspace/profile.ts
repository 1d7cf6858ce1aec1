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
