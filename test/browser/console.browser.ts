import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createFleet, desktopNamed } from "../../sandbox/fleet.ts";
import { hasChromium, launch, type Site, screenshot, startSite, type Visit, visit } from "./browser.ts";

const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const fleet = createFleet(Date.now());
const idOf = (name: string) => desktopNamed(fleet, name).desktopId;

/** Rules that axe finds broken, by name; the page's own policy would refuse an inline script, so it is evaluated. */
async function brokenRules(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    (
      globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; help: string }[] }> } }
    ).axe.run(),
  );
  return violations.map(({ id, help }) => `${id}: ${help}`);
}

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
    const opened = await visit(browser, `${site.url}${path}`, options);
    visits.push(opened);
    return opened.page;
  }

  async function lookUp(page: Page, desktops: string): Promise<void> {
    await page.getByLabel("Desktop names or IDs").fill(desktops);
    await page.getByRole("button", { name: "Look up" }).click();
  }

  it("tells who was unbound and when, by a name in any case, newest first", async () => {
    const page = await open();
    await lookUp(page, "win-alice");
    await page.getByText("1 of 1 found").waitFor();
    expect(await page.getByRole("heading", { level: 2 }).innerText()).toContain("WIN-ALICE");
    expect(await page.locator(".last").innerText()).toMatch(/Last unbound: alice .*GMT\+8/);
    const times = await page
      .locator("tbody time")
      .evaluateAll((all) => all.map((each) => each.getAttribute("datetime")));
    expect(times.length).toBeGreaterThan(1);
    expect(times).toEqual([...times].sort().reverse());
    await screenshot(page, "console-answer");
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
    expect(await picture.locator("line").count()).toBe(3);
    expect(await picture.locator("circle").count()).toBe(3);
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

  it("says in so many words that nobody was unbound", async () => {
    const page = await open("/?desktop=WIN-NEVER");
    await page.getByText("Nobody was unbound from this desktop.").waitFor();
  });

  it("looks up several at once, shows how far it is, and keeps the order", async () => {
    const page = await open();
    await lookUp(page, "WIN-SLOW, WIN-ALICE；no-such-desktop");
    await page.getByRole("progressbar").waitFor();
    await page.getByText("2 of 3 found").waitFor();
    const headings = await page.getByRole("heading", { level: 2 }).allInnerTexts();
    expect(headings.map((heading) => heading.split(" ")[0])).toEqual([
      "WIN-SLOW",
      "WIN-ALICE",
      "no-such-desktop",
    ]);
    expect(await page.getByRole("progressbar").count()).toBe(0);
    await screenshot(page, "console-several");
  });

  it("can be stopped, and keeps what has come", async () => {
    const page = await open();
    await lookUp(page, "WIN-ALICE WIN-SLOW");
    await page.getByRole("heading", { name: /WIN-ALICE/ }).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("1 of 1 found").waitFor();
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

  it("says of a time that is blank that it is unknown, and of one without a zone what is missing", async () => {
    const page = await open("/?desktop=WIN-TIMES");
    await page.getByText("1 of 1 found").waitFor();
    const times = await page.locator("tbody tr td:first-child").allInnerTexts();
    expect(times.slice(-5).map(squeeze)).toEqual([
      "2022-01-25 09:24:27 (time zone unknown)",
      "2022-01-25T09:24:27 (time zone unknown)",
      "last Tuesday (time zone unknown)",
      "time unknown",
      "time unknown",
    ]);
  });

  it("asks which one when several desktops bear the name, and goes on with the choice", async () => {
    const page = await open();
    await lookUp(page, "linux-build");
    await page.getByText("Several desktops bear this name. Which one?").waitFor();
    await screenshot(page, "console-choice");
    const choice = page.getByRole("group").getByRole("button").first();
    const id = (await choice.locator("small").innerText()).trim();
    await choice.click();
    await page.getByText("1 of 1 found").waitFor();
    expect(new URL(page.url()).searchParams.get("desktop")).toBe(id);
  });

  it("names the service as out of reach when nothing answers", async () => {
    const page = await open();
    await page.route("**/v1/**", (route) => route.abort());
    visits.at(-1)?.complaints.splice(0);
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

  it("shows hostile names as the text that they are", async () => {
    const page = await open();
    await lookUp(page, idOf("WIN-NAMES"));
    await page.getByText("1 of 1 found").waitFor();
    const names = desktopNamed(fleet, "WIN-NAMES").unbindings.map(({ user_name }) => user_name);
    const shown = await page.locator("tbody td:nth-child(2)").allInnerTexts();
    for (const name of names) {
      if (typeof name === "string") expect(shown.map(squeeze)).toContain(squeeze(name));
    }
    expect(await page.locator("main img, main script, main a, main iframe").count()).toBe(0);
    await screenshot(page, "console-hostile");
  });

  it("copies all rows as CSV that no spreadsheet takes for formulas", async () => {
    const page = await open("/", { permissions: ["clipboard-read", "clipboard-write"] });
    await lookUp(page, idOf("WIN-NAMES"));
    await page.getByRole("button", { name: "Copy all as CSV" }).click();
    await page.getByText("Copied.").waitFor();
    const csv = await page.evaluate(() => navigator.clipboard.readText());
    expect(csv).toMatch(/^desktop_id,desktop_name,user_id/);
    expect(csv).not.toMatch(/(?:^|,)"?[=+\-@]/m);
  });

  it("is walked by keyboard alone, from the question to the answer's table", async () => {
    const page = await open();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("中文");
    await page.keyboard.press("Tab");
    await page.keyboard.type("WIN-ALICE");
    await page.keyboard.press("Enter");
    await page.getByText("1 of 1 found").waitFor();
    const reached: string[] = [];
    for (let presses = 0; presses < 5; presses++) {
      await page.keyboard.press("Tab");
      reached.push(await page.evaluate(() => document.activeElement?.textContent?.slice(0, 16) ?? ""));
    }
    expect(reached.slice(0, 4)).toEqual(["Filters", "Look up", "Copy all as CSV", "Copy link"]);
    expect(reached[4]).toMatch(/^When/);
  });

  it("speaks Chinese to whoever's browser does, and changes at a press", async () => {
    const page = await open("/?desktop=WIN-ALICE", { locale: "zh-CN" });
    await page.getByText("共 1 个，找到 1 个").waitFor();
    // The attribute is set after the words.
    await page.waitForFunction(() => document.documentElement.lang === "zh-CN");
    await screenshot(page, "console-chinese");
    await page.getByRole("button", { name: "English" }).click();
    await page.getByText("1 of 1 found").waitFor();
    await page.waitForFunction(() => document.documentElement.lang === "en");
  });

  it.each([
    ["light", 1280],
    ["dark", 768],
    ["light", 390],
  ] as const)(
    "breaks no rule of accessibility, %s at %d pixels, and is never wider than the screen",
    async (colorScheme, width) => {
      const page = await open("/?desktop=WIN-ALICE&desktop=no-such&desktop=linux-build&since=365d", {
        colorScheme,
        viewport: { width, height: 900 },
      });
      await page.getByText("1 of 3 found").waitFor();
      expect(await brokenRules(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      await screenshot(page, `console-${colorScheme}-${width}`);
    },
  );
});

function squeeze(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
