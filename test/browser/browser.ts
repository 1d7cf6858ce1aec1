import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { createFleet, workspaceSecretOf } from "../../sandbox/fleet.ts";
import { consoleFunction, serveGateway } from "../../sandbox/gateway.ts";
import { createJwtAuthorizer } from "../../sandbox/sign-in/jwt-authorizer.ts";
import { AUDIENCE, CLIENT_ID, SCOPES } from "../../sandbox/sign-in/names.ts";
import { type ProviderOptions, serveProvider } from "../../sandbox/sign-in/provider.ts";
import { serveWorkspace } from "../../sandbox/workspace.ts";
import { compose } from "../../src/compose/service.ts";
import { createConsoleFunction } from "../../src/console/console-function.ts";
import { createHttpFunction } from "../../src/http/http-function.ts";
import { createLog } from "../../src/observe/log.ts";

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

export interface SiteOptions {
  /** With a real OpenID provider on this machine, and a gateway that asks for its tokens. */
  signIn?: Omit<ProviderOptions, "consoles" | "port"> & { audience?: readonly string[] };
}

/** The console and the real handlers behind the local gateway, in front of the sandbox's fleet. */
export async function startSite({ signIn }: SiteOptions = {}): Promise<Site> {
  const assets = join(ROOT, "dist/console");
  // A page that is not there would be waited for, test by test, for a quarter of an hour.
  if (!existsSync(join(assets, "index.html")))
    throw new Error("The pages are not built: npm run build:pages");
  const fleet = createFleet(Date.now());
  const workspace = await serveWorkspace({ fleet });
  let url = "";
  const provider = signIn && (await serveProvider({ ...signIn, consoles: () => [`${url}/`] }));
  const api = createHttpFunction(
    compose(
      { WORKSPACE_SECRET_ID: "sandbox", RESULT_TTL_SECONDS: "0", ACCESS_POLICY: '[{ "profiles": ["*"] }]' },
      { fetchSecret: async () => workspaceSecretOf(fleet, workspace.url), write: () => {} },
    ),
  );
  const env = provider
    ? { CONSOLE_ISSUER: provider.url, CONSOLE_CLIENT_ID: CLIENT_ID, CONSOLE_SCOPES: SCOPES }
    : {};
  const log = createLog({ level: "error", write: () => {} });
  const gateway = await serveGateway({
    functions: [
      consoleFunction(createConsoleFunction({ assets, env, log })),
      { name: "http", matches: () => true, handler: api },
    ],
    ...(provider && {
      authorize: createJwtAuthorizer({ issuer: provider.url, audience: signIn.audience ?? [AUDIENCE] }),
    }),
  });
  url = gateway.url;
  return {
    url,
    close: async () => {
      await Promise.all([gateway.close(), workspace.close(), provider?.close()]);
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

const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

interface Axe {
  run(): Promise<{ violations: { id: string; help: string; nodes: { html: string }[] }[] }>;
}

/** Rules that axe finds broken, by name; the page's own policy would refuse an inline script, so it is evaluated. */
export async function brokenRules(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: Axe }).axe.run());
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html}`);
}
