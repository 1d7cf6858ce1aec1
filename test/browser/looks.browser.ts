import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { brokenRules, hasChromium, launch, type Site, screenshot, startSite, visit } from "./browser.ts";

const WIDTHS = [390, 820, 1280, 1440] as const;
const SCHEMES = ["light", "dark"] as const;
/** Pictures in Chinese show boxes where the machine has no font for it: `apt-get install fonts-noto-cjk`. */
const LOCALES = ["en", "zh-CN"] as const;

/** The noon of this day: pictures of one day look alike. */
const NOW = Date.parse("2026-11-24T04:00:00Z");

const LOOKS = [
  { name: "empty", path: "/" },
  { name: "answer", path: "/?desktop=WIN-ALICE" },
  {
    name: "several",
    path: "/?desktop=WIN-ALICE&desktop=WIN-NEVER&desktop=linux-build&desktop=WIN-DOWN&since=365d",
  },
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

  const every = LOOKS.flatMap((look) => LOCALES.map((locale) => ({ ...look, locale })));
  it.each(every)("$name, $locale: breaks no rule of axe, is no wider than the screen", async (look) => {
    const { page, complaints, close } = await visit(browser, "about:blank", { locale: look.locale });
    await page.clock.setFixedTime(NOW);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`${site.url}${look.path}`);
      await page.locator("#answers > *").first().waitFor();
      await page.waitForFunction(() => document.querySelector("[aria-busy]") === null);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        await screenshot(page, `${look.name}-${look.locale}-${colorScheme}-${width}`);
        if (isTried(look.locale, width)) expect(await brokenRules(page)).toEqual([]);
      }
    }
    expect(complaints).toEqual([]);
    await close();
  });
});

/** What differs between the widths in the middle are lengths alone; between the languages words, which have one width. */
function isTried(locale: string, width: number): boolean {
  return width === WIDTHS[0] || (locale === "en" && width === WIDTHS.at(-1));
}
