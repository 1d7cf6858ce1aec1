import type { Environment } from "../config/environment.ts";

/** Where people sign in to the console. */
export interface SignIn {
  issuer: string;
  clientId: string;
  /** Separated by spaces. */
  scopes: string;
  /** Further origins that the page may connect to: token endpoints that are not on the issuer's host. */
  connectOrigins: readonly string[];
}

export interface ConsoleConfig {
  /** `null` where nobody signs in: on a developer's machine. */
  signIn: SignIn | null;
}

const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const LOOPBACK = new Set(["localhost", "127.0.0.1"]);

/** Every fault of the environment at once, none with a value. */
export function readConsoleConfig(
  env: Environment,
): { config: ConsoleConfig; faults: null } | { config: null; faults: readonly string[] } {
  const text = (name: string) => env[name]?.trim() ?? "";
  const issuer = text("CONSOLE_ISSUER");
  if (issuer === "") return { config: { signIn: null }, faults: null };
  const clientId = text("CONSOLE_CLIENT_ID");
  const scopes = text("CONSOLE_SCOPES")
    .split(/[\s,]+/)
    .filter(Boolean);
  const connectOrigins = text("CONSOLE_CONNECT_ORIGINS")
    .split(/[\s,]+/)
    .filter(Boolean);
  const faults: string[] = [];
  if (!isSafeUrl(issuer)) faults.push("CONSOLE_ISSUER must be an https URL");
  if (!/^[\x21-\x7e]{1,255}$/.test(clientId)) faults.push("CONSOLE_CLIENT_ID must be a client ID");
  if (!scopes.every((scope) => SCOPE.test(scope))) faults.push("CONSOLE_SCOPES must be a list of scopes");
  if (!connectOrigins.every((origin) => isSafeUrl(origin) && new URL(origin).origin === origin)) {
    faults.push("CONSOLE_CONNECT_ORIGINS must be a list of origins such as https://login.example.com");
  }
  if (faults.length > 0) return { config: null, faults };
  // Without this scope it is no OpenID Connect.
  const all = [...new Set(["openid", ...scopes])].join(" ");
  return { config: { signIn: { issuer, clientId, scopes: all, connectOrigins } }, faults: null };
}

/** Over TLS, or on this machine; nothing in it that would be more than an address in a policy. */
function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || /[\s;,'"*]/.test(text) || url.username !== "" || url.search !== "" || url.hash !== "")
    return false;
  return url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.has(url.hostname));
}
