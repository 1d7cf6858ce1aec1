import { type Config, readConfig } from "../config/config.ts";
import type { Environment } from "../config/environment.ts";
import { asLookupError } from "../contract/errors.ts";
import type { Endpoint } from "../net/endpoint.ts";
import { faultOf } from "../net/transport-fault.ts";
import { describeCause } from "../observe/log.ts";
import type { FetchSecret } from "../secrets/fetch-secret.ts";
import { invalidSecret, type ProfileSet, parseWorkspaceSecret } from "../secrets/workspace-secret.ts";
import type { Profile } from "../workspace/profile.ts";
import type { Network } from "./network.ts";
import { type Finding, failed, ok } from "./report.ts";

const SECRET_MS = 5000;
const CERTIFICATE_WARNING_MS = 14 * 86_400_000;

/** A finding, and what the next step needs; `null` when there is no going on. */
export type Step<T> = readonly [Finding, T | null];

/** @param source Where secrets come from, if it is not the configured store. */
export function checkEnvironment(env: Environment, source: string | undefined): Step<Config> {
  const { config, faults } = readConfig(env);
  if (!config)
    return [
      failed(
        "environment",
        faults.join("; "),
        "Set them: on AWS as parameters of the deployment, elsewhere as the README says of real credentials.",
      ),
      null,
    ];
  return [ok("environment", `secret source: ${source ?? config.secretsSource}`), config];
}

/** The profile that is examined, and all that the secret holds. */
export interface Opened {
  profile: Profile;
  profiles: ProfileSet;
}

export async function checkSecret(
  config: Config,
  wanted: string | null,
  fetchSecret: FetchSecret,
  wallNow: number,
): Promise<Step<Opened>> {
  try {
    const signal = AbortSignal.timeout(SECRET_MS);
    const text = await fetchSecret(config.workspaceSecretId, { signal, fresh: true });
    const profiles = parseWorkspaceSecret(text, config.workspaceEndpoint);
    const name = wanted ?? profiles.defaultName;
    const profile = profiles.byName.get(name);
    const faults = profiles.faulty.get(name);
    if (faults) throw invalidSecret(faults);
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
    return [ok("secret", `readable and valid; ${profiles.byName.size} profile(s)`), { profile, profiles }];
  } catch (thrown) {
    const error = asLookupError(thrown);
    if (error.code === "SECRET_INVALID") {
      const mend = "Mend the secret; the README shows, under real credentials, what it must look like.";
      return [failed("secret", error.detail, mend), null];
    }
    const cause = describeCause(error.cause);
    return [failed("secret", `Not to be had: ${cause}`, mendOf(cause)), null];
  }
}

/** What to do about a secret that is not given, by what the store or the SDK says of it; the first that fits. */
const MENDS: readonly (readonly [RegExp, string])[] = [
  [/ENOENT|EACCES|EISDIR/, "Check the path in WORKSPACE_SECRET_FILE, and that you may read it."],
  [/ResourceNotFound/, "Check the name or ARN in WORKSPACE_SECRET_ID, and that it is of this AWS region."],
  [/marked (?:for deletion|deleted)/, "Restore the secret, or name another in WORKSPACE_SECRET_ID."],
  [
    /AccessDenied|KMS|Decrypt/,
    "Allow secretsmanager:GetSecretValue on the secret, and kms:Decrypt if it has a key of its own.",
  ],
  [
    /Credential|UnrecognizedClient|InvalidClientTokenId|ExpiredToken|InvalidSignature/,
    "Give valid AWS credentials: the function's role on AWS, AWS_PROFILE elsewhere.",
  ],
  [/Region/, "Set AWS_REGION, or AWS_PROFILE to a profile that has one."],
];

function mendOf(cause: string): string {
  const found = MENDS.find(([said]) => said.test(cause));
  return found?.[1] ?? "Check the network to AWS Secrets Manager, then run the doctor again.";
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
    const reason = reasonOf(error);
    const finding =
      faultOf(error as NodeJS.ErrnoException, false).kind === "tls"
        ? failed(
            "tls",
            `The certificate of ${endpoint.host} is not trusted (${reason}).`,
            "Find out who answers there. A private certificate authority needs NODE_EXTRA_CA_CERTS.",
          )
        : failed(
            "tls",
            `${endpoint.host} cannot be reached (${reason}).`,
            `Check the endpoint, and route and firewall to port ${endpoint.port}.`,
          );
    return [finding, null];
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
