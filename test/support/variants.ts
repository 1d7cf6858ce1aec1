import type { Parameters } from "./packaged.ts";

export const SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:workspace-unbindings-AbCdEf";
export const CHAT_SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:unbindings-chat-AbCdEf";
export const WATCH_SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:unbindings-watch-AbCdEf";
export const BUS = "arn:aws:events:eu-central-1:111122223333:event-bus/unbindings";
export const LOG_KEY = "arn:aws:kms:eu-central-1:111122223333:key/0b1c2d3e-0000-4000-8000-000000000000";
export const BOUNDARY = "arn:aws:iam::111122223333:policy/boundary";
export const TOPIC = "arn:aws:sns:eu-central-1:111122223333:alarms";
export const CERTIFICATE =
  "arn:aws:acm:eu-central-1:111122223333:certificate/0b1c2d3e-0000-4000-8000-000000000000";

const company: Parameters = {
  logKmsKeyArn: LOG_KEY,
  permissionsBoundaryArn: BOUNDARY,
  tags: "team=desktops,cost-center=1234",
  vpcSubnetIds: "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
  vpcSecurityGroupIds: "sg-0123456789abcdef0",
  customDomain: "unbindings.example.com",
  customDomainCertificateArn: CERTIFICATE,
};
const chat: Parameters = { chatSecretArn: CHAT_SECRET };
const sweep: Parameters = { sweep: "on", sweepBucket: "desktops-of-example-com" };
const watch: Parameters = { watch: "on", watchSecretArn: WATCH_SECRET, watchEventBusArn: BUS };
const audit: Parameters = { auditLogRetentionDays: "400" };
const tokens: Parameters = {
  authorization: "jwt",
  jwtIssuer: "https://login.example.com/tenant",
  jwtAudience: "unbindings",
  corsOrigins: "https://console.example.com",
};

const page: Parameters = { ...tokens, console: "on", consoleClientId: "unbindings-console" };

/** Sets of parameters that together deploy everything that can be deployed, each part alone and all at once. */
export const VARIANTS = {
  plain: {},
  tokens,
  chat,
  page,
  sweep,
  watch,
  audit,
  "own topic": { alarmTopicArn: TOPIC },
  "with an address": { alarmEmail: "operators@example.com" },
  unreserved: { reservedConcurrency: "off" },
  company,
  everything: {
    ...company,
    ...chat,
    ...sweep,
    ...watch,
    ...audit,
    ...tokens,
    ...page,
    alarmEmail: "operators@example.com",
  },
} as const satisfies Record<string, Parameters>;

export type VariantName = keyof typeof VARIANTS;
