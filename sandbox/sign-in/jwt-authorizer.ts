import { createPublicKey, type JsonWebKey, verify } from "node:crypto";

/** What an HTTP API hands on of a token that it has let through. */
export interface JwtAuthorization {
  claims: Record<string, string>;
  scopes: string[] | null;
}

export interface JwtAuthorizerParts {
  issuer: string;
  audience: readonly string[];
  /** Milliseconds since the epoch. */
  now?: () => number;
}

export type JwtAuthorizer = (authorization: string | undefined) => Promise<JwtAuthorization | null>;

/**
 * The JWT authoriser of an HTTP API: signature by the issuer's keys (RSA only), `iss`, `aud` or else `client_id`, `exp`, `nbf`
 * and `iat`. `null` for a token that is refused.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
export function createJwtAuthorizer({ issuer, audience, now = Date.now }: JwtAuthorizerParts): JwtAuthorizer {
  let keys: Promise<readonly JsonWebKey[]> | null = null;

  async function fetchKeys(): Promise<readonly JsonWebKey[]> {
    const discovery = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
    const { jwks_uri } = (await discovery.json()) as { jwks_uri: string };
    return ((await (await fetch(jwks_uri)).json()) as { keys: JsonWebKey[] }).keys;
  }

  return async (authorization) => {
    const token = readToken((authorization ?? "").replace(/^bearer /i, ""));
    if (token?.header["alg"] !== "RS256") return null;
    keys ??= fetchKeys();
    const jwk = (await keys).find(({ kid }) => kid === token.header["kid"]);
    if (!jwk) return null;
    const key = createPublicKey({ key: jwk, format: "jwk" });
    if (!verify("RSA-SHA256", Buffer.from(token.signed), key, token.signature)) return null;
    const { claims } = token;
    const seconds = now() / 1000;
    const isFor = [claims["aud"] ?? claims["client_id"]]
      .flat()
      .some((each) => audience.includes(String(each)));
    const isInTime =
      Number(claims["exp"]) > seconds &&
      Number(claims["nbf"] ?? 0) <= seconds &&
      Number(claims["iat"] ?? 0) <= seconds + 1;
    if (claims["iss"] !== issuer || !isFor || !isInTime) return null;
    const scopes = typeof claims["scope"] === "string" ? claims["scope"].split(" ") : null;
    return {
      claims: Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, asText(value)])),
      scopes,
    };
  };
}

interface Token {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  signed: string;
  signature: Buffer;
}

function readToken(text: string): Token | null {
  const [header, claims, signature, ...rest] = text.split(".");
  if (!header || !claims || !signature || rest.length > 0) return null;
  try {
    const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return {
      header: read(header),
      claims: read(claims),
      signed: `${header}.${claims}`,
      signature: Buffer.from(signature, "base64url"),
    };
  } catch {
    return null;
  }
}

/** A list as an HTTP API writes it: `[a b]`. */
function asText(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(" ")}]` : String(value);
}
