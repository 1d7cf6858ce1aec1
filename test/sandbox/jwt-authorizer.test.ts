import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GatewayFunction, serveGateway } from "../../sandbox/gateway.ts";
import { type Serving, serve } from "../../sandbox/serve.ts";
import { createJwtAuthorizer } from "../../sandbox/sign-in/jwt-authorizer.ts";

const NOW = Date.parse("2026-11-24T12:00:00Z");
const SECONDS = NOW / 1000;
const ours = generateKeyPairSync("rsa", { modulusLength: 2048 });
const theirs = generateKeyPairSync("rsa", { modulusLength: 2048 });

let issuer: Serving;
beforeAll(async () => {
  issuer = await serve((request, response) => {
    const body = request.url?.endsWith("openid-configuration")
      ? { jwks_uri: `${issuer.url}/keys` }
      : { keys: [{ ...ours.publicKey.export({ format: "jwk" }), kid: "1" }] };
    response.end(JSON.stringify(body));
  });
});
afterAll(() => issuer.close());

interface Made {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  key?: KeyObject;
}

function token({ claims = {}, header = {}, key = ours.privateKey }: Made = {}): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const all = { iss: issuer.url, aud: "api", exp: SECONDS + 60, iat: SECONDS - 60, sub: "dana", ...claims };
  const signed = `${encode({ alg: "RS256", kid: "1", ...header })}.${encode(all)}`;
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(key).toString("base64url")}`;
}

const authorize = (text: string | undefined) =>
  createJwtAuthorizer({ issuer: issuer.url, audience: ["api", "client"], now: () => NOW })(text);

describe("the stand-in for the gateway's JWT authoriser", () => {
  it("hands on the claims as text, lists in brackets, with the scopes", async () => {
    const claims = { groups: ["helpdesk", "admins"], scope: "openid read" };
    expect(await authorize(`Bearer ${token({ claims })}`)).toMatchObject({
      claims: { sub: "dana", groups: "[helpdesk admins]", exp: String(SECONDS + 60) },
      scopes: ["openid", "read"],
    });
  });

  it.each<[string, Made]>([
    ["the audience in a list", { claims: { aud: ["other", "api"] } }],
    [
      "a client ID where there is no audience, as Cognito has it",
      { claims: { aud: undefined, client_id: "client" } },
    ],
  ])("takes %s", async (_, made) => {
    expect(await authorize(token(made))).not.toBeNull();
  });

  it.each<[string, Made]>([
    ["that ran out", { claims: { exp: SECONDS - 1 } }],
    ["that is not good yet", { claims: { nbf: SECONDS + 60 } }],
    ["for another audience", { claims: { aud: "other", client_id: "client" } }],
    ["of another issuer", { claims: { iss: "https://login.example.com" } }],
    ["signed with another key", { key: theirs.privateKey }],
    ["whose key the issuer does not have", { header: { kid: "2" } }],
    ["of no algorithm", { header: { alg: "none" } }],
    ["without an end", { claims: { exp: undefined } }],
  ])("refuses a token %s", async (_, made) => {
    expect(await authorize(`Bearer ${token(made)}`)).toBeNull();
  });

  it.each([undefined, "", "Bearer", "Bearer a.b", "Bearer a.b.c", "Basic Zm9v"])(
    "refuses %s",
    async (text) => {
      expect(await authorize(text)).toBeNull();
    },
  );

  it("lets nobody through to a function that is not public, and says what is wanted", async () => {
    const seen: unknown[] = [];
    const echo = (name: string, isPublic: boolean): GatewayFunction => ({
      name,
      isPublic,
      matches: (_, path) => path === `/${name}`,
      handler: async (event) => {
        seen.push((event as { requestContext: { authorizer?: unknown } }).requestContext.authorizer);
        return { statusCode: 200 };
      },
    });
    const gateway = await serveGateway({
      functions: [echo("open", true), echo("api", false)],
      authorize: createJwtAuthorizer({ issuer: issuer.url, audience: ["api"], now: () => NOW }),
    });
    const refused = await fetch(`${gateway.url}/api`);
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect(await refused.json()).toEqual({ message: "Unauthorized" });
    expect((await fetch(`${gateway.url}/open`)).status).toBe(200);
    expect(
      (await fetch(`${gateway.url}/api`, { headers: { authorization: `Bearer ${token()}` } })).status,
    ).toBe(200);
    expect(seen).toEqual([
      undefined,
      { jwt: expect.objectContaining({ claims: expect.objectContaining({ sub: "dana" }) }) },
    ]);
    await gateway.close();
  });
});
