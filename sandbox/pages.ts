import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import type { GatewayFunction } from "./gateway.ts";

const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** As a static host would serve them; the page brings the rest of its policy in a meta element. */
const HEADERS = {
  "content-security-policy": "frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

const ASSET = /^\/assets\/[\w.-]+$/;

/**
 * The console, as a static host in front of the gateway would serve it: `/` and `/assets/…`.
 *
 * @param folder Where `npm run build` has put it.
 */
export function servePages(folder: string): GatewayFunction {
  return {
    name: "console",
    matches: (method, path) => (method === "GET" || method === "HEAD") && (path === "/" || ASSET.test(path)),
    handler: async (event) => {
      const { rawPath } = event as { rawPath: string };
      const path = rawPath === "/" ? "/index.html" : rawPath;
      const bytes = await readFile(join(folder, normalize(path))).catch(() => null);
      if (bytes === null)
        return { statusCode: 404, headers: { "content-type": "text/plain" }, body: "Not found\n" };
      return {
        statusCode: 200,
        headers: { ...HEADERS, "content-type": TYPES[extname(path)] ?? "application/octet-stream" },
        body: bytes.toString("base64"),
        isBase64Encoded: true,
      };
    },
  };
}
