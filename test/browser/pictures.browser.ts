import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signedRequest } from "../../sandbox/chat/requests.ts";
import { type Started, start } from "../support/start.ts";
import { hasChromium, launch } from "./browser.ts";

/**
 * The README's pictures, drawn from real answers. They are left in reports/screenshots; `npm run pictures` also puts them into
 * docs/images, since fonts and Chromium's version change a picture without a change of ours.
 */

const ROOT = join(import.meta.dirname, "../..");
const DRAWN = join(ROOT, "reports/screenshots");
const SHOWN = join(ROOT, "docs/images");
/** Microsoft's own renderer. */
const RENDERER = readFileSync(join(ROOT, "node_modules/adaptivecards/dist/adaptivecards.min.js"), "utf8");

// Without a Chromium there is nothing to draw with: `apt-get install chromium`, or CHROMIUM=/path/to/it.
describe.skipIf(!hasChromium)("the pictures of the README", () => {
  let browser: Browser;
  let started: Started;

  beforeAll(async () => {
    [browser, started] = await Promise.all([launch(), start()]);
  });
  afterAll(async () => {
    await browser?.close();
    await started?.stop("SIGTERM");
  });

  async function open(width: number): Promise<Page> {
    const context = await browser.newContext({
      locale: "en-GB",
      timezoneId: "Europe/Berlin",
      viewport: { width, height: 900 },
    });
    return await context.newPage();
  }

  it("show the card that Teams gets, as Microsoft's renderer draws it", async () => {
    const page = await open(620);
    await page.setContent(TEAMS);
    await page.evaluate(RENDERER);
    await page.evaluate(drawCard, await cardOf("WIN-ALICE", started.api));
    const shown = await page.locator("#card").innerText();
    for (const part of ["WIN-ALICE", "alice (administrators)", "Design team (group, users)", "10 Feb 2026"]) {
      expect(shown).toContain(part);
    }
    await keep(page, "chat-card", "#picture");
  });

  it("show the console with an answer", async () => {
    const page = await open(960);
    await page.goto(`${started.api}/?desktop=WIN-ALICE`);
    await page.getByText("1 of 1 found").waitFor();
    await keep(page, "console", "body");
  });
});

/** The card of the real answer to a signed request, with the same request ID every time. */
async function cardOf(text: string, api: string): Promise<unknown> {
  const { path, method, headers, body } = signedRequest("teams", { text }, Date.now());
  const response = await fetch(`${api}${path}`, {
    method,
    headers: { ...headers, "x-request-id": "made-up-request-id" },
    body,
  });
  const { attachments } = (await response.json()) as { attachments: [{ content: unknown }] };
  return attachments[0].content;
}

async function keep(page: Page, name: string, part: string): Promise<void> {
  mkdirSync(DRAWN, { recursive: true });
  const path = join(DRAWN, `${name}.png`);
  await page.locator(part).screenshot({ path });
  if (process.env["PICTURES"] === undefined) return;
  mkdirSync(SHOWN, { recursive: true });
  copyFileSync(path, join(SHOWN, `${name}.png`));
}

interface Renderer {
  AdaptiveCards: {
    HostConfig: new (options: object) => object;
    AdaptiveCard: new () => { hostConfig: object; parse(card: unknown): void; render(): HTMLElement };
  };
}

/** Runs in the page. */
function drawCard(content: unknown): void {
  const { AdaptiveCards } = globalThis as unknown as Renderer;
  const card = new AdaptiveCards.AdaptiveCard();
  card.hostConfig = new AdaptiveCards.HostConfig({
    fontFamily: "inherit",
    supportsInteractivity: false,
    spacing: { small: 4, default: 8, medium: 12, large: 16, extraLarge: 24, padding: 4 },
  });
  card.parse(content);
  document.querySelector("#card")?.append(card.render());
}

/** A message of a person and the answer below it, as in a channel. */
const TEAMS = `<!doctype html><meta charset="utf-8"><style>
  body { margin: 0; font: 14px/1.4 "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; color: #242424; }
  #picture { padding: 16px; background: #f5f5f5; }
  .message { display: grid; grid-template-columns: 32px 1fr; gap: 4px 10px; margin-bottom: 12px; }
  .face { grid-row: span 2; width: 32px; height: 32px; border-radius: 50%; background: #c4314b; color: #fff;
          display: grid; place-items: center; font-weight: 600; }
  .bot { border-radius: 6px; background: #5b5fc7; }
  .who { font-size: 12px; color: #616161; }
  .said { background: #fff; border: 1px solid #e0e0e0; border-radius: 6px; padding: 8px 12px; }
  .mention { color: #5b5fc7; }
</style>
<div id="picture">
  <div class="message"><div class="face">C</div><div class="who">carla</div>
    <div class="said"><span class="mention">unbound</span> WIN-ALICE</div></div>
  <div class="message" style="margin-bottom: 0"><div class="face bot">u</div><div class="who">unbound</div>
    <div class="said" id="card"></div></div>
</div>`;
