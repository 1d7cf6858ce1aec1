import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { brokenRules, hasChromium, launch, type Site, screenshot, startSite, visit } from "./browser.ts";

const WIDTHS = [390, 820, 1280, 1440] as const;
const SCHEMES = ["light", "dark"] as const;
const LOCALES = ["en", "zh-CN"] as const;

/** The noon of this day: pictures of one day look alike. */
const NOW = Date.parse("2026-11-24T04:00:00Z");

const LOOKS = [
  { name: "empty", path: "/" },
  { name: "answer", path: "/?desktop=WIN-ALICE" },
  { name: "pool", path: "/?desktop=WIN-POOL" },
  { name: "several", path: "/?desktop=WIN-ALICE&desktop=WIN-NEVER&desktop=linux-build&desktop=WIN-DOWN&since=365d" },
] as const;

// Without a Chromium there is nothing to test with: `apt-get install chromium`, or CHROMIUM=/path/to/it.
describe.skipIf(!hasChromium)("the console's looks", () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  const every = LOOKS.flatMap((look) =>
    LOCALES.flatMap((locale) =>
      SCHEMES.flatMap((scheme) => WIDTHS.map((width) => ({ ...look, locale, scheme, width }))),
    ),
  );
  it.each(every)("$name, $locale, $scheme, at $width pixels: breaks no rule of axe, is no wider than the screen", async ({
    name,
    path,
    locale,
    scheme,
    width,
  }) => {
    const { page, complaints, close } = await visit(browser, "about:blank", {
      locale,
      colorScheme: scheme,
      viewport: { width, height: 900 },
    });
    await page.clock.setFixedTime(NOW);
    await page.goto(`${site.url}${path}`);
    await page.locator("#answers > *:not([aria-busy])").first().waitFor();
    await page.waitForFunction(() => document.querySelector("[aria-busy]") === null);
    expect(await brokenRules(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(complaints).toEqual([]);
    await screenshot(page, `${name}-${locale}-${scheme}-${width}`);
    await close();
  });
});
