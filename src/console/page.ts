import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Reply } from "../http/reply.ts";
import type { ConsoleConfig, SignIn } from "./config.ts";

export type Page = () => Promise<Reply>;

/** Where the build leaves room for the settings. */
const PLACE = "<!--settings-->";

/** The page with its settings and its policy; read once. */
export function createPage(assets: string, { signIn }: ConsoleConfig): Page {
  let html: Promise<string> | null = null;
  const headers = {
    "content-type": "text/html; charset=utf-8",
    // After a deployment its assets have other names: it is asked for at every visit.
    "cache-control": "private, no-cache",
    "content-security-policy": policyFor(signIn),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  };
  return async () => {
    html ??= readFile(join(assets, "index.html"), "utf8").then((text) =>
      text.replace(PLACE, () => settings(signIn)),
    );
    return { status: 200, headers, body: await html };
  };
}

/** Everything from here and nothing inline; connections to the API, and to where people sign in. */
function policyFor(signIn: SignIn | null): string {
  const origins = signIn ? [new URL(signIn.issuer).origin, ...signIn.connectOrigins] : [];
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${["'self'", ...new Set(origins)].join(" ")}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function settings(signIn: SignIn | null): string {
  if (!signIn) return "";
  const { issuer, clientId, scopes } = signIn;
  return Object.entries({ issuer, "client-id": clientId, scopes })
    .map(([name, value]) => `<meta name="sign-in-${name}" content="${escapeAttribute(value)}">`)
    .join("\n    ");
}

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
