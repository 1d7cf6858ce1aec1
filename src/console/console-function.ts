import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Environment } from "../config/environment.ts";
import { LookupError } from "../contract/errors.ts";
import type { Exchange } from "../http/exchange.ts";
import { createHttpHandler, type HttpHandler } from "../http/handler.ts";
import type { Reply } from "../http/reply.ts";
import { createRouter, type Route } from "../http/router.ts";
import type { Log } from "../observe/log.ts";
import { monotonicNow } from "../time/clocks.ts";
import { readConsoleConfig } from "./config.ts";
import { createPage, type Page } from "./page.ts";

export interface ConsoleParts {
  /** Where the build has put the page and what it needs. */
  assets: string;
  env: Environment;
  log: Log;
}

/** The `console` function: the helpdesk's page. It reads no secret and calls nobody; the page asks the API itself. */
export function createConsoleFunction({ assets, env, log }: ConsoleParts): HttpHandler {
  const { config, faults } = readConsoleConfig(env);
  if (faults) log.error("configuration_invalid", { faults: faults.join("; ") });
  const page = config && createPage(assets, config);
  return createHttpHandler({
    name: "console",
    answer: createRouter(createConsoleRoutes(assets, page), false),
    corsOrigins: [],
    requestBudgetMs: 5000,
    log,
    now: monotonicNow,
  });
}

/** @param page `null` when the configuration is faulty. */
export function createConsoleRoutes(assets: string, page: Page | null): Route[] {
  return [
    {
      method: "GET",
      path: "/",
      answer: async () => {
        if (!page) throw new LookupError("INTERNAL");
        return await page();
      },
    },
    {
      method: "GET",
      path: "/assets/{file}",
      answer: (exchange, { file = "" }) => sendAsset(exchange, assets, file),
    },
  ];
}

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** A name with the hash of its content in it, as the build gives them. */
const HASHED = /^[\w-]+-[\w-]{8}\.(css|js|svg)$/;

/** In order of preference; the build has compressed every file both ways. */
const ENCODINGS = [
  { name: "br", suffix: ".br" },
  { name: "gzip", suffix: ".gz" },
] as const;

/** Its name changes with its content, so a browser may keep it for ever. */
const FOR_EVER = "private, max-age=31536000, immutable";

async function sendAsset(exchange: Exchange, folder: string, file: string): Promise<Reply> {
  const [, extension = ""] = HASHED.exec(file) ?? [];
  const contentType = TYPES[extension];
  if (contentType === undefined) throw new LookupError("NOT_FOUND");
  const accepted = exchange.request.headers["accept-encoding"] ?? "";
  const encoding = ENCODINGS.find(({ name }) => accepts(accepted, name));
  const bytes = await readFile(join(folder, `${file}${encoding?.suffix ?? ".gz"}`)).catch(() => null);
  if (bytes === null) throw new LookupError("NOT_FOUND");
  return {
    status: 200,
    headers: {
      "content-type": contentType,
      "cache-control": FOR_EVER,
      vary: "Accept-Encoding",
      ...(encoding && { "content-encoding": encoding.name }),
    },
    body: (encoding ? bytes : gunzipSync(bytes)).toString("base64"),
    isBase64Encoded: true,
  };
}

/** Whether `Accept-Encoding` admits it, by name and not with a weight of nought. */
function accepts(header: string, encoding: string): boolean {
  return header.split(",").some((part) => {
    const [name = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
