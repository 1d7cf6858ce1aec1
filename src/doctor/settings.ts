import type { Config } from "../config/config.ts";
import { type Environment, read } from "../config/environment.ts";
import type { FetchSecret } from "../secrets/fetch-secret.ts";
import type { Profile } from "../workspace/profile.ts";
import { type Finding, failed, ok, warning } from "./report.ts";

/** What works, but not as operators would want it if they knew. */

const SECRET_MS = 5000;
const EXPIRY_WARNING_MS = 86_400_000;

/**
 * Office 365 connectors are gone, and so are the first addresses of Power Automate flows, since 2025-11-30.
 *
 * @see https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 */
const NO_LONGER_SERVED =
  /^(?:[\w-]+\.)*(?:logic\.azure\.com|webhook\.office\.com|outlook\.office(?:365)?\.com)(?::\d+)?$/i;

const NEW_FLOW =
  "In Teams, open the flow (Workflows) and copy its new address, on environment.api.powerplatform.com.";

export function checkAccess(env: Environment, { accessPolicy }: Config): Finding {
  if (read(env, "ACCESS_POLICY") !== undefined) return ok("access", `${accessPolicy.length} rule(s)`);
  return warning(
    "access",
    "There is no access policy: everybody whom the gateway admits may ask about the default profile, and sees who was unbound.",
    "Say who may ask for what with the parameter accessPolicy.",
  );
}

/** By profile, never by key. */
export function checkKeys(profiles: Iterable<Profile>, wallNow: number): Finding {
  const all = [...profiles];
  const sharing = [...Map.groupBy(all, ({ accessKey }) => accessKey).values()].filter(
    ({ length }) => length > 1,
  );
  if (sharing.length > 0) {
    const groups = sharing.map((group) => group.map(({ name }) => name).join(", ")).join("; ");
    return warning(
      "keys",
      `Profiles share a key: ${groups}. They share its quota of 200 calls a minute and its locks.`,
      "Make an IAM user with a key of its own for each profile.",
    );
  }
  const ending = all.filter(({ expiresAt }) => expiresAt !== null && expiresAt - wallNow < EXPIRY_WARNING_MS);
  if (ending.length > 0) {
    return warning(
      "keys",
      `Temporary keys expire within a day, or have expired: ${ending.map(({ name }) => name).join(", ")}.`,
      "Put newer ones into the secret, or make sure that something renews them.",
    );
  }
  return ok("keys", "each profile has its own");
}

/** Addresses of Teams that nobody answers at any more: in the chat secret and among the hosts for replies. */
export async function checkChat(env: Environment, fetchSecret: FetchSecret): Promise<Finding> {
  const gone = (read(env, "CHAT_REPLY_HOSTS") ?? "")
    .split(",")
    .filter((host) => NO_LONGER_SERVED.test(host.trim()))
    .map(() => "CHAT_REPLY_HOSTS");
  const secretId = read(env, "CHAT_SECRET_ID");
  if (secretId !== undefined) {
    try {
      const text = await fetchSecret(secretId, { signal: AbortSignal.timeout(SECRET_MS), fresh: true });
      gone.push(...placesIn(JSON.parse(text), ""));
    } catch {
      return failed(
        "chat",
        "The chat secret cannot be read.",
        "Check CHAT_SECRET_ID, and that it holds JSON.",
      );
    }
  }
  if (gone.length > 0) {
    return warning("chat", `Addresses of Teams that are no longer served: ${gone.join(", ")}.`, NEW_FLOW);
  }
  return ok("chat", secretId === undefined ? "not configured" : "its secret is readable");
}

/** Where in the secret such an address is. The address itself is a key. */
function placesIn(value: unknown, path: string): string[] {
  if (typeof value === "string") {
    return URL.canParse(value) && NO_LONGER_SERVED.test(new URL(value).host) ? [path] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    placesIn(inner, path === "" ? key : `${path}.${key}`),
  );
}
