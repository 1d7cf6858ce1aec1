import { type Config, readConfig } from "../config.ts";
import type { Environment } from "../environment.ts";
import { asLookupError } from "../errors.ts";
import { describeCause } from "../observe/log.ts";
import type { Endpoint, FetchSecret, Profile } from "../ports.ts";
import { parseWorkspaceSecret } from "../secrets/workspace-secret.ts";
import type { Network } from "./network.ts";
import { type Finding, failed, ok } from "./report.ts";

const SECRET_MS = 5000;
const CERTIFICATE_WARNING_MS = 14 * 86_400_000;

/** A finding, and what the next step needs; `null` when there is no going on. */
export type Step<T> = readonly [Finding, T | null];

export function checkEnvironment(env: Environment): Step<Config> {
  const { config, faults } = readConfig(env);
  if (!config)
    return [
      failed("environment", faults.join("; "), "Set these variables as the README's table says."),
      null,
    ];
  return [ok("environment", `secret source: ${config.secretsSource}`), config];
}

export async function checkSecret(
  config: Config,
  wanted: string | null,
  fetchSecret: FetchSecret,
  wallNow: number,
): Promise<Step<Profile>> {
  try {
    const signal = AbortSignal.timeout(SECRET_MS);
    const text = await fetchSecret(config.workspaceSecretId, { signal, fresh: true });
    const profiles = parseWorkspaceSecret(text, config.workspaceEndpoint);
    const profile = profiles.byName.get(wanted ?? profiles.defaultName);
    if (!profile) {
      return [
        failed(
          "secret",
          "The secret has no such profile.",
          `It has: ${[...profiles.byName.keys()].join(", ")}.`,
        ),
        null,
      ];
    }
    if (profile.expiresAt !== null && profile.expiresAt <= wallNow) {
      return [
        failed("secret", "expires_at has passed.", "Put fresh temporary credentials into the secret."),
        null,
      ];
    }
    return [ok("secret", `readable and valid; ${profiles.byName.size} profile(s)`), profile];
  } catch (thrown) {
    const error = asLookupError(thrown);
    const mend =
      error.code === "SECRET_INVALID"
        ? "Mend these fields of the secret; see the README's section on the secret."
        : "Check the secret's name, the region, and that this function may call secretsmanager:GetSecretValue (and kms:Decrypt on its key).";
    const cause = error.cause === undefined ? "" : ` (${describeCause(error.cause)})`;
    return [failed("secret", `${error.detail}${cause}`, mend), null];
  }
}

export async function checkDns({ hostname }: Endpoint, network: Network): Promise<Step<true>> {
  try {
    const addresses = await network.resolve(hostname);
    return [ok("dns", `${hostname} has ${addresses.length} address(es)`), true];
  } catch (error) {
    const detail = `${hostname} cannot be resolved (${reasonOf(error)}).`;
    return [
      failed(
        "dns",
        detail,
        "Check region and endpoint in the secret, and that the function's network resolves public names.",
      ),
      null,
    ];
  }
}

export async function checkTls(endpoint: Endpoint, network: Network, wallNow: number): Promise<Step<true>> {
  if (endpoint.protocol === "http:") return [ok("tls", "not used: the endpoint is http on loopback"), true];
  try {
    const { certificateEndsAt } = await network.handshake(endpoint);
    const days = Math.floor((certificateEndsAt - wallNow) / 86_400_000);
    if (certificateEndsAt - wallNow < CERTIFICATE_WARNING_MS) {
      return [
        failed("tls", `The certificate ends in ${days} day(s).`, "Renew the certificate of the endpoint."),
        true,
      ];
    }
    return [ok("tls", `trusted; the certificate ends in ${days} days`), true];
  } catch (error) {
    const detail = `${endpoint.host} cannot be reached safely (${reasonOf(error)}).`;
    return [
      failed(
        "tls",
        detail,
        "Check route and firewall to port 443; a private certificate authority needs NODE_EXTRA_CA_CERTS.",
      ),
      null,
    ];
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
