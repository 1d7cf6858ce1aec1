import type { StageParameters } from "./parameters.ts";
import type { Resource } from "./template.ts";

/** What a function needs beside its entry in deploy/<name>.yml. */
export interface FunctionNeeds {
  name: string;
  /** A condition of the template, where the function is not always deployed. */
  condition?: "HasChat" | "HasAudit" | "HasConsole" | "HasWatch";
  /** Whose secrets it reads. */
  reads?: readonly ("Workspace" | "Chat")[];
  /** Further statements of deploy/permissions.yml: every function may trace, and write its own log. */
  may?: readonly string[];
  /** Whether it answers lookups: its requests are counted, and leave audit lines. */
  answers?: boolean;
}

/** Every function; a test holds the list to handlers/. */
export const FUNCTIONS: readonly FunctionNeeds[] = [
  { name: "http", reads: ["Workspace"], may: ["askLedgerIfAny"], answers: true },
  { name: "invoke", reads: ["Workspace"], may: ["askLedgerIfAny"], answers: true },
  {
    name: "chat",
    condition: "HasChat",
    reads: ["Workspace", "Chat"],
    may: ["rememberMessages", "startChatWorker"],
    answers: true,
  },
  {
    name: "chat-worker",
    condition: "HasChat",
    reads: ["Workspace", "Chat"],
    may: ["rememberMessages", "keepUnanswered"],
    answers: true,
  },
  {
    name: "doctor",
    reads: ["Workspace"],
    may: ["readChatSecretIfAny", "readWatchSecretIfAny", "readLedgerIfAny"],
  },
  { name: "docs" },
  { name: "console", condition: "HasConsole" },
  {
    name: "watch",
    condition: "HasWatch",
    reads: ["Workspace"],
    may: ["readWatchSecretIfAny", "readChatSecretIfAny", "keepLedger", "keepFailedRuns", "tellBusIfAny"],
  },
  { name: "audit", condition: "HasAudit", may: ["writeAuditLog", "keepUndelivered"] },
];

export const ANSWERING = FUNCTIONS.filter(({ answers }) => answers);

/** A function's name as the framework writes it in the names of resources. */
export function idOf({ name }: FunctionNeeds): string {
  return (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("-", "Dash");
}

/** The roles of all functions. */
export function roles(): Record<string, Resource> {
  return Object.fromEntries(FUNCTIONS.map((each) => [`${idOf(each)}Role`, roleOf(each)]));
}

function roleOf(needs: FunctionNeeds): Resource {
  const { name, condition, reads = [], may = [] } = needs;
  const secrets = reads.map((whose) => `read${whose}Secret`);
  const decrypts = reads.length > 0 ? ["decryptWorkspaceSecret"] : [];
  const writeLog = {
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: { "Fn::GetAtt": [`${idOf(needs)}LogGroup`, "Arn"] },
  };
  const statements = [
    ...[...secrets, ...decrypts, "trace"].map(permission),
    writeLog,
    ...may.map(permission),
  ];
  const document = { Version: "2012-10-17", Statement: statements };
  return {
    Type: "AWS::IAM::Role",
    ...(condition === undefined ? {} : { Condition: condition }),
    Properties: {
      AssumeRolePolicyDocument: permission("lambdaAlone"),
      Policies: [{ PolicyName: name, PolicyDocument: document }],
    },
  };
}

function permission(name: string): string {
  return `\${file(deploy/permissions.yml):${name}}`;
}

/** A function's reserved concurrency, unless it is switched off. */
export function concurrencyOf(reserved: string, parameters: StageParameters): number | object {
  return parameters["reservedConcurrency"] === "off" ? { Ref: "AWS::NoValue" } : Number(reserved);
}
