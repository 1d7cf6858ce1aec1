import { randomUUID } from "node:crypto";
import type { Context } from "aws-lambda";

const REQUEST_ID = /^[\w-]{8,128}$/;

/** The caller's own ID if it is one, else Lambda's, else the gateway's. */
export function requestIdOf(
  own: string | undefined,
  context: Partial<Context> | undefined,
  gatewayRequestId: string | null = null,
): string {
  if (own !== undefined && REQUEST_ID.test(own)) return own;
  return context?.awsRequestId || gatewayRequestId || randomUUID();
}
