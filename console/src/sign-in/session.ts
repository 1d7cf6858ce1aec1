import * as oauth from "oauth4webapi";
import type { Tokens } from "../api.ts";
import { visible } from "../plain.ts";
import { type Problem, pageProblem } from "../problem.ts";
import { type Form, keepPending, type Pending, takePending } from "./pending.ts";
import type { SignInSettings } from "./settings.ts";

/** Signing in by OpenID Connect: authorisation code with PKCE, tokens in memory alone. */
export interface Session extends Tokens {
  /** Who is signed in, as the provider names them; `null` for nobody. */
  name(): string | null;
  /** Whether there is a token; it may turn out to be too old. */
  isSignedIn(): boolean;
  /** Leaves for the provider, and comes back with the form. @returns what prevented it. */
  begin(form: Form): Promise<Problem>;
  /** What the page was opened with. To be asked once, before the page is drawn. */
  open(): Opening;
  /** Forgets the tokens, and leaves for the provider to sign out there as well. */
  end(): Promise<void>;
}

export interface Opening {
  /** What was typed before the page was left for the provider. */
  form: Form | null;
  /**
   * Settles when a redirect from the provider has been dealt with: why nobody is signed in then, or `null` when somebody is. `null` when
   * the page was opened in another way.
   */
  signingIn: Promise<Problem | null> | null;
}

/** What of the browser a session uses. */
export interface Browser {
  storage(): Storage;
  address(): URL;
  /** Shows another address without loading it. */
  rename(address: string): void;
  leaveFor(address: URL): void;
  /** Monotonic milliseconds: a device's clock may be wrong. */
  now(): number;
}

/** A token with less time than this left is renewed first, in milliseconds. */
const RENEW_BEFORE_MS = 20_000;
/**
 * The ID token comes from the token endpoint itself and answers a nonce of ours, so its times prove nothing more; a device
 * whose clock is wrong shall not lock its user out. In seconds.
 */
const CLOCK_TOLERANCE_SECONDS = 86_400;

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1"]);

interface Held {
  access: string;
  refresh: string | null;
  name: string | null;
  /** By `now`; `null` when the provider does not say. */
  expiresAt: number | null;
}

export function createSession({ issuer, clientId, scopes }: SignInSettings, browser: Browser): Session {
  const client: oauth.Client = { client_id: clientId, [oauth.clockTolerance]: CLOCK_TOLERANCE_SECONDS };
  const url = new URL(issuer);
  // A provider on this machine, as the sandbox has one.
  const options = { [oauth.allowInsecureRequests]: LOOPBACK.has(url.hostname) };
  let held: Held | null = null;
  /** How often somebody signed out: tokens that were asked for before are not taken any more. */
  let signedOut = 0;
  let renewing: Promise<string | null> | null = null;
  let provider: Promise<oauth.AuthorizationServer> | null = null;

  /** The issuer's discovery document; asked for once, and again after a failure. */
  function discover(): Promise<oauth.AuthorizationServer> {
    provider ??= oauth
      .discoveryRequest(url, options)
      .then((response) => oauth.processDiscoveryResponse(url, response))
      .catch((error) => {
        provider = null;
        throw error;
      });
    return provider;
  }

  /** Where the provider sends people back to: this page, without whatever it was asked. */
  function home(): string {
    const { origin, pathname } = browser.address();
    return origin + pathname;
  }

  function hold(response: oauth.TokenEndpointResponse, before: number): string | null {
    if (before !== signedOut) return null;
    const claims = oauth.getValidatedIdTokenClaims(response);
    held = {
      access: response.access_token,
      refresh: response.refresh_token ?? held?.refresh ?? null,
      name: (claims && nameIn(claims)) ?? held?.name ?? null,
      expiresAt: response.expires_in === undefined ? null : browser.now() + response.expires_in * 1000,
    };
    return held.access;
  }

  /** By the refresh token, if there is one that still works. */
  async function renew(): Promise<string | null> {
    const refresh = held?.refresh;
    const before = signedOut;
    if (!refresh) {
      held = null;
      return null;
    }
    try {
      const server = await discover();
      const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refresh, options);
      return hold(await oauth.processRefreshTokenResponse(server, client, response), before);
    } catch (error) {
      if (!(error instanceof oauth.ResponseBodyError)) throw error;
      if (before === signedOut) held = null;
      return null;
    }
  }

  /** A refresh token works once: all that need a new token wait for the same one. */
  function renewOnce(): Promise<string | null> {
    renewing ??= renew().finally(() => {
      renewing = null;
    });
    return renewing;
  }

  async function exchange(callback: URL, { state, nonce, verifier }: Pending): Promise<void> {
    const before = signedOut;
    const server = await discover();
    const parameters = oauth.validateAuthResponse(server, client, callback, state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      parameters,
      home(),
      verifier,
      options,
    );
    const checks = { expectedNonce: nonce, requireIdToken: true };
    hold(await oauth.processAuthorizationCodeResponse(server, client, response, checks), before);
  }

  return {
    name: () => held?.name ?? null,
    isSignedIn: () => held !== null,

    async current() {
      if (!held) return null;
      const isFresh = held.expiresAt === null || held.expiresAt - browser.now() > RENEW_BEFORE_MS;
      return isFresh ? held.access : await renewOnce();
    },

    async replace(refused) {
      return held && held.access !== refused ? held.access : await renewOnce();
    },

    async begin(form) {
      try {
        const { authorization_endpoint: endpoint } = await discover();
        if (endpoint === undefined || !isSafe(endpoint))
          return pageProblem("SIGN_IN_FAILED", true, "authorization_endpoint");
        const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
        const verifier = oauth.generateRandomCodeVerifier();
        keepPending(browser.storage, { state, nonce, verifier, form });
        const address = new URL(endpoint);
        const parameters = {
          client_id: clientId,
          redirect_uri: home(),
          response_type: "code",
          scope: scopes,
          code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
          code_challenge_method: "S256",
          state,
          nonce,
        };
        for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
        browser.leaveFor(address);
        // The page is gone before this is over.
        return await new Promise<never>(() => {});
      } catch (error) {
        return signInProblem(error);
      }
    },

    open() {
      const callback = browser.address();
      const { searchParams } = callback;
      const pending = takePending(browser.storage);
      const form = pending?.form ?? null;
      const isCallback = searchParams.has("state") && (searchParams.has("code") || searchParams.has("error"));
      if (!isCallback) return { form, signingIn: null };
      // The code shall not stay in the address, nor in the history.
      browser.rename(home());
      if (!pending) return { form, signingIn: Promise.resolve(pageProblem("SIGN_IN_FAILED", true, "state")) };
      return { form, signingIn: exchange(callback, pending).then(() => null, signInProblem) };
    },

    // Without an ID token as a hint: a token has no business in an address, which histories and logs keep.
    async end() {
      signedOut++;
      held = null;
      const server = await discover().catch(() => null);
      const endpoint = server?.end_session_endpoint;
      if (endpoint === undefined || !isSafe(endpoint)) return;
      const address = new URL(endpoint);
      address.searchParams.set("client_id", clientId);
      address.searchParams.set("post_logout_redirect_uri", home());
      // Cognito's name for the same.
      address.searchParams.set("logout_uri", home());
      browser.leaveFor(address);
    },
  };
}

/** Where a browser may be sent: nothing but a web page over TLS, or on this machine. */
function isSafe(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.has(hostname));
}

function nameIn(claims: oauth.IDToken): string | null {
  const texts = [claims["name"], claims["preferred_username"], claims["email"], claims.sub];
  return visible(...texts.map((text) => (typeof text === "string" ? text : null))) || null;
}

/** What a failed sign-in is for its user. The provider's code is told, never its free text, which a link could choose. */
function signInProblem(error: unknown): Problem {
  if (error instanceof TypeError) return pageProblem("SIGN_IN_UNREACHABLE", true);
  const isAnswer =
    error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError;
  const code = isAnswer
    ? error.error
    : error instanceof oauth.OperationProcessingError
      ? error.code
      : undefined;
  return pageProblem("SIGN_IN_FAILED", true, /^[\w.-]{1,64}$/.test(code ?? "") ? (code as string) : "");
}
