declare module "dynalite" {
  import type { Server } from "node:http";

  /** DynamoDB in memory, over HTTP. */
  export default function dynalite(options?: { createTableMs?: number; path?: string }): Server;
}
