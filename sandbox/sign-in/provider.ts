import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";
import { type Serving, serve } from "../serve.ts";
import { interact } from "./interaction.ts";
import { AUDIENCE, CLIENT_ID, SCOPE } from "./names.ts";

export interface ProviderOptions {
  /** Where the console may be, each a whole redirect URI. */
  consoles: () => readonly string[];
  /** How long a token for the API is good, in seconds. */
  tokenSeconds?: number;
  /** Whether a console gets refresh tokens; without, it must redirect. */
  hasRefreshTokens?: boolean;
  port?: number;
}

const TOKEN_SECONDS = 300;

/**
 * A real OpenID provider on this machine, in place of a company's. Anyone may sign in, under any name and with any password.
 */
export async function serveProvider({ port = 0, ...options }: ProviderOptions): Promise<Serving> {
  let provider: Provider | null = null;
  // Made at the first request: by then it is known where the consoles are, and where it is itself.
  const serving: Serving = await serve((request, response) => {
    provider ??= createProvider(serving.url, options);
    return request.url?.startsWith("/interaction/")
      ? interact(provider, request, response)
      : provider.callback()(request, response);
  }, port);
  return serving;
}

function createProvider(
  issuer: string,
  { consoles, tokenSeconds = TOKEN_SECONDS, hasRefreshTokens = true }: ProviderOptions,
): Provider {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "sandbox" };
  const provider: Provider = new Provider(issuer, {
    jwks: { keys: [key] },
    cookies: { keys: ["made-up-by-the-sandbox"] },
    clients: [
      {
        client_id: CLIENT_ID,
        token_endpoint_auth_method: "none",
        application_type: "web",
        grant_types: ["authorization_code", ...(hasRefreshTokens ? ["refresh_token"] : [])],
        response_types: ["code"],
        redirect_uris: consoles(),
        post_logout_redirect_uris: consoles(),
      },
    ],
    clientBasedCORS: (_context: unknown, origin: string) =>
      consoles().some((console) => new URL(console).origin === origin),
    findAccount: (_context: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, name: sub, groups: ["helpdesk"] }),
    }),
    claims: { openid: ["sub"], profile: ["name"] },
    conformIdTokenClaims: false,
    issueRefreshToken: () => hasRefreshTokens,
    rotateRefreshToken: true,
    loadExistingGrant: (context: GrantContext) => grantAll(provider, context),
    ttl: {
      AccessToken: tokenSeconds,
      IdToken: tokenSeconds,
      Session: 3600,
      Grant: 3600,
      Interaction: 600,
      RefreshToken: 3600,
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true, logoutSource },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => `urn:${AUDIENCE}`,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: SCOPE,
          audience: AUDIENCE,
          accessTokenTTL: tokenSeconds,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
  });
  return provider;
}

interface GrantContext {
  oidc: { client: { clientId: string }; session: { accountId: string } };
}

/** Nobody is asked to consent to what the company's own page does. */
async function grantAll(provider: Provider, { oidc: { client, session } }: GrantContext): Promise<unknown> {
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope("openid profile");
  grant.addResourceScope(`urn:${AUDIENCE}`, SCOPE);
  await grant.save();
  return grant;
}

/** The page that asks whether to sign out, with one button. */
function logoutSource(context: { body: string }, form: string): void {
  context.body = `<!doctype html><title>Sign out</title><h1>Sign out?</h1>${form}<button autofocus type="submit" form="op.logoutForm" value="yes" name="logout">Yes, sign me out</button>`;
}
