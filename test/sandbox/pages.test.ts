import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveGateway } from "../../sandbox/gateway.ts";
import { servePages } from "../../sandbox/pages.ts";
import type { Serving } from "../../sandbox/serve.ts";

describe("the console's static host", () => {
  let folder: string;
  let gateway: Serving;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "pages-"));
    await mkdir(join(folder, "assets"));
    await writeFile(join(folder, "index.html"), "<!doctype html><title>Console</title>");
    await writeFile(join(folder, "assets/index-a1.js"), "export {};");
    await writeFile(join(folder, "secret.txt"), "not to be served");
    const api = {
      name: "api",
      matches: () => true,
      handler: async () => ({ statusCode: 418, body: "the API" }),
    };
    gateway = await serveGateway({ functions: [servePages(folder), api] });
  });
  afterAll(async () => {
    await gateway.close();
    await rm(folder, { recursive: true });
  });

  it("serves the page at the root and its assets, each as what it is", async () => {
    const page = await fetch(`${gateway.url}/`);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).toBe("frame-ancestors 'none'");
    expect(await page.text()).toContain("<title>Console</title>");
    const script = await fetch(`${gateway.url}/assets/index-a1.js`);
    expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  });

  it("answers 404 for an asset that is not there", async () => {
    expect((await fetch(`${gateway.url}/assets/gone.js`)).status).toBe(404);
  });

  it.each([
    "/secret.txt",
    "/index.html",
    "/assets/..%2Fsecret.txt",
    "/assets/../secret.txt",
    "/v1/unbindings",
  ])("leaves %s to the API", async (path) => {
    expect((await fetch(`${gateway.url}${path}`)).status).toBe(418);
  });
});
