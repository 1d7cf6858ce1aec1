import type { Caller } from "../access/caller.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Whom the gateway in front has let through, from the part of the event that it alone writes: an HTTP API or function
 * URL (2.0), or a REST API (1.0), with IAM or with the claims of a token.
 */
export function readCaller(requestContext: Fields): Caller {
  const authorizer = fieldsOf(requestContext["authorizer"]);
  const arn = fieldsOf(authorizer["iam"])["userArn"] ?? fieldsOf(requestContext["identity"])["userArn"];
  if (typeof arn === "string" && arn !== "") return { kind: "iam", arn };
  const claims = fieldsOf(authorizer["jwt"])["claims"] ?? authorizer["claims"];
  return isFields(claims) ? { kind: "jwt", claims } : { kind: "unnamed" };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}
