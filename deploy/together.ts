import { CHECKS } from "./checks.ts";
import type { StageParameters } from "./parameters.ts";

/** What serverless.yml has where a deployment must be given something, so that packaging needs nothing. */
export const TO_BE_GIVEN = "to-be-given";

/** `chat-worker` has 20 seconds for a lookup and for sending its answer, which may take three. */
const CHAT_WORKER_BUDGET_MS = 17_000;

/** What a function needs beside its lookup: to start, to read the secret, to answer. */
const BESIDE_BUDGET_MS = 2000;

/** Everything that a deployment cannot do without and was not given. */
export function missingFrom(parameters: StageParameters): string[] {
  const needs = (name: string, what: string) => {
    const value = parameters[name] ?? "";
    const isGiven = !value.includes(TO_BE_GIVEN) && CHECKS[name]?.(value) === null;
    return isGiven ? [] : [`--param=${name}=<${what}>`];
  };
  const missing = needs(
    "workspaceSecretArn",
    "the whole ARN of the Workspace secret, its last six characters too",
  );
  if (parameters["authorization"] === "jwt") {
    missing.push(...needs("jwtIssuer", "the https URL of the tokens' issuer"));
    missing.push(...needs("jwtAudience", "the audience that the tokens are for"));
  }
  if (parameters["console"] === "on") {
    missing.push(...needs("consoleClientId", "the console's client ID at the issuer"));
  }
  if (parameters["sweep"] === "on") {
    missing.push(...needs("sweepBucket", "the name of an S3 bucket of yours in the same region"));
  }
  return missing;
}

/** Parameters that are each valid and do not go together. */
export function conflictsOf(parameters: StageParameters): string[] {
  const conflicts: string[] = [];
  const isGiven = (name: string) => (parameters[name] ?? "") !== "";
  for (const [one, other] of [
    ["vpcSubnetIds", "vpcSecurityGroupIds"],
    ["customDomain", "customDomainCertificateArn"],
  ] as const) {
    if (isGiven(one) !== isGiven(other)) conflicts.push(`${one} and ${other} must be given together`);
  }
  if (isGiven("alarmEmail") && isGiven("alarmTopicArn")) {
    conflicts.push("alarmEmail is not subscribed to a topic of yours: give it or alarmTopicArn");
  }
  if (parameters["console"] === "on" && parameters["authorization"] !== "jwt") {
    conflicts.push("console needs authorization=jwt: the page signs people in, and has no AWS credentials");
  }
  const budgetMs = Number(parameters["requestBudgetMs"]);
  if (Number(parameters["timeoutSeconds"]) * 1000 < budgetMs + BESIDE_BUDGET_MS) {
    conflicts.push("timeoutSeconds must be at least two seconds more than requestBudgetMs");
  }
  if (isGiven("chatSecretArn") && budgetMs > CHAT_WORKER_BUDGET_MS) {
    conflicts.push(`requestBudgetMs must be at most ${CHAT_WORKER_BUDGET_MS} where chat is deployed`);
  }
  return conflicts;
}

/** Used where they are: in the region of the deployment, and in no other. */
const OF_THE_REGION = [
  "workspaceSecretArn",
  "secretKmsKeyArn",
  "secretsExtensionLayerArn",
  "chatSecretArn",
  "watchSecretArn",
  "watchEventBusArn",
  "alarmTopicArn",
  "logKmsKeyArn",
  "customDomainCertificateArn",
];

// Of the services whose ARNs are given; those of IAM have no region.
const REGIONAL_ARN =
  /\barn:aws[a-z-]*:(?:secretsmanager|kms|lambda|sns|acm|events):([a-z0-9-]+):\d{12}:[\w/+=.@:-]+/g;

/** The same for a package that was made earlier, perhaps with other parameters. */
export function strayIn(template: object, region: string): string[] {
  const stray = Array.from(JSON.stringify(template).matchAll(REGIONAL_ARN)).filter(
    ([, its]) => its !== region,
  );
  return [...new Set(stray.map(([arn]) => `${arn} is not in ${region}`))];
}

/** Parameters whose ARN is of another region than the deployment. */
export function strayFrom(region: string, parameters: StageParameters): string[] {
  return OF_THE_REGION.flatMap((name) => {
    const value = parameters[name] ?? "";
    const [, , , itsRegion = region] = value.split(":");
    if (value.includes(TO_BE_GIVEN) || itsRegion === region) return [];
    return [`${name} is in ${itsRegion}, and the deployment in ${region}`];
  });
}
