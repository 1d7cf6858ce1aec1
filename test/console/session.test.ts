import { hash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { EMPTY_QUESTION } from "../../console/src/link.ts";
import { createSession, type Session } from "../../console/src/sign-in/session.ts";
import { type Serving, serve } from "../../sandbox/serve.ts";

const CLIENT = "made-up-client";
const PAGE = "https://console.example/";
const FORM = { question: { ...EMPTY_QUESTION, desktops: "WIN-ALICE" }, hash: "", isAsked: true };

const servings: Serving[] = [];
afterEach(async () => {
  for (const serving of servings.splice(0)) await serving.close();
});

interface Odd {
  /** In place of what the discovery document would say. */
  metadata?: Record<string, unknown>;
  /** How long its tokens last, in seconds. */
  lasting?: number;
  /** What a renewal waits for. */
  held?: Promise<void>;
  /** In place of what the ID token would say. */
  claims?: Record<string, unknown>;
}

/** A provider that does as it is told, and notes what was sent to its token endpoint. */
async function provider({ metadata = {}, claims = {}, lasting = 300, held }: Odd = {}) {
  const sent: URLSearchParams[] = [];
  const asked = { nonce: "" };
  const serving: Serving = await serve(async (request, response) => {
    const issuer = serving.url;
    const answer = (body: object) =>
      response.setHeader("content-type", "application/json").end(JSON.stringify(body));
    if (request.url !== "/token") {
      const endpoints = { authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token` };
      return void answer({ issuer, ...endpoints, ...metadata });
    }
    let body = "";
    for await (const chunk of request) body += chunk;
    sent.push(new URLSearchParams(body));
    if (body.includes("refresh_token=")) await held;
    const now = Math.floor(Date.now() / 1000);
    const all = {
      iss: issuer,
      aud: CLIENT,
      sub: "dana",
      iat: now,
      exp: now + 60,
      nonce: asked.nonce,
      ...claims,
    };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    // The code flow takes the ID token from the token endpoint itself, so nobody looks at its signature.
    const id_token = `${part({ alg: "RS256" })}.${part(all)}.c2lnbmF0dXJl`;
    const tokens = {
      access_token: `made-up-access-token-${sent.length}`,
      refresh_token: "made-up-refresh-token",
      id_token,
    };
    answer({ ...tokens, token_type: "Bearer", expires_in: lasting });
  });
  servings.push(serving);
  return { issuer: serving.url, sent, asked };
}

/** A page of a browser: its address, its storage, and where it was sent. */
function createPage(issuer: string) {
  const stored = new Map<string, string>();
  const page = { address: new URL(PAGE), left: null as URL | null, stored };
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  } as unknown as Storage;
  let gone = () => {};
  const isGone = new Promise<void>((resolve) => {
    gone = resolve;
  });
  const open = (): Session =>
    createSession(
      { issuer, clientId: CLIENT, scopes: "openid" },
      {
        storage: () => storage,
        address: () => page.address,
        rename: (address) => {
          page.address = new URL(address);
        },
        leaveFor: (address) => {
          page.left = address;
          gone();
        },
        now: () => 0,
      },
    );
  return { page, open, isGone };
}

/** Leaves for the provider. @returns What it was asked. */
async function leave({ page, open, isGone }: ReturnType<typeof createPage>): Promise<URLSearchParams> {
  void open().begin(FORM);
  await isGone;
  return (page.left as URL).searchParams;
}

describe("signing in", () => {
  it("proves by PKCE that the code is answered to who asked, and keeps nothing of it", async () => {
    const { issuer, sent, asked } = await provider();
    const browser = createPage(issuer);
    const question = await leave(browser);
    asked.nonce = question.get("nonce") as string;
    browser.page.address = new URL(`${PAGE}?code=made-up-code&state=${question.get("state")}`);
    const session = browser.open();
    const { form, signingIn } = session.open();
    expect([form, browser.page.address.href]).toEqual([FORM, PAGE]);
    expect(await signingIn).toBeNull();
    expect([session.isSignedIn(), session.name(), await session.current()]).toEqual([
      true,
      "dana",
      "made-up-access-token-1",
    ]);
    const verifier = sent[0]?.get("code_verifier") as string;
    expect(question.get("code_challenge_method")).toBe("S256");
    expect(question.get("code_challenge")).toBe(hash("sha256", verifier, "base64url"));
    expect(browser.page.stored.size).toBe(0);
  });

  it.each([
    ["another state", "code=c&state=other", {}, {}],
    ["another nonce", "code=c&state=STATE", {}, { nonce: "other" }],
    ["a token for another client", "code=c&state=STATE", {}, { aud: "other" }],
    ["a token of another issuer", "code=c&state=STATE", {}, { iss: "https://other.example" }],
    [
      "an answer that another issuer sent",
      "code=c&state=STATE&iss=https://other.example",
      { authorization_response_iss_parameter_supported: true },
      {},
    ],
    ["a code given twice", "code=c&code=d&state=STATE", {}, {}],
  ])("refuses %s", async (_, search, metadata, claims) => {
    const { issuer, asked } = await provider({ metadata, claims });
    const browser = createPage(issuer);
    const question = await leave(browser);
    asked.nonce = question.get("nonce") as string;
    browser.page.address = new URL(`${PAGE}?${search.replace("STATE", question.get("state") as string)}`);
    const session = browser.open();
    const problem = await session.open().signingIn;
    expect([problem?.code, session.isSignedIn()]).toEqual(["SIGN_IN_FAILED", false]);
  });

  it("takes an answer once", async () => {
    const { issuer, asked, sent } = await provider();
    const browser = createPage(issuer);
    const question = await leave(browser);
    asked.nonce = question.get("nonce") as string;
    const callback = `${PAGE}?code=made-up-code&state=${question.get("state")}`;
    browser.page.address = new URL(callback);
    await browser.open().open().signingIn;
    browser.page.address = new URL(callback);
    const again = await browser.open().open().signingIn;
    expect([again?.code, sent.length]).toEqual(["SIGN_IN_FAILED", 1]);
  });

  it("is over when somebody signs out, whatever renewal was under way", async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { issuer, asked, sent } = await provider({ lasting: 1, held });
    const browser = createPage(issuer);
    const question = await leave(browser);
    asked.nonce = question.get("nonce") as string;
    browser.page.address = new URL(`${PAGE}?code=made-up-code&state=${question.get("state")}`);
    const session = browser.open();
    await session.open().signingIn;
    const renewed = session.current();
    await expect.poll(() => sent.length).toBe(2);
    await session.end();
    letGo();
    expect([await renewed, session.isSignedIn(), await session.current()]).toEqual([null, false, null]);
  });

  it.each(["javascript:alert(1)", "http://elsewhere.example/auth", "data:text/html,x", "nothing"])(
    "sends the browser nowhere but to a page over TLS: %s",
    async (endpoint) => {
      const metadata = { authorization_endpoint: endpoint, end_session_endpoint: endpoint };
      const { issuer } = await provider({ metadata });
      const { page, open } = createPage(issuer);
      const session = open();
      expect((await session.begin(FORM)).code).toBe("SIGN_IN_FAILED");
      await session.end();
      expect([page.left, page.stored.size]).toEqual([null, 0]);
    },
  );
});
