import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { createFleet, workspaceSecretOf } from "../../sandbox/fleet.ts";
import { serveGateway } from "../../sandbox/gateway.ts";
import { servePages } from "../../sandbox/pages.ts";
import { serveWorkspace } from "../../sandbox/workspace.ts";
import { compose } from "../../src/compose/service.ts";
import { createHttpFunction } from "../../src/http/http-function.ts";

const ROOT = join(import.meta.dirname, "../..");
const SCREENSHOTS = join(ROOT, "reports/screenshots");

/** Debian's; Playwright's own would have to be downloaded. `CHROMIUM` names another one. */
const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
export const hasChromium = existsSync(CHROMIUM);

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export interface Site {
  url: string;
  close(): Promise<void>;
}

/** The console and the real handler behind the local gateway, in front of the sandbox's fleet. */
export async function startSite(): Promise<Site> {
  const pages = join(ROOT, "dist/console");
  // A page that is not there would be waited for, test by test, for a quarter of an hour.
  if (!existsSync(pages)) throw new Error("The pages are not built: npm run build:pages");
  const fleet = createFleet(Date.now());
  const workspace = await serveWorkspace({ fleet });
  const api = createHttpFunction(
    compose(
      { WORKSPACE_SECRET_ID: "sandbox", RESULT_TTL_SECONDS: "0" },
      { fetchSecret: async () => workspaceSecretOf(fleet, workspace.url), write: () => {} },
    ),
  );
  const gateway = await serveGateway({
    functions: [servePages(pages), { name: "http", matches: () => true, handler: api }],
  });
  return {
    url: gateway.url,
    close: async () => {
      await gateway.close();
      await workspace.close();
    },
  };
}

export interface Visit {
  page: Page;
  /** What the page complained of: errors, refused by the policy, failed scripts. */
  complaints: string[];
  close(): Promise<void>;
}

export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Asia/Shanghai", ...options });
  const page = await context.newPage();
  // A machine that is busy with other tests takes its time over a page of a megabyte.
  page.setDefaultTimeout(90_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // A failed look-up is the page's daily bread; the browser notes its status all the same.
    const isStatus = message
      .text()
      .startsWith("Failed to load resource: the server responded with a status of");
    if (message.type() === "error" && !isStatus) complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
}

/** Kept as an artefact, to be looked at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}
