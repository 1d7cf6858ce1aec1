import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveGateway } from "../../sandbox/gateway.ts";
import type { Serving } from "../../sandbox/serve.ts";
import { createDocsFunction } from "../../src/docs/docs-function.ts";
import { createLog } from "../../src/observe/log.ts";
import { hasChromium, launch, screenshot, visit } from "./browser.ts";

// Without a Chromium there is nothing to test with: `apt-get install chromium`, or CHROMIUM=/path/to/it.
describe.skipIf(!hasChromium)("the reference in Chromium", () => {
  let browser: Browser;
  let gateway: Serving;

  beforeAll(async () => {
    const docs = createDocsFunction({
      assets: join(import.meta.dirname, "../../dist/docs"),
      log: createLog({ level: "info", write: () => {} }),
    });
    browser = await launch();
    gateway = await serveGateway({ functions: [{ name: "docs", matches: () => true, handler: docs }] });
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.close();
  });

  it("renders every operation and asks no other host for anything", async () => {
    const { page, complaints, close } = await visit(browser, `${gateway.url}/docs`);
    const hosts = new Set<string>();
    page.on("request", (request) => hosts.add(new URL(request.url()).origin));
    await page.reload();
    await page.getByText("Who was unbound from this desktop, and when?").waitFor();
    expect(await page.locator(".opblock").count()).toBeGreaterThanOrEqual(4);
    await page.locator(".opblock").first().click();
    await page.getByText("UPSTREAM_THROTTLED").first().waitFor();
    await screenshot(page, "reference");
    expect([...hosts].filter((host) => host !== gateway.url && host !== "null")).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  });
});
