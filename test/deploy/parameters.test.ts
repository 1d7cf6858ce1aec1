import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { CHECKS } from "../../deploy/checks.ts";
import { nearest } from "../../deploy/nearest.ts";
import { readParameters, type StageParameters } from "../../deploy/parameters.ts";
import { conflictsOf, missingFrom, strayFrom } from "../../deploy/together.ts";
import {
  BOUNDARY,
  BUS,
  CERTIFICATE,
  CHAT_SECRET,
  LOG_KEY,
  SECRET,
  TOPIC,
  WATCH_SECRET,
} from "../support/variants.ts";

const configuration = readFileSync("serverless.yml", "utf8");
const defaults: Record<string, unknown> = parse(configuration, { logLevel: "error" }).params.default;
const asText = Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, String(value)]));

function read(typed: readonly string[], files: Readonly<Record<string, string>> = {}) {
  return readParameters({ defaults, typed, stage: "prod", readText: (path) => files[path] ?? null });
}

const FILE = "deploy/stages/prod.yml";
const POLICY = '[\n  { "iam": ["arn:aws:iam::111122223333:role/admin"], "profiles": ["*"] }\n]\n';
const MINIFIED = '[{"iam":["arn:aws:iam::111122223333:role/admin"],"profiles":["*"]}]';

describe("parameters", () => {
  test("have a check each, which their default passes, and no other has one", () => {
    expect(Object.keys(CHECKS).sort()).toEqual(Object.keys(defaults).sort());
    for (const [name, value] of Object.entries(asText)) {
      if (value !== "" && !value.includes("to-be-given")) expect(CHECKS[name]?.(value), name).toBeNull();
    }
  });

  test("are each used, and none that is used is missing", () => {
    const files = ["serverless.yml", ...globSync("deploy/**/*.{yml,ts}")];
    const text = files
      .filter((name) => name !== "deploy/checks.ts")
      .map((name) => readFileSync(name, "utf8"))
      .join("\n");
    const resolved = new Set([...text.matchAll(/["{]param:(\w+)/g)].map(([, name]) => name));
    const byPlugin = (name: string) => text.includes(`"${name}"`);
    for (const name of resolved) expect(Object.keys(defaults)).toContain(name);
    for (const name of Object.keys(defaults)) expect(resolved.has(name) || byPlugin(name), name).toBe(true);
  });

  test("come from the command before the stage's file before the default", () => {
    const { parameters, faults } = read(["throttleRate=7"], {
      [FILE]: "throttleRate: 8\nthrottleBurst: 9\n",
    });
    expect(faults).toEqual([]);
    expect(parameters).toEqual({ ...asText, throttleRate: "7", throttleBurst: "9" });
  });

  test("stay as they are written in the stage's file", () => {
    const { parameters, faults } = read([], {
      [FILE]: "# a comment\nsweep: on\nsweepBucket: 0123\njwtAudience: 1e3\nchatTimeZone: 'UTC' # quoted\n",
    });
    expect(faults).toEqual([]);
    expect(parameters).toMatchObject({
      sweep: "on",
      sweepBucket: "0123",
      jwtAudience: "1e3",
      chatTimeZone: "UTC",
    });
  });

  test("may be missing altogether, or be in an empty file", () => {
    expect(read([]).parameters).toEqual(asText);
    for (const empty of ["", "\n", "# nothing\n"]) expect(read([], { [FILE]: empty }).faults).toEqual([]);
  });
});

describe("a parameter that is not one", () => {
  test.each([
    ["acessPolicy", "accessPolicy"],
    ["accesspolicy", "accessPolicy"],
    ["accessPolicyfile", "accessPolicyFile"],
    ["AlarmEmial", "alarmEmail"],
    ["secretARN", "chatSecretArn"],
    ["throttlerate", "throttleRate"],
    ["__proto__", "throttleRate"],
    ["constructor", "sweepBucket"],
  ])("is refused with the nearest: %s", (typed) => {
    const { faults } = read([`${typed}=x`]);
    expect(faults).toEqual([
      expect.stringMatching(new RegExp(`^--param=${typed} is not a parameter: did you mean \\w+\\?$`)),
    ]);
  });

  test.each([
    ["acessPolicy", "accessPolicy"],
    ["accessPolciy", "accessPolicy"],
    ["alarmmail", "alarmEmail"],
    ["THROTTLERATE", "throttleRate"],
    ["sweepbuckets", "sweepBucket"],
  ])("%s is nearest to %s", (typed, name) => {
    expect(nearest(typed, Object.keys(defaults))).toBe(name);
  });

  test("is refused in the stage's file as well, with all others at once", () => {
    const { faults } = read(["acessPolicy=x", "throttleRate=many"], {
      [FILE]: "alarmMail: a@b.example\nsweep: ja\n",
    });
    expect(faults).toEqual([
      `${FILE}: alarmMail is not a parameter: did you mean alarmEmail?`,
      `${FILE}: sweep must be on or off`,
      "--param=acessPolicy is not a parameter: did you mean accessPolicy?",
      "--param=throttleRate must be a whole number from 1 to 10000",
    ]);
  });
});

describe("a value that cannot be read", () => {
  test.each([
    ["workspaceSecretArn", "workspace-unbindings"],
    ["workspaceSecretArn", SECRET.slice(0, -7)],
    ["workspaceSecretArn", `${SECRET.slice(0, -6)}??????`],
    ["workspaceSecretArn", "arn:aws:ssm:eu-central-1:111122223333:parameter/workspace-AbCdEf"],
    ["chatSecretArn", "unbindings-chat"],
    ["watch", "yes"],
    ["watchMinutes", "7"],
    ["watchCallsPerMinute", "0"],
    ["watchRetentionDays", "-1"],
    ["watchEventBusArn", "unbindings"],
    ["watchEventBusHideUsers", "perhaps"],
    ["secretKmsKeyArn", "arn:aws:kms:eu-central-1:111122223333:alias/secrets"],
    ["secretsExtensionLayerArn", "arn:aws:lambda:eu-central-1:111122223333:layer:secrets-extension"],
    ["authorization", "JWT"],
    ["authorization", "none"],
    ["jwtIssuer", "http://login.example.com"],
    ["jwtIssuer", "login.example.com"],
    ["jwtIssuer", "https://login.example.com/;script-src"],
    ["jwtAudience", "two words"],
    ["jwtAudience", "one,,other"],
    ["jwtAudience", "one,one"],
    ["console", "true"],
    ["consoleClientId", "two words"],
    ["consoleScopes", 'openid "read"'],
    ["consoleConnectOrigins", "login.example.com"],
    ["consoleConnectOrigins", "http://login.example.com"],
    ["consoleConnectOrigins", "https://a.example/path"],
    ["consoleConnectOrigins", "https://a.example; script-src *"],
    ["consoleConnectOrigins", "https://*.example.com"],
    ["docsAuthorization", "jwt"],
    ["corsOrigins", "https://console.example.com/"],
    ["corsOrigins", "https://a.example,*"],
    ["workspaceEndpoint", "workspace.example.com"],
    ["workspaceEndpoint", "http://workspace.example.com"],
    ["secretTtlSeconds", "5m"],
    ["resultTtlSeconds", "-1"],
    ["requestBudgetMs", "8s"],
    ["batchConcurrency", "21"],
    ["accessPolicy", "["],
    ["accessPolicy", "[]"],
    ["accessPolicy", '[{"iam":["role/admin"]}]'],
    ["accessPolicy", '[{"profile":["*"]}]'],
    ["accessPolicy", '[{"profiles":["lab"],"profiles":["*"]}]'],
    ["accessPolicy", `[{"iam":["arn:aws:iam::1:role/\${aws:username}"]}]`],
    ["logLevel", "verbose"],
    ["memorySize", "64"],
    ["memorySize", "1 GB"],
    ["timeoutSeconds", "30"],
    ["reservedConcurrency", "0"],
    ["reservedConcurrency", "none"],
    ["throttleRate", "0"],
    ["throttleRate", "1.5"],
    ["throttleBurst", "0x10"],
    ["logRetentionDays", "31"],
    ["auditLogRetentionDays", "forever"],
    ["logKmsKeyArn", "alias/logs"],
    ["alarmEmail", "operators"],
    ["alarmEmail", "a@example.com,b@example.com"],
    ["alarmTopicArn", "alarms"],
    ["alarmP99Ms", "fast"],
    ["chatLanguage", "de"],
    ["chatTimeZone", "Europe/Atlantis"],
    ["chatReplyHosts", "https://chat.example.com"],
    ["sweep", "true"],
    ["sweepBucket", "s3://my-bucket"],
    ["sweepBucket", "*"],
    ["permissionsBoundaryArn", "arn:aws:iam::111122223333:role/boundary"],
    ["tags", "team"],
    ["tags", "team=desktops,team=other"],
    ["tags", "aws:owner=us"],
    ["tags", "team="],
    ["tags", "team=<desktops>"],
    ["tags", Array.from({ length: 50 }, (_, index) => `tag${index}=x`).join(",")],
    ["vpcSubnetIds", "vpc-0123456789abcdef0"],
    ["vpcSubnetIds", "subnet-01234567,subnet-01234567"],
    ["vpcSecurityGroupIds", "default"],
    ["customDomain", "https://unbindings.example.com"],
    ["customDomain", "Unbindings.example.com"],
    ["customDomain", "*.example.com"],
    ["customDomainCertificateArn", "arn:aws:iam::111122223333:server-certificate/x"],
    ["confirmRemoval", "true"],
  ])("is refused: %s=%s", (name, value) => {
    expect(read([`${name}=${value}`]).faults).toEqual([expect.stringMatching(`^--param=${name} `)]);
    expect(read([], { [FILE]: `${name}: '${value}'` }).faults[0]).toMatch(`${FILE}: ${name} `);
  });

  test.each([
    ["workspaceSecretArn", SECRET.replace("arn:aws:", "arn:aws-cn:").replace("eu-central-1", "cn-north-1")],
    ["secretKmsKeyArn", LOG_KEY],
    [
      "secretsExtensionLayerArn",
      "arn:aws:lambda:eu-central-1:187925254637:layer:AWS-Parameters-and-Secrets:12",
    ],
    ["corsOrigins", "https://console.example.com, http://localhost:5173"],
    ["jwtIssuer", "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12"],
    ["jwtAudience", "unbindings, 4d53bce0-3d4f-4f06-b2f1-aaaaaaaaaaaa"],
    ["consoleScopes", "openid, offline_access api://unbindings/read"],
    [
      "consoleConnectOrigins",
      "https://a.auth.eu-central-1.amazoncognito.com, https://login.example.com:8443",
    ],
    ["docsAuthorization", "none"],
    ["workspaceEndpoint", "https://workspace.partner-cloud.example"],
    ["reservedConcurrency", "off"],
    ["tags", "team=desktops, cost-center=1234,owner=a b=c@d.example"],
    ["customDomain", "unbindings.example.com"],
    ["customDomainCertificateArn", CERTIFICATE],
    ["permissionsBoundaryArn", "arn:aws:iam::aws:policy/PowerUserAccess"],
    ["permissionsBoundaryArn", BOUNDARY],
    ["alarmTopicArn", TOPIC],
    ["chatSecretArn", CHAT_SECRET],
    ["chatReplyHosts", "chat.example.com:8443"],
    ["watchSecretArn", WATCH_SECRET],
    ["watchProfiles", "prod, lab"],
    ["watchProfiles", "*"],
    ["watchEventBusArn", BUS],
    ["accessPolicy", MINIFIED],
  ])("is not %s=%s", (name, value) => {
    expect(read([`${name}=${value}`]).faults).toEqual([]);
  });

  test("is an empty one, which a variable of the shell may be that is not set", () => {
    for (const name of Object.keys(defaults)) {
      expect(read([`${name}=`]).faults).toEqual([`--param=${name} is empty: leave it out for the default`]);
      expect(read([`${name}=  `]).faults).toEqual([`--param=${name} is empty: leave it out for the default`]);
    }
    expect(read([], { [FILE]: "accessPolicy:\n" }).faults).toHaveLength(1);
  });

  test("is no pair, one given twice, or one with a variable of the framework in it", () => {
    expect(read(["sweep"]).faults).toEqual(["--param=sweep must be --param=<name>=<value>"]);
    expect(read(["=on"]).faults).toEqual(["--param==on must be --param=<name>=<value>"]);
    expect(read(["sweep=on", "sweep=off"]).faults).toEqual(["--param=sweep is given twice"]);
    expect(read([`jwtAudience=\${env:HOME}`]).faults).toEqual(["--param=jwtAudience must not hold ${"]);
  });
});

describe("a stage's file that cannot be read", () => {
  test.each([
    ["is not YAML", "throttleRate: 7\n  throttleBurst: 8: 9\n"],
    ["with a name twice", "sweep: on\nsweep: off\n"],
    ["with a list", "- sweep: on\n"],
    ["with text alone", "sweep\n"],
    ["with a list in it", "corsOrigins:\n  - https://console.example.com\n"],
    ["with an object in it", "tags:\n  team: desktops\n"],
  ])("is refused: one %s", (_, text) => {
    expect(read([], { [FILE]: text }).faults).toEqual([expect.stringContaining(FILE)]);
  });

  test("is not passed over when it is named .yaml", () => {
    expect(read([], { "deploy/stages/prod.yaml": "accessPolicyFile: policy.json\n" }).faults).toEqual([
      "deploy/stages/prod.yaml is not read: name it deploy/stages/prod.yml",
    ]);
  });

  test("confirms no removal, since it would confirm every one", () => {
    expect(read([], { [FILE]: "confirmRemoval: yes\n" }).faults).toEqual([
      `${FILE}: confirmRemoval must be typed`,
    ]);
    expect(read(["confirmRemoval=yes"]).faults).toEqual([]);
  });
});

describe("the access policy", () => {
  test("is read from a file, checked and minified", () => {
    const { parameters, faults } = read(["accessPolicyFile=policy.json"], { "policy.json": POLICY });
    expect(faults).toEqual([]);
    expect(parameters["accessPolicy"]).toBe(MINIFIED);
    const fromStage = read([], { [FILE]: "accessPolicyFile: policy.json", "policy.json": POLICY });
    expect(fromStage.parameters["accessPolicy"]).toBe(MINIFIED);
  });

  test.each([
    ["is not there", undefined, "which is not a file that can be read"],
    ["is empty", "", "which is not JSON"],
    ["is cut off", "[\n", "which is not JSON"],
    ["has an unknown key", '[{"profile":["*"]}]', "at [0] has a key that means nothing"],
    ["admits nobody", "[]", "which is empty"],
    ["has a key twice", '[{"hide_users":true,"hide_users":false}]', "which has a key twice"],
    ["has a variable", `[{"claims":{"sub":"\${x}"}}]`, "must not hold ${"],
  ])("is refused when the file %s", (_, text, fault) => {
    const { parameters, faults } = read(
      ["accessPolicyFile=policy.json"],
      text === undefined ? {} : { "policy.json": text },
    );
    expect(faults).toEqual([expect.stringMatching(/^--param=accessPolicyFile names policy\.json, which /)]);
    expect(faults[0]).toContain(fault);
    expect(parameters["accessPolicy"]).toBe("");
  });

  test("on several lines is refused as a parameter, with the way that works", () => {
    expect(read([`accessPolicy=${POLICY}`]).faults).toEqual([
      "--param=accessPolicy has several lines: put it into a file and give its path as accessPolicyFile",
    ]);
  });

  test("that is typed replaces the one of the stage's file, whichever way each is given", () => {
    const everybody = '[{"profiles":["*"]}]';
    const files = { [FILE]: "accessPolicyFile: policy.json", "policy.json": POLICY, "other.json": everybody };
    for (const typed of [`accessPolicy=${everybody}`, "accessPolicyFile=other.json"]) {
      const { parameters, faults } = read([typed], files);
      expect([parameters["accessPolicy"], faults]).toEqual([everybody, []]);
    }
  });

  test("is refused when there are two in one place", () => {
    const { faults } = read([`accessPolicy=${MINIFIED}`, "accessPolicyFile=policy.json"], {
      "policy.json": POLICY,
    });
    expect(faults).toEqual(["--param=accessPolicyFile and accessPolicy are two policies: give one"]);
  });
});

describe("what a deployment cannot do without", () => {
  const packaged: StageParameters = asText;
  const enough: StageParameters = { ...packaged, workspaceSecretArn: SECRET };

  test("is the secret's ARN, and nothing more", () => {
    expect(missingFrom(packaged)).toEqual([expect.stringContaining("--param=workspaceSecretArn=")]);
    expect(missingFrom(enough)).toEqual([]);
  });

  test("is, for tokens, their issuer and audience as well", () => {
    const tokens = { ...enough, authorization: "jwt" };
    expect(missingFrom(tokens)).toEqual([
      expect.stringContaining("--param=jwtIssuer="),
      expect.stringContaining("--param=jwtAudience="),
    ]);
    const given = { jwtIssuer: "https://login.example.com", jwtAudience: "unbindings" };
    expect(missingFrom({ ...tokens, ...given })).toEqual([]);
  });

  test("is, for the console, a client ID as well", () => {
    const tokens = { authorization: "jwt", jwtIssuer: "https://login.example.com", jwtAudience: "a,b" };
    const page = { ...enough, ...tokens, console: "on" };
    expect(missingFrom(page)).toEqual([expect.stringContaining("--param=consoleClientId=")]);
    expect(missingFrom({ ...page, consoleClientId: "1h57kf5cpq17m0eml12EXAMPLE" })).toEqual([]);
  });

  test("is, for the sweep, a bucket as well", () => {
    const sweep = { ...enough, sweep: "on" };
    expect(missingFrom(sweep)).toEqual([expect.stringContaining("--param=sweepBucket=")]);
    expect(missingFrom({ ...sweep, sweepBucket: "my-bucket" })).toEqual([]);
  });
});

describe("parameters that do not go together", () => {
  test.each([
    [{ console: "on" }, "console needs authorization=jwt"],
    [{ vpcSubnetIds: "subnet-01234567" }, "vpcSubnetIds and vpcSecurityGroupIds must be given together"],
    [{ vpcSecurityGroupIds: "sg-01234567" }, "vpcSubnetIds and vpcSecurityGroupIds must be given together"],
    [{ customDomain: "a.example" }, "customDomain and customDomainCertificateArn must be given together"],
    [{ alarmEmail: "a@b.example", alarmTopicArn: TOPIC }, "alarmEmail is not subscribed to a topic of yours"],
    [{ requestBudgetMs: "8001" }, "timeoutSeconds must be at least two seconds more than requestBudgetMs"],
    [{ timeoutSeconds: "9" }, "timeoutSeconds must be at least two seconds more than requestBudgetMs"],
    [
      { requestBudgetMs: "17001", timeoutSeconds: "29", chatSecretArn: CHAT_SECRET },
      "requestBudgetMs must be at most 17000 where chat is deployed",
    ],
  ])("are refused: %o", (given, fault) => {
    expect(conflictsOf({ ...asText, ...given })).toEqual([expect.stringContaining(fault)]);
  });

  test("are not the defaults, nor the longest budget", () => {
    expect(conflictsOf(asText)).toEqual([]);
    expect(conflictsOf({ ...asText, requestBudgetMs: "27000", timeoutSeconds: "29" })).toEqual([]);
  });
});

describe("another region than the deployment's", () => {
  test("is found in every ARN that must be of the same", () => {
    const stray = {
      workspaceSecretArn: SECRET,
      secretKmsKeyArn: LOG_KEY,
      secretsExtensionLayerArn: "arn:aws:lambda:eu-central-1:111122223333:layer:secrets-extension:1",
      chatSecretArn: CHAT_SECRET,
      watchSecretArn: WATCH_SECRET,
      watchEventBusArn: BUS,
      alarmTopicArn: TOPIC,
      logKmsKeyArn: LOG_KEY,
      customDomainCertificateArn: CERTIFICATE,
    };
    expect(strayFrom("eu-west-1", { ...asText, ...stray })).toEqual(
      Object.keys(stray).map((name) => `${name} is in eu-central-1, and the deployment in eu-west-1`),
    );
    expect(strayFrom("eu-central-1", { ...asText, ...stray })).toEqual([]);
    const arns = Object.keys(defaults).filter(
      (name) => name.endsWith("Arn") && name !== "permissionsBoundaryArn",
    );
    expect(Object.keys(stray).sort()).toEqual(arns.sort());
  });

  test("is not the placeholder's", () => {
    expect(strayFrom("eu-west-1", asText)).toEqual([]);
  });
});
