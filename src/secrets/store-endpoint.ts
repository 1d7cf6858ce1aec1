import { type Environment, read } from "../config/environment.ts";
import type { Endpoint } from "../net/endpoint.ts";
import { endpointOf } from "../net/endpoint.ts";

/** Where AWS Secrets Manager is, and under which path. */
export interface StoreEndpoint extends Endpoint {
  path: string;
}

/**
 * By what a region begins with: the domain of its partition, and the one that is reached by IPv6 as well where that is
 * another.
 */
const DOMAINS: readonly (readonly [begins: RegExp, domain: string, dualStack?: string])[] = [
  [/^cn-/, "amazonaws.com.cn"],
  [/^eusc-/, "amazonaws.eu", "api.amazonwebservices.eu"],
  [/^us-iso-/, "c2s.ic.gov", "api.aws.ic.gov"],
  [/^us-isob-/, "sc2s.sgov.gov", "api.aws.scloud"],
  [/^eu-isoe-/, "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"],
  [/^us-isof-/, "csp.hci.ic.gov", "api.aws.hci.ic.gov"],
];
/** Of all other regions, AWS's newest among them. */
const DOMAIN = "amazonaws.com";

/**
 * The store's endpoint as the AWS SDK finds it: configured for the service, for all services, or the region's own.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function storeEndpoint(env: Environment, region: string): StoreEndpoint {
  const isIgnored = read(env, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") === "true";
  const configured = read(env, "AWS_ENDPOINT_URL_SECRETS_MANAGER") ?? read(env, "AWS_ENDPOINT_URL");
  const url = new URL(configured === undefined || isIgnored ? regional(env, region) : configured);
  const { pathname } = url;
  return { ...endpointOf(url), path: pathname.endsWith("/") ? pathname : `${pathname}/` };
}

function regional(env: Environment, region: string): string {
  const partition = DOMAINS.find(([begins]) => begins.test(region));
  const domain = partition?.[1] ?? DOMAIN;
  const dualStack = partition?.[2] ?? domain;
  const fips = read(env, "AWS_USE_FIPS_ENDPOINT") === "true" ? "-fips" : "";
  const isDualStack = read(env, "AWS_USE_DUALSTACK_ENDPOINT") === "true";
  return `https://secretsmanager${fips}.${region}.${isDualStack ? dualStack : domain}`;
}
