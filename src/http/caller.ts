import type { Caller } from "../access/caller.ts";
import { type Fields, fieldsOf, isObject } from "../contract/object.ts";

/**
 * Whom the gateway in front has let through, from the part of the event that it alone writes: an HTTP API or function
 * URL (2.0), or a REST API (1.0), with IAM or with the claims of a token.
 */
export function readCaller(requestContext: Fields): Caller {
  const authorizer = fieldsOf(requestContext["authorizer"]);
  const arn = fieldsOf(authorizer["iam"])["userArn"] ?? fieldsOf(requestContext["identity"])["userArn"];
  if (typeof arn === "string" && arn !== "") return { kind: "iam", arn };
  const claims = fieldsOf(authorizer["jwt"])["claims"] ?? authorizer["claims"];
  return isObject(claims) ? { kind: "jwt", claims } : { kind: "unnamed" };
}
