import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createFleet, desktopNamed } from "../../sandbox/fleet.ts";
import { brokenRules, hasChromium, launch, type Site, startSite, type Visit, visit } from "./browser.ts";

const fleet = createFleet(Date.now());
const idOf = (name: string) => desktopNamed(fleet, name).desktopId;

// Without a Chromium there is nothing to test with: `apt-get install chromium`, or CHROMIUM=/path/to/it.
describe.skipIf(!hasChromium)("the console in Chromium", () => {
  let browser: Browser;
  let site: Site;
  const visits: Visit[] = [];

  beforeAll(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
  });
  afterEach(async () => {
    for (const { complaints, close } of visits.splice(0)) {
      await close();
      expect(complaints).toEqual([]);
    }
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  async function open(path = "/", options = {}): Promise<Page> {
    const opened = await visit(browser, path === "about:blank" ? path : `${site.url}${path}`, options);
    visits.push(opened);
    return opened.page;
  }

  async function lookUp(page: Page, desktops: string): Promise<void> {
    await page.getByLabel("Desktop names or IDs").fill(desktops);
    await page.getByRole("button", { name: "Look up" }).click();
  }

  /** Holds the API's answers about one desktop back until they are let go. */
  async function hold(page: Page, desktop: string): Promise<() => void> {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await page.route(
      (url) => url.pathname.startsWith("/v1/") && url.href.includes(desktop),
      async (route) => {
        await held;
        // A look-up that was stopped takes no answer any more.
        await route.continue().catch(() => {});
      },
    );
    return letGo;
  }

  const headings = async (page: Page) => (await page.locator(".answer h2").allInnerTexts()).map(squeeze);

  it("tells who was unbound and when, by a name in any case, newest first", async () => {
    const page = await open();
    await lookUp(page, "win-alice");
    await page.getByText("1 of 1 found").waitFor();
    expect(await headings(page)).toEqual(["WIN-ALICE"]);
    expect(squeeze(await page.locator(".last").first().innerText())).toMatch(
      /^Last unbound alice 10 Feb 2026, 16:15:30 GMT\+8/,
    );
    const times = await page
      .locator("tbody time")
      .evaluateAll((all) => all.map((each) => each.getAttribute("datetime")));
    expect(times.length).toBeGreaterThan(1);
    expect(times).toEqual([...times].sort().reverse());
  });

  it("takes an ID as well", async () => {
    const page = await open();
    await lookUp(page, idOf("WIN-ALICE"));
    await page.getByRole("heading", { name: "WIN-ALICE" }).waitFor();
  });

  it("draws users as lanes and times as marks, and says the same in words", async () => {
    const page = await open("/?desktop=WIN-ALICE");
    const picture = page.getByRole("img", { name: /Timeline: 3 unbindings of 3 users between/ });
    await picture.waitFor();
    expect(await picture.locator(".lane").count()).toBe(3);
    expect(await picture.locator(".mark").count()).toBe(3);
    expect(await picture.locator(".mark.group").count()).toBe(1);
    expect(await picture.locator(".mark.last").count()).toBe(1);
  });

  it("asks by itself when it is opened by a shared link, and the link is kept while asking", async () => {
    const page = await open("/?desktop=WIN-ALICE&type=USER");
    await page.getByText("1 of 1 found").waitFor();
    expect(await page.locator("tbody tr").count()).toBe(2);
    expect(await page.getByLabel("Unbound as").inputValue()).toBe("USER");
    await lookUp(page, "WIN-NEVER");
    await page.getByText("No unbinding matches the filters.").waitFor();
    expect(new URL(page.url()).search).toBe("?desktop=WIN-NEVER&type=USER");
  });

  it.each([
    ["since=12h", "12h", "Last 12 hours"],
    ["since=7d", "7d", "Last 7 days"],
    ["since=2026-01-01T00:00:00Z", "custom", "Custom dates…"],
  ])("takes the period of a link as it is: %s", async (filter, value, label) => {
    const page = await open(`/?desktop=WIN-ALICE&${filter}`);
    await page.getByText("1 of 1 found").waitFor();
    const period = page.getByLabel("Period");
    expect(await period.inputValue()).toBe(value);
    expect(await period.locator("option:checked").innerText()).toBe(label);
  });

  it("never asks another question than the link's: a filter that means nothing is refused", async () => {
    const page = await open("/?desktop=WIN-ALICE&since=yesterday&type=robot");
    await page.getByText("This cannot be looked up.").waitFor();
    const named = await page.locator(".problem li code").allInnerTexts();
    expect(named.sort()).toEqual(["since", "type"]);
  });

  it("takes dates in the zone that is shown, whole minutes, and changes with the zone", async () => {
    const page = await open();
    await page.getByLabel("Period").selectOption("custom");
    await page.getByLabel(/^From/).fill("2026-02-10T16:15");
    await page.getByLabel(/^Until/).fill("2026-02-10T16:15");
    await lookUp(page, "WIN-ALICE");
    await page.getByText("1 of 1 found").waitFor();
    expect(await page.locator("tbody tr").count()).toBe(1);
    const { searchParams } = new URL(page.url());
    expect([searchParams.get("since"), searchParams.get("until")]).toEqual([
      "2026-02-10T08:15:00.000Z",
      "2026-02-10T08:15:59.999Z",
    ]);
    await page.getByRole("button", { name: "UTC" }).click();
    expect(await page.getByLabel(/^From/).inputValue()).toBe("2026-02-10T08:15");
    expect(squeeze(await page.locator("tbody time").innerText())).toMatch(/^10 Feb 2026, 08:15:30 UTC/);
  });

  it("says in so many words that nobody was unbound", async () => {
    const page = await open("/?desktop=WIN-NEVER");
    await page.getByText("Nobody was unbound from this desktop.").waitFor();
  });

  it("looks up several at once, shows how far it is, and keeps the order", async () => {
    const page = await open();
    const letGo = await hold(page, "WIN-ALICE");
    await lookUp(page, "WIN-ALICE, WIN-TODAY；no-such-desktop");
    await page.getByText("2 of 3 looked up").waitFor();
    expect(await page.getByRole("progressbar").count()).toBe(1);
    expect(await page.locator("[aria-busy]").count()).toBe(1);
    letGo();
    await page.getByText("2 of 3 found").waitFor();
    expect(await headings(page)).toEqual(["WIN-ALICE", "WIN-TODAY", "no-such-desktop"]);
    const overview = page.getByRole("navigation", { name: "Overview" });
    expect(await overview.getByRole("link").allInnerTexts()).toEqual([
      "WIN-ALICE",
      "WIN-TODAY",
      "no-such-desktop",
    ]);
    expect(await page.getByRole("progressbar").count()).toBe(0);
  });

  it("can be stopped, keeps what has come, and says of the rest that it was not looked up", async () => {
    const page = await open("/", { permissions: ["clipboard-read", "clipboard-write"] });
    const letGo = await hold(page, "WIN-NEVER");
    await lookUp(page, "WIN-ALICE WIN-NEVER");
    await page.getByText("1 of 2 looked up").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("1 of 2 found").waitFor();
    expect(await page.locator(".problem").innerText()).toContain("Not looked up.");
    await page.getByRole("button", { name: "Copy CSV" }).click();
    await page.getByText("Copied.").waitFor();
    const csv = await page.evaluate(() => navigator.clipboard.readText());
    expect(csv.split("\r\n")[0]).toMatch(/,error_code$/);
    expect(csv).toMatch(/^,WIN-NEVER,.*,STOPPED\r$/m);
    letGo();
  });

  it.each([
    ["WIN-DOWN", "Huawei Cloud has a fault at the moment.", "UPSTREAM_UNAVAILABLE", true],
    ["WIN-GARBLED", "Huawei Cloud's answer could not be read.", "UPSTREAM_INVALID_RESPONSE", true],
    ["WIN-DENIED", "This service may not read that at Huawei Cloud.", "PERMISSION_DENIED", false],
  ])("puts the error of %s into plain words, with a request ID", async (name, words, code, isRetryable) => {
    const page = await open();
    await lookUp(page, idOf(name));
    await page.getByText(words).waitFor();
    const card = page.locator(".problem");
    expect(await card.innerText()).toMatch(new RegExp(`${code}.*Request ID [\\w-]{8,}`));
    expect(await card.getByRole("button", { name: "Try again" }).count()).toBe(isRetryable ? 1 : 0);
    await card.getByText("What does this mean?").click();
    await card.locator(".means p").waitFor();
  });

  it.each([
    [401, "You are not signed in any more.", "SESSION_EXPIRED"],
    [403, "You were not let through to the service.", "NOT_ALLOWED"],
    [429, "Too many look-ups at the same moment.", "TOO_MANY_REQUESTS"],
    [503, "This service did not answer.", "SERVICE_UNAVAILABLE"],
  ])("says of a gateway's own %d what it means", async (code, words, named) => {
    const page = await open();
    await page.route("**/v1/**", (route) =>
      route.fulfill({
        status: code,
        headers: { "apigw-requestid": "gateway-0001", "content-type": "application/json" },
        body: JSON.stringify({ message: "Something" }),
      }),
    );
    await lookUp(page, "WIN-ALICE");
    await page.getByText(words).waitFor();
    expect(await page.locator(".problem .fine").innerText()).toBe(`${named} · Request ID gateway-0001`);
  });

  it("shows the whole of an ID, on a phone as well", async () => {
    const page = await open(`/?desktop=4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55`, {
      viewport: { width: 390, height: 900 },
    });
    await page.getByText("1 of 1 found").waitFor();
    const hidden = await page
      .locator("textarea")
      .evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight);
    expect(hidden).toBeLessThanOrEqual(0);
  });

  it("shows a time on a phone in three lines at most", async () => {
    const page = await open("/?desktop=WIN-TIMES", { viewport: { width: 390, height: 900 } });
    await page.getByText("1 of 1 found").waitFor();
    const heights = await page
      .locator("td.when time")
      .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height));
    expect(heights.length).toBeGreaterThan(3);
    expect(Math.max(...heights)).toBeLessThan(3.5 * 22);
  });

  it("says of a time without a zone what is missing, and of one that is none that it is none", async () => {
    const page = await open("/?desktop=WIN-TIMES");
    await page.getByText("1 of 1 found").waitFor();
    const times = await page.locator("tbody tr td:first-child").allInnerTexts();
    expect(times.slice(-5).map(squeeze)).toEqual([
      "2022-01-25 09:24:27 (time zone unknown)",
      "2022-01-25T09:24:27 (time zone unknown)",
      "last Tuesday (not readable as a time)",
      "time unknown",
      "time unknown",
    ]);
  });

  it("asks which one when several desktops have the name, and goes on with the choice", async () => {
    const page = await open();
    await lookUp(page, "linux-build");
    await page.getByText("Several desktops have this name.").waitFor();
    const choice = page.getByRole("group", { name: "Which one?" }).getByRole("button").first();
    const id = (await choice.locator("small").innerText()).trim();
    await choice.click();
    await page.getByText("1 of 1 found").waitFor();
    expect(new URL(page.url()).searchParams.get("desktop")).toBe(id);
  });

  it("names the service as out of reach when nothing answers", async () => {
    const page = await open();
    await page.route("**/v1/**", (route) => route.abort());
    await lookUp(page, "WIN-ALICE");
    await page.getByText("This page cannot reach its service.").waitFor();
    // The browser's own note of the connection that was cut on purpose.
    visits.at(-1)?.complaints.splice(0);
  });

  it("asks what to look up when nothing was typed", async () => {
    const page = await open();
    await page.getByRole("button", { name: "Look up" }).click();
    await page.getByText("Which desktop? Type a name or an ID.").waitFor();
  });

  it("shows hostile names as the text that they are, and turns no text around", async () => {
    const page = await open();
    await lookUp(page, idOf("WIN-NAMES"));
    await page.getByText("1 of 1 found").waitFor();
    const shown = (await page.locator("tbody td.who").allInnerTexts()).map(squeeze);
    const names = desktopNamed(fleet, "WIN-NAMES").unbindings.map(({ user_name }) => String(user_name));
    expect(shown).toEqual(names.map((name) => squeeze(name.replace("\u202E", ""))));
    expect(await page.locator("body").innerText()).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
    expect(await page.locator("main img, main script, main iframe, main a").count()).toBe(0);
  });

  it.each([
    ["one desktop", ["WIN-NAMES"]],
    ["many rows", ["WIN-POOL"]],
    ["several, of which some fail", ["WIN-ALICE", "WIN-DOWN", "WIN-NEVER", "WIN-DENIED"]],
  ])("gives %s as CSV exactly as the API does, copied and downloaded", async (_, desktops) => {
    const page = await open("/", { permissions: ["clipboard-read", "clipboard-write"] });
    const ids = desktops.map(idOf);
    await lookUp(page, ids.join(" "));
    await page.getByRole("button", { name: "Copy CSV" }).click();
    await page.getByText("Copied.").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const [only] = ids;
    const answer =
      ids.length === 1
        ? await fetch(`${site.url}/v1/desktops/${only}/unbindings?limit=1000`, {
            headers: { accept: "text/csv" },
          })
        : await fetch(`${site.url}/v1/unbindings/query`, {
            method: "POST",
            headers: { accept: "text/csv", "content-type": "application/json" },
            body: JSON.stringify({ desktop_ids: ids, limit: 100 }),
          });
    expect(copied).toBe(await answer.text());
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download CSV" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^unbindings-[\w-]+-\d{4}-\d{2}-\d{2}\.csv$/);
    expect(await readFile(await download.path(), "utf8")).toBe(copied);
  });

  it("shows many rows a page at a time, and all of them on paper that they fit", async () => {
    const page = await open("/?desktop=WIN-POOL");
    await page.getByText("1 of 1 found").waitFor();
    const rows = page.locator("tbody tr");
    expect(await rows.count()).toBe(30);
    await page.getByRole("button", { name: "Show 30 more (220 left)" }).click();
    expect(await rows.count()).toBe(60);
    // A4 less its margins, at 96 dpi.
    await page.setViewportSize({ width: 688, height: 900 });
    await page.emulateMedia({ media: "print" });
    const pdf = await page.pdf({ format: "A4" });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    expect(await rows.count()).toBe(250);
    expect(await page.getByRole("button").count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(688);
  });

  it("opens a row, copies each of its values, and gives a link that finds the row again", async () => {
    const page = await open("/?desktop=WIN-POOL", { permissions: ["clipboard-read", "clipboard-write"] });
    await page.getByText("1 of 1 found").waitFor();
    await page.getByRole("button", { name: "Show all" }).click();
    const row = page.locator("tbody tr").nth(99);
    const wanted = squeeze(await row.innerText());
    await row.getByRole("button", { name: /^Details/ }).click();
    await page.locator(".details").getByRole("button", { name: "Copy Time in UTC" }).click();
    await page.getByText("Copied.").waitFor();
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    expect(await copied()).toMatch(/^2026-\d{2}-\d{2}T18:00:00\.000Z$/);
    await page.getByRole("button", { name: "Copy link to this row" }).click();
    await expect.poll(copied).toContain("#row-");
    const link = await copied();
    const other = await open(link.slice(site.url.length));
    await other.locator("tr.pointed-at").waitFor();
    expect(squeeze(await other.locator("tr.pointed-at").innerText())).toBe(wanted);
    expect(await other.evaluate(() => document.activeElement?.getAttribute("aria-expanded"))).toBe("true");
    const gone = await open(link.slice(site.url.length).replace(/#.*/, `#row-${"0".repeat(32)}`));
    await gone.getByText("The row that this link points to is not in the answer any more.").waitFor();
  });

  it("is walked by keyboard alone, from the question to the answer's table", async () => {
    const page = await open();
    await page.keyboard.press("/");
    await page.keyboard.type("WIN-ALICE");
    await page.keyboard.press("Enter");
    await page.getByText("1 of 1 found").waitFor();
    await page.getByLabel("Profile").waitFor();
    const reached: string[] = [];
    for (let presses = 0; presses < 13; presses++) {
      await page.keyboard.press("Tab");
      reached.push(
        await page.evaluate(() => {
          const { activeElement: active } = document;
          return active?.getAttribute("aria-label") ?? active?.textContent?.trim() ?? "";
        }),
      );
    }
    expect(reached.slice(0, 2)).toEqual(["Look up", "Filters"]);
    expect(reached.slice(6)).toEqual([
      "Copy link",
      "Copy CSV",
      "Download CSV",
      "Print",
      "Copy Desktop ID",
      "Table of unbindings",
      expect.stringMatching(/^Details: alice, 10 Feb 2026/),
    ]);
  });

  it("explains its keys, and lets single ones be switched off for good", async () => {
    const page = await open();
    await page.keyboard.press("u");
    expect(await page.getByRole("button", { name: "UTC" }).getAttribute("aria-pressed")).toBe("true");
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keyboard help" });
    await help.waitFor();
    expect(await brokenRules(page)).toEqual([]);
    await help.getByRole("checkbox").click();
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "hidden" });
    await page.reload();
    await page.keyboard.press("u");
    expect(await page.getByRole("button", { name: "UTC" }).getAttribute("aria-pressed")).toBe("true");
  });

  it("speaks Chinese where the browser does, changes at a press, and remembers it", async () => {
    const page = await open("/?desktop=WIN-ALICE", { locale: "zh-CN" });
    await page.getByText("共 1 个，找到 1 个").waitFor();
    // The attribute is set after the words.
    await page.waitForFunction(() => document.documentElement.lang === "zh-CN");
    await page.getByRole("button", { name: "English" }).click();
    await page.getByText("1 of 1 found").waitFor();
    await page.waitForFunction(() => document.documentElement.lang === "en");
    await page.reload();
    await page.getByText("1 of 1 found").waitFor();
    await page.waitForFunction(() => document.documentElement.lang === "en");
  });

  it("remembers desktops on this device, and nothing on a shared one", async () => {
    const page = await open("/?desktop=WIN-ALICE");
    await page.getByText("1 of 1 found").waitFor();
    await page.goto(site.url);
    await page.getByRole("button", { name: "WIN-ALICE" }).click();
    await page.getByText("1 of 1 found").waitFor();
    await page.goto(site.url);
    await page.getByLabel("Shared computer: remember nothing").check();
    expect(await page.getByRole("button", { name: "WIN-ALICE" }).count()).toBe(0);
    await lookUp(page, "WIN-NEVER");
    await page.getByText("1 of 1 found").waitFor();
    await page.goto(site.url);
    await page.getByText("Nothing is remembered on this computer.").waitFor();
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toMatch(/WIN-/);
  });

  it("offers the profiles that the reader may use, and asks the one that is chosen", async () => {
    const page = await open();
    const choice = page.getByRole("combobox", { name: "Profile" });
    await choice.waitFor();
    const offered = await choice.locator("option").allInnerTexts();
    expect(offered).toEqual(["prod (default)", "lab"]);
    await choice.selectOption("lab");
    await lookUp(page, "LAB-ALICE");
    await page.getByText("1 of 1 found").waitFor();
    expect(new URL(page.url()).search).toBe("?desktop=LAB-ALICE&profile=lab");
  });

  it("asks for a profile's name where the API does not say which there are, and for none where there is one", async () => {
    const page = await open("about:blank");
    const profiles: [number, unknown][] = [
      [404, { code: "NOT_FOUND" }],
      [200, { default_profile: "default", profiles: ["default"], request_id: "r" }],
    ];
    await page.route("**/v1/profiles", (route) => {
      const [status, body] = profiles.shift() as [number, unknown];
      return route.fulfill({ status, json: body });
    });
    await page.goto(site.url);
    await page.getByRole("textbox", { name: "Profile" }).waitFor();
    await page.reload();
    await page.getByLabel("Profile").waitFor({ state: "hidden" });
  });

  it("loses no key that is pressed as soon as there is something to press it in", async () => {
    const page = await open("about:blank");
    // In the very task that draws the page, before anything is painted.
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        const field = document.querySelector("textarea");
        if (!field) return;
        observer.disconnect();
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "/", bubbles: true }));
        if (document.activeElement !== field) return;
        field.value = "WIN-";
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      }).observe(document, { subtree: true, childList: true });
    });
    await page.goto(site.url);
    // Whatever is done after painting has been done by then.
    await page.evaluate(
      () =>
        new Promise((resolve) =>
          requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 200))),
        ),
    );
    await page.keyboard.type("ALICE");
    await page.keyboard.press("Enter");
    await page.getByText("1 of 1 found").waitFor();
    expect(new URL(page.url()).search).toBe("?desktop=WIN-ALICE");
    expect(await page.getByLabel("Desktop names or IDs").inputValue()).toBe("WIN-ALICE");
  });

  it("forgets in every tab what one forgets", async () => {
    const page = await open("/?desktop=WIN-ALICE");
    await page.getByText("1 of 1 found").waitFor();
    const other = await page.context().newPage();
    await other.goto(site.url);
    await other.getByLabel("Shared computer: remember nothing").check();
    await lookUp(page, "WIN-NEVER");
    await page.getByText("1 of 1 found").waitFor();
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toMatch(/WIN-/);
  });

  it("moves nothing where motion is not wanted", async () => {
    const page = await open("/", { reducedMotion: "reduce" });
    const letGo = await hold(page, "WIN-ALICE");
    await lookUp(page, "WIN-ALICE");
    await page.locator("[aria-busy]").waitFor();
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    letGo();
  });

  it("has 60 kB of script at most, compressed, and no request to another host", async () => {
    const page = await open("about:blank");
    const sizes: number[] = [];
    const hosts = new Set<string>();
    page.on("response", async (response) => {
      hosts.add(new URL(response.url()).origin);
      if (response.url().endsWith(".js")) sizes.push((await response.request().sizes()).responseBodySize);
    });
    await page.goto(`${site.url}/?desktop=WIN-ALICE`);
    await page.getByText("1 of 1 found").waitFor();
    await expect.poll(() => sizes.length).toBe(1);
    expect(sizes[0]).toBeLessThan(60_000);
    expect([...hosts]).toEqual([site.url]);
  });
});

function squeeze(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
