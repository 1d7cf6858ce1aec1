import { readFile } from "node:fs/promises";
import { join } from "node:path";
import openapi from "../../openapi.json" with { type: "json" };
import { LookupError } from "../contract/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import { createHttpHandler, type HttpHandler } from "../http/handler.ts";
import type { Reply } from "../http/reply.ts";
import { createRouter, type Route } from "../http/router.ts";
import type { Log } from "../observe/log.ts";
import { monotonicNow } from "../time/clocks.ts";

/** What the page is made of: the renderer, and a few lines that start it. All of it comes from here. */
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>workspace-unbindings: API reference</title>
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <main id="reference"></main>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

// Nobody can try a call out here: the page has no credentials, and shall never be given any.
const START = `SwaggerUIBundle({
  url: "v1/openapi.json",
  domNode: document.getElementById("reference"),
  presets: [SwaggerUIBundle.presets.apis],
  supportedSubmitMethods: [],
  validatorUrl: null,
  defaultModelExpandDepth: 3,
});
`;

const JAVASCRIPT = "text/javascript; charset=utf-8";

/** The renderer's files, compressed by the build. */
const ASSETS: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": JAVASCRIPT,
};

const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A caller may keep it for an hour; a new version is a new deployment. */
const CACHE = "private, max-age=3600";

export interface DocsParts {
  /** Where the build has put the renderer's files. */
  assets: string;
  log: Log;
}

/** The `docs` function: the OpenAPI document and the reference made of it, none of which weighs on a lookup. */
export function createDocsFunction({ assets, log }: DocsParts): HttpHandler {
  return createHttpHandler({
    name: "docs",
    answer: createRouter(createDocsRoutes(assets), false),
    corsOrigins: [],
    requestBudgetMs: 5000,
    log,
    now: monotonicNow,
  });
}

export function createDocsRoutes(assets: string): Route[] {
  const document = JSON.stringify(openapi);
  return [
    {
      method: "GET",
      path: "/v1/openapi.json",
      answer: () => text("application/json; charset=utf-8", document),
    },
    { method: "GET", path: "/docs", answer: () => text("text/html; charset=utf-8", PAGE) },
    {
      method: "GET",
      path: "/docs/{file}",
      answer: (exchange, { file = "" }) =>
        file === "start.js" ? text(JAVASCRIPT, START) : sendAsset(exchange, assets, file),
    },
  ];
}

function text(contentType: string, body: string): Reply {
  return {
    status: 200,
    headers: { "content-type": contentType, "cache-control": CACHE, "content-security-policy": PAGE_POLICY },
    body,
  };
}

async function sendAsset(exchange: Exchange, folder: string, file: string): Promise<Reply> {
  const contentType = Object.hasOwn(ASSETS, file) ? ASSETS[file] : undefined;
  if (contentType === undefined) throw new LookupError("NOT_FOUND");
  if (!/\bgzip\b/.test(exchange.request.headers["accept-encoding"] ?? "")) {
    throw new LookupError("NOT_ACCEPTABLE", { detail: "This file is sent in gzip only." });
  }
  const bytes = await readFile(join(folder, `${file}.gz`));
  return {
    ...text(contentType, bytes.toString("base64")),
    headers: { ...text(contentType, "").headers, "content-encoding": "gzip", vary: "Accept-Encoding" },
    isBase64Encoded: true,
  };
}
