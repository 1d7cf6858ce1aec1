import { parseDocument } from "yaml";
import { parseAccessPolicy } from "../src/access/policy.ts";
import { readChatConfig } from "../src/chat/config.ts";
import { readConfig } from "../src/config/config.ts";
import { readConsoleConfig } from "../src/console/config.ts";
import { readWatchConfig } from "../src/watch/config.ts";

/** What a value must be, in words that continue its parameter's name; `null` when it is. */
export type Check = (value: string) => string | null;

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const MAX_TAGS = 49; // AWS allows 50, and the deployment adds one of its own.
const MAX_AUDIENCES = 50;
const MAX_SUBNETS = 16;
const MAX_SECURITY_GROUPS = 5;

const KMS_KEY = matches(
  /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
  "must be the ARN of a KMS key (arn:aws:kms:<region>:<account>:key/<ID>), not of an alias",
);

// With the six characters that Secrets Manager appends: a policy that names the ARN without them allows nothing.
const SECRET = matches(
  /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}$/,
  "must be the whole ARN of a secret, its last six characters too",
);

/** A check for each parameter of serverless.yml, so that what cannot be read is not deployed. */
export const CHECKS: Readonly<Record<string, Check>> = {
  workspaceSecretArn: SECRET,
  secretKmsKeyArn: KMS_KEY,
  secretsExtensionLayerArn: matches(
    /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:layer:[\w-]+:\d+$/,
    "must be the ARN of a layer's version",
  ),
  authorization: oneOf("iam", "jwt"),
  jwtIssuer: (value) => (isHttpsUrl(value) ? null : "must be the https URL of the tokens' issuer"),
  jwtAudience: list(/^[\x21-\x2b\x2d-\x7e]+$/, MAX_AUDIENCES, "audiences of the tokens, without spaces"),
  corsOrigins: variable("CORS_ORIGINS"),
  workspaceEndpoint: variable("WORKSPACE_ENDPOINT"),
  secretTtlSeconds: variable("SECRET_TTL_SECONDS"),
  resultTtlSeconds: variable("RESULT_TTL_SECONDS"),
  requestBudgetMs: variable("REQUEST_BUDGET_MS"),
  batchConcurrency: variable("BATCH_CONCURRENCY"),
  accessPolicy: policy,
  accessPolicyFile: matches(/./, "must be the path of a file"),
  logLevel: variable("LOG_LEVEL"),
  memorySize: integer(128, 10_240),
  // The gateway waits no longer than 30 seconds.
  timeoutSeconds: integer(1, 29),
  reservedConcurrency: (value) =>
    value === "off" || integer(1, 1000)(value) === null
      ? null
      : "must be off or a whole number from 1 to 1000",
  throttleRate: integer(1, 10_000),
  throttleBurst: integer(1, 5000),
  logRetentionDays: retention,
  logKmsKeyArn: KMS_KEY,
  auditLogRetentionDays: retention,
  alarmEmail: (value) => (isEmail(value) ? null : "must be one e-mail address"),
  alarmTopicArn: matches(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, "must be the ARN of an SNS topic"),
  alarmP99Ms: integer(1, 900_000),
  alarmKeyHours: integer(1, 24),
  chatSecretArn: SECRET,
  chatLanguage: chatVariable("CHAT_LANGUAGE"),
  chatTimeZone: chatVariable("CHAT_TIME_ZONE"),
  chatReplyHosts: chatVariable("CHAT_REPLY_HOSTS"),
  console: oneOf("on", "off"),
  consoleClientId: signIn("CONSOLE_CLIENT_ID"),
  consoleScopes: signIn("CONSOLE_SCOPES"),
  consoleConnectOrigins: signIn("CONSOLE_CONNECT_ORIGINS"),
  docsAuthorization: oneOf("api", "none"),
  sweep: oneOf("on", "off"),
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  sweepBucket: matches(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be the name of an S3 bucket"),
  watch: oneOf("on", "off"),
  watchSecretArn: SECRET,
  watchProfiles: watchVariable("WATCH_PROFILES"),
  watchMinutes: watchVariable("WATCH_MINUTES"),
  watchCallsPerMinute: watchVariable("WATCH_CALLS_PER_MINUTE"),
  watchRetentionDays: watchVariable("WATCH_RETENTION_DAYS"),
  watchEventBusArn: matches(
    /^arn:aws[a-z-]*:events:[a-z0-9-]+:\d{12}:event-bus\/[\w./-]{1,256}$/,
    "must be the ARN of an EventBridge bus",
  ),
  watchEventBusHideUsers: watchVariable("WATCH_EVENT_BUS_HIDE_USERS"),
  permissionsBoundaryArn: matches(
    /^arn:aws[a-z-]*:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]+$/,
    "must be the ARN of an IAM policy",
  ),
  tags,
  vpcSubnetIds: list(/^subnet-[0-9a-f]{8,17}$/, MAX_SUBNETS, "subnet IDs such as subnet-0123456789abcdef0"),
  vpcSecurityGroupIds: list(
    /^sg-[0-9a-f]{8,17}$/,
    MAX_SECURITY_GROUPS,
    "security group IDs such as sg-0123456789abcdef0",
  ),
  customDomain: matches(
    /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/,
    "must be a host name in lower case, such as unbindings.example.com",
  ),
  customDomainCertificateArn: matches(
    /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/,
    "must be the ARN of an ACM certificate",
  ),
  confirmRemoval: oneOf("yes", "no"),
};

/** The same parser as at run time: what it refuses would answer every call with an error. */
function policy(value: string): string | null {
  const { faults } = parseAccessPolicy(value);
  if (faults === null && hasKeyTwice(value)) return "has a key twice";
  return faults?.map((fault) => (/^[.[]/.test(fault) ? `at ${fault}` : fault)).join("; ") ?? null;
}

/** JSON would take the last one, and drop what the first one says. */
function hasKeyTwice(json: string): boolean {
  return parseDocument(json).errors.some(({ code }) => code === "DUPLICATE_KEY");
}

function variable(name: string): Check {
  return (value) => faultOf(name, readConfig({ WORKSPACE_SECRET_ID: "given", [name]: value }).faults);
}

function chatVariable(name: string): Check {
  return (value) => faultOf(name, readChatConfig({ CHAT_SECRET_ID: "given", [name]: value }).faults);
}

/** As the function `console` would read it. */
function signIn(name: string): Check {
  const given = { CONSOLE_ISSUER: "https://given.example", CONSOLE_CLIENT_ID: "given" };
  return (value) => faultOf(name, readConsoleConfig({ ...given, [name]: value }).faults);
}

function watchVariable(name: string): Check {
  return (value) => faultOf(name, readWatchConfig({ LEDGER_TABLE: "given", [name]: value }).faults);
}

function faultOf(name: string, faults: readonly string[] | null): string | null {
  return faults?.map((fault) => fault.replace(name, "").trim()).join("; ") ?? null;
}

function matches(form: RegExp, fault: string): Check {
  return (value) => (form.test(value) ? null : fault);
}

/** One address, whose host has a dot within. */
function isEmail(value: string): boolean {
  const [, host = ""] = /^[^\s@,]+@([^\s@,]+)$/.exec(value) ?? [];
  return host.slice(1, -1).includes(".");
}

function oneOf(...allowed: readonly string[]): Check {
  return (value) => (allowed.includes(value) ? null : `must be ${allowed.join(" or ")}`);
}

function integer(min: number, max: number): Check {
  return (value) =>
    /^(?:0|[1-9]\d{0,8})$/.test(value) && Number(value) >= min && Number(value) <= max
      ? null
      : `must be a whole number from ${min} to ${max}`;
}

function retention(value: string): string | null {
  return RETENTION_DAYS.map(String).includes(value)
    ? null
    : `must be one of the numbers that CloudWatch Logs takes: ${RETENTION_DAYS.join(", ")}`;
}

function list(form: RegExp, max: number, what: string): Check {
  return (value) => {
    const items = itemsOf(value);
    const isList = items.length <= max && items.every((item) => form.test(item));
    return isList && new Set(items).size === items.length
      ? null
      : `must be at most ${max} different ${what}, separated by commas`;
  };
}

/** The parts of a comma-separated list. */
export function itemsOf(value: string): string[] {
  return value === "" ? [] : value.split(",").map((item) => item.trim());
}

/** The tags of `key=value,key=value`. */
export function tagsOf(value: string): [key: string, value: string][] {
  return itemsOf(value).map((item) => {
    const [key = "", ...rest] = item.split("=");
    return [key.trim(), rest.join("=").trim()];
  });
}

// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
const TAG = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u;

function tags(value: string): string | null {
  const given = tagsOf(value);
  const isEachOne = given.every(
    ([key, text]) =>
      TAG.test(key) && key.length <= 128 && !/^aws:/i.test(key) && TAG.test(text) && text.length <= 256,
  );
  const areDifferent = new Set(given.map(([key]) => key)).size === given.length;
  return isEachOne && areDifferent && given.length <= MAX_TAGS
    ? null
    : "must be tags such as team=desktops,cost-center=1234, each key once and none that begins with aws:";
}

function isHttpsUrl(value: string): boolean {
  return URL.canParse(value) && new URL(value).protocol === "https:" && !/[\s?#;,'"*]/.test(value);
}
