import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hasChromium, launch, type Site, type SiteOptions, startSite, type Visit, visit } from "./browser.ts";

// Without a Chromium there is nothing to test with: `apt-get install chromium`, or CHROMIUM=/path/to/it.
describe.skipIf(!hasChromium)("signing in to the console in Chromium", () => {
  let browser: Browser;
  const visits: Visit[] = [];
  /** By what is special about them: a provider takes a while to make its keys. */
  const sites = new Map<string, Promise<Site>>();

  beforeAll(async () => {
    browser = await launch();
  });
  afterEach(async () => {
    const complaints = visits.flatMap((each) => each.complaints);
    for (const { close } of visits.splice(0)) await close();
    expect(complaints).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    for (const site of sites.values()) await (await site).close();
  });

  async function open(path: string, signIn: SiteOptions["signIn"] = {}, options: BrowserContextOptions = {}) {
    const key = JSON.stringify(signIn);
    const starting = sites.get(key) ?? startSite({ signIn });
    sites.set(key, starting);
    const site = await starting;
    const opened = await visit(browser, `${site.url}${path}`, options);
    visits.push(opened);
    return { site, page: opened.page };
  }

  /** On the provider's own page. */
  async function signInAs(page: Page, name: string): Promise<void> {
    await page.locator('input[name="login"]').fill(name);
    await page.locator('input[name="password"]').fill("made up");
    await page.locator('button[type="submit"]').click();
  }

  async function lookUp(page: Page, desktops: string): Promise<void> {
    await page.getByLabel("Desktop names or IDs").fill(desktops);
    await page.getByRole("button", { name: "Look up" }).click();
  }

  /** What is kept in the browser beyond the page's memory. */
  const kept = (page: Page) =>
    page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));

  it("asks for a sign-in when something is looked up, comes back to the answer, and keeps no token", async () => {
    const { page, site } = await open("/");
    await lookUp(page, "WIN-ALICE");
    await page.locator('input[name="login"]').waitFor();
    expect(new URL(page.url()).origin).not.toBe(site.url);
    await signInAs(page, "dana");
    await page.getByText("1 of 1 found").waitFor();
    expect(page.url()).toBe(`${site.url}/?desktop=WIN-ALICE`);
    expect(await page.getByRole("button", { name: "Sign out" }).getAttribute("title")).toBe(
      "Signed in as dana",
    );
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    expect(await kept(page)).not.toMatch(/eyJ|token|verifier/);
    await page.goBack().catch(() => null);
    expect(page.url()).not.toContain("code=");
  });

  it("comes back to what a shared link asks, its filters and its row", async () => {
    const { page, site } = await open(`/?desktop=WIN-ALICE&since=3650d&type=USER#row-${"0".repeat(32)}`);
    await signInAs(page, "dana");
    await page.getByText("The row that this link points to is not in the answer any more.").waitFor();
    expect(page.url()).toBe(`${site.url}/?desktop=WIN-ALICE&since=3650d&type=USER#row-${"0".repeat(32)}`);
    expect(await page.locator("tbody tr").count()).toBe(2);
  });

  it("holds nothing but the sign-in's state and the form while the browser is elsewhere", async () => {
    const { page } = await open("/");
    await page.route("**/auth?**", (route) => route.fulfill({ status: 204 }));
    await lookUp(page, "WIN-ALICE");
    await page.waitForFunction(() => sessionStorage.length > 0);
    const stored = await page.evaluate(() =>
      Object.values({ ...sessionStorage }).map((text) => JSON.parse(text)),
    );
    expect(stored).toHaveLength(1);
    expect(Object.keys(stored[0]).sort()).toEqual(["form", "nonce", "state", "verifier"]);
    expect(stored[0].form.question.desktops).toBe("WIN-ALICE");
    visits.at(-1)?.complaints.splice(0);
  });

  it("renews a token that ran out by its refresh token, each of which works once", async () => {
    const { page } = await open("/?desktop=WIN-ALICE", { tokenSeconds: 1 });
    const renewals: string[] = [];
    page.on("request", (request) => {
      if (request.url().endsWith("/token")) renewals.push(request.postData() ?? "");
    });
    await signInAs(page, "dana");
    await page.getByText("1 of 1 found").waitFor();
    for (const desktop of ["WIN-NEVER", "WIN-TODAY"]) {
      await lookUp(page, desktop);
      await page.getByRole("heading", { name: desktop }).waitFor();
      await page.getByText("1 of 1 found").waitFor();
    }
    const refreshed = renewals.map((body) => new URLSearchParams(body).get("refresh_token")).filter(Boolean);
    expect(refreshed.length).toBeGreaterThanOrEqual(2);
    expect(new Set(refreshed).size).toBe(refreshed.length);
  });

  it("keeps what was typed when the sign-in has run out and cannot be renewed", async () => {
    const { page } = await open("/?desktop=WIN-ALICE", { tokenSeconds: 25, hasRefreshTokens: false });
    await signInAs(page, "dana");
    await page.getByText("1 of 1 found").waitFor();
    await page.route("**/v1/**", (route) =>
      route.fulfill({ status: 401, body: '{"message":"Unauthorized"}' }),
    );
    await page.getByLabel("User name or ID").fill("alice");
    await lookUp(page, "WIN-TODAY WIN-ALICE");
    await page.getByText("You are not signed in any more.").first().waitFor();
    await page.unroute("**/v1/**");
    await page.locator(".problem").first().getByRole("button", { name: "Sign in" }).click();
    // The provider still knows who it is.
    await page.getByText("2 of 2 found").waitFor();
    expect(await page.getByLabel("User name or ID").inputValue()).toBe("alice");
    expect(await page.getByLabel("Desktop names or IDs").inputValue()).toBe("WIN-TODAY WIN-ALICE");
  });

  it("goes round in no circle when the API refuses tokens that are new", async () => {
    const { page } = await open("/?desktop=WIN-ALICE", { audience: ["another"], hasRefreshTokens: false });
    let departures = 0;
    page.on("request", (request) => {
      if (/\/auth\?/.test(request.url())) departures++;
    });
    await signInAs(page, "dana");
    await page.getByText("You are not signed in any more.").waitFor();
    // Once, before there was a token.
    expect(departures).toBeLessThanOrEqual(1);
  });

  it("sends nobody away again who has come back by the browser's own button", async () => {
    const { page, site } = await open("/");
    await lookUp(page, "WIN-ALICE");
    await page.locator('input[name="login"]').waitFor();
    await page.goto(`${site.url}/?desktop=WIN-ALICE`);
    await page.getByText("You will be asked to sign in").waitFor();
    expect(page.url()).toBe(`${site.url}/?desktop=WIN-ALICE`);
    await page.getByRole("button", { name: "Look up" }).click();
    await page.locator('input[name="login"]').waitFor();
  });

  it("draws the page while a sign-in is completed, and loses nothing that is typed meanwhile", async () => {
    const { page } = await open("/?desktop=WIN-ALICE");
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await page.route("**/token", async (route) => {
      await held;
      await route.continue();
    });
    await signInAs(page, "dana");
    await page.getByText("Signing in…").waitFor();
    await lookUp(page, "WIN-TODAY");
    letGo();
    await page.getByRole("heading", { name: "WIN-TODAY" }).waitFor();
    await page.getByText("1 of 1 found").waitFor();
    expect(await page.getByRole("heading", { name: "WIN-ALICE" }).count()).toBe(0);
    expect(await page.getByLabel("Desktop names or IDs").inputValue()).toBe("WIN-TODAY");
  });

  it("signs out, at the provider as well, with no token in any address", async () => {
    const { page, site } = await open("/?desktop=WIN-ALICE");
    await signInAs(page, "dana");
    await page.getByText("1 of 1 found").waitFor();
    const addresses: string[] = [];
    page.on("request", (request) => addresses.push(request.url()));
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Yes, sign me out" }).click();
    await page.waitForURL(`${site.url}/`);
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(addresses.join(" ")).not.toMatch(/eyJ/);
    await lookUp(page, "WIN-ALICE");
    await page.locator('input[name="login"]').waitFor();
  });

  it.each([
    ["no sign-in of this page", "?code=stolen&state=made-up", "state"],
    [
      "an error that a link made up",
      "?error=access_denied&error_description=Call+0900&state=made-up",
      "state",
    ],
  ])("refuses an answer of %s", async (_, search, detail) => {
    const { page, site } = await open(`/${search}`);
    await page.getByText("Signing in did not work.").waitFor();
    expect(await page.locator(".problem .fine").innerText()).toBe(`SIGN_IN_FAILED · ${detail}`);
    expect(await page.locator("body").innerText()).not.toContain("0900");
    expect(page.url()).toBe(`${site.url}/`);
    expect(await page.getByRole("button", { name: "Sign in" }).count()).toBe(2);
  });

  it("lets somebody in whose clock is hours off", async () => {
    const { page, site } = await open("/");
    await page.clock.install({ time: Date.now() + 5 * 3_600_000 });
    await page.goto(`${site.url}/?desktop=WIN-ALICE`);
    await signInAs(page, "dana");
    await page.getByText("1 of 1 found").waitFor();
  });

  it("says so when the provider cannot be reached", async () => {
    const { page, site } = await open("/");
    await page.route("**/.well-known/**", (route) => route.abort());
    await lookUp(page, "WIN-ALICE");
    await page.getByText("The sign-in service cannot be reached.").waitFor();
    expect(page.url()).toBe(`${site.url}/?desktop=WIN-ALICE`);
    visits.at(-1)?.complaints.splice(0);
  });
});
