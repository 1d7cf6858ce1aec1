import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { FUNCTIONS } from "../../deploy/functions.ts";
import { TAGGED_BY_LIST, TAGGED_BY_MAP } from "../../deploy/options.ts";
import { PARTS } from "../../deploy/removal.ts";
import { settle } from "../../deploy/settle.ts";
import { ofType, type Template } from "../../deploy/template.ts";
import { faultsOf, tagsOfType } from "../support/cloudformation.ts";
import { packageTemplates } from "../support/packaged.ts";
import { BOUNDARY, CERTIFICATE, LOG_KEY, VARIANTS, type VariantName } from "../support/variants.ts";

let packaged: Record<VariantName, Template & { stackTags: unknown }>;
const names = Object.keys(VARIANTS) as VariantName[];
/** As CloudFormation acts on it. */
const deployed = (name: VariantName) => settle(packaged[name]);
const idsOf = (name: VariantName) => Object.keys(deployed(name).Resources);

beforeAll(async () => {
  packaged = await packageTemplates(VARIANTS);
}, 480_000);

describe.each(names)("the template of %s", (name) => {
  test("is what CloudFormation's specification allows", () => {
    expect(faultsOf(deployed(name))).toEqual([]);
  });

  test("fits into what CloudFormation takes", () => {
    expect(JSON.stringify(packaged[name]).length).toBeLessThan(1_000_000);
    expect(Object.keys(packaged[name].Resources).length).toBeLessThan(500);
  });

  test("gives every function a role of its own that may write its own log and trace", () => {
    for (const [id, { Properties }] of ofType(deployed(name), "AWS::Lambda::Function")) {
      const [role] = Properties?.["Role"]["Fn::GetAtt"] ?? [];
      expect(role, id).toBe(id.replace(/LambdaFunction$/, "Role"));
      const [policy] = deployed(name).Resources[role]?.Properties?.["Policies"] ?? [];
      for (const statement of [
        { Effect: "Allow", Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource: "*" },
        {
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: { "Fn::GetAtt": [id.replace(/LambdaFunction$/, "LogGroup"), "Arn"] },
        },
      ]) {
        expect(policy.PolicyDocument.Statement, id).toContainEqual(statement);
      }
    }
  });

  test("lets queues and topics be used over TLS alone", () => {
    const { Resources } = deployed(name);
    const policies = Object.values(Resources).filter(({ Type }) => /::(?:Queue|Topic)Policy$/.test(Type));
    for (const [id] of [
      ...ofType(deployed(name), "AWS::SQS::Queue"),
      ...ofType(deployed(name), "AWS::SNS::Topic"),
    ]) {
      const its = policies.filter(({ Properties }) =>
        [...(Properties?.["Queues"] ?? []), ...(Properties?.["Topics"] ?? [])].some(({ Ref }) => Ref === id),
      );
      const statements = its.flatMap(({ Properties }) => Properties?.["PolicyDocument"].Statement);
      expect(statements, id).toContainEqual(
        expect.objectContaining({
          Effect: "Deny",
          Principal: "*",
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        }),
      );
    }
  });

  test("knows how each resource that can be tagged takes its tags", () => {
    for (const type of new Set(Object.values(packaged[name].Resources).map(({ Type }) => Type))) {
      const how = TAGGED_BY_LIST.includes(type) ? "list" : TAGGED_BY_MAP.includes(type) ? "map" : null;
      expect(how, type).toBe(tagsOfType(type));
    }
  });

  test("has an alarm topic that CloudWatch may publish to, or none of its own", () => {
    const topics = ofType(deployed(name), "AWS::SNS::Topic");
    const policies = ofType(deployed(name), "AWS::SNS::TopicPolicy");
    expect(policies).toHaveLength(topics.length);
    for (const [, { Properties }] of policies) {
      expect(Properties?.["PolicyDocument"].Statement[0]).toMatchObject({
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
      });
    }
  });
});

describe("what a deployment without an option would delete", () => {
  // What holds nothing and can be made again: it follows another parameter, or watches what is deleted.
  const REPLACEABLE =
    /^(?:AlarmTopic|AlarmTopicPolicy|AlarmEmail|PreflightRoute|Protected\w+Route|HttpApiAuthorizerCallers)$/;
  const WATCHING = /^AWS::(?:CloudWatch::Alarm|Logs::MetricFilter)$/;

  test.each(names)("belongs to a part that must be confirmed, or can be made again: %s", (name) => {
    const kept = idsOf("plain");
    const removed = Object.entries(deployed(name).Resources).filter(
      ([id, { Type }]) => !kept.includes(id) && !REPLACEABLE.test(id) && !WATCHING.test(Type),
    );
    expect(removed.map(([id]) => id).filter((id) => !PARTS.some(({ ids }) => ids.test(id)))).toEqual([]);
  });

  test.each([
    ["chat", "chat"],
    ["sweep", "the sweep"],
    ["page", "the console"],
    ["watch", "the watch and its ledger"],
    ["audit", "the audit log"],
    ["company", "the custom domain"],
  ] as const)("%s is a part", (name, part) => {
    const { ids } = PARTS.find((each) => each.name === part) ?? { ids: /$^/ };
    expect(idsOf(name).filter((id) => ids.test(id)).length).toBeGreaterThan(0);
    expect(idsOf("plain").filter((id) => ids.test(id))).toEqual([]);
  });
});

describe("an option of a company", () => {
  const everything = () => ofType.bind(null, deployed("everything"));

  test("is off unless it is given", () => {
    const text = JSON.stringify(deployed("plain"));
    expect(text).not.toMatch(/KmsKeyId|PermissionsBoundary|"Tags"|VpcConfig|ec2:|DomainName|Subscription/);
    expect(packaged.plain.stackTags).toEqual({});
  });

  test("a key encrypts every log group", () => {
    const groups = everything()("AWS::Logs::LogGroup");
    expect(groups.length).toBe(12);
    for (const [id, { Properties }] of groups) expect(Properties?.["KmsKeyId"], id).toBe(LOG_KEY);
  });

  test("a boundary is on every role", () => {
    const roles = everything()("AWS::IAM::Role");
    expect(roles.length).toBe(11);
    for (const [id, { Properties }] of roles) expect(Properties?.["PermissionsBoundary"], id).toBe(BOUNDARY);
  });

  test("tags are on the stack and on every resource that takes them", () => {
    const tags = { team: "desktops", "cost-center": "1234" };
    expect(packaged.everything.stackTags).toEqual(tags);
    for (const [id, { Type, Properties }] of Object.entries(deployed("everything").Resources)) {
      const how = tagsOfType(Type);
      if (how === "map") expect(Properties?.["Tags"], id).toEqual(tags);
      if (how === "list") {
        expect(Properties?.["Tags"], id).toEqual(
          Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        );
      }
    }
  });

  test("a network takes every function, whose role may attach it and whose code may not", () => {
    const template = deployed("everything");
    const functions = ofType(template, "AWS::Lambda::Function");
    expect(functions.length).toBe(9);
    for (const [id, { Properties }] of functions) {
      expect(Properties?.["VpcConfig"], id).toEqual({
        SubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        SecurityGroupIds: ["sg-0123456789abcdef0"],
      });
      const role = template.Resources[Properties?.["Role"]["Fn::GetAtt"][0]];
      const vpc = role?.Properties?.["Policies"].find(
        ({ PolicyName }: { PolicyName: string }) => PolicyName === "vpc",
      );
      const [allow, deny, ...rest] = vpc.PolicyDocument.Statement;
      expect(rest).toEqual([]);
      expect(allow).toMatchObject({ Effect: "Allow", Resource: "*" });
      expect(allow.Action).toEqual(
        expect.arrayContaining([
          "ec2:CreateNetworkInterface",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DeleteNetworkInterface",
        ]),
      );
      expect(deny).toEqual({
        Effect: "Deny",
        Action: allow.Action,
        Resource: "*",
        Condition: {
          ArnEquals: {
            "lambda:SourceFunctionArn": {
              "Fn::Sub": `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${Properties?.["FunctionName"]}`,
            },
          },
        },
      });
    }
    expect(JSON.stringify(template.Resources["SweepRole"])).not.toContain("ec2:");
  });

  test("a domain leads to the API with TLS 1.2, and says where its record must lead", () => {
    const { Resources, Outputs } = deployed("company");
    expect(Resources["Domain"]?.Properties).toMatchObject({
      DomainName: "unbindings.example.com",
      DomainNameConfigurations: [
        { CertificateArn: CERTIFICATE, EndpointType: "REGIONAL", SecurityPolicy: "TLS_1_2" },
      ],
    });
    expect(Resources["DomainMapping"]?.Properties).toEqual({
      ApiId: { Ref: "HttpApi" },
      DomainName: { Ref: "Domain" },
      Stage: { Ref: "HttpApiStage" },
    });
    expect(Outputs?.["CustomDomainTarget"]).toMatchObject({
      Value: { "Fn::GetAtt": ["Domain", "RegionalDomainName"] },
    });
  });
});

describe("the audit log", () => {
  test("is kept when the stack is removed, has its own retention and a name that is not in the way of the next", () => {
    expect(packaged.audit.Resources["AuditTrail"]).toMatchObject({
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
      Properties: { RetentionInDays: 400 },
    });
    expect(packaged.audit.Resources["AuditTrail"]?.Properties).not.toHaveProperty("LogGroupName");
  });

  test.each([
    ["audit", ["HttpLogGroup", "InvokeLogGroup"]],
    ["everything", ["ChatDashworkerLogGroup", "ChatLogGroup", "HttpLogGroup", "InvokeLogGroup"]],
  ] as const)("gets the audit lines of every function that answers lookups: %s", (name, groups) => {
    const filters = ofType(deployed(name), "AWS::Logs::SubscriptionFilter");
    expect(filters.map(([, { Properties }]) => Properties?.["LogGroupName"].Ref).sort()).toEqual(groups);
    for (const [, { Properties, DependsOn }] of filters) {
      expect(Properties?.["FilterPattern"]).toBe('{ $.message = "audit" }');
      expect(Properties?.["DestinationArn"]).toEqual({ "Fn::GetAtt": ["AuditLambdaFunction", "Arn"] });
      expect([DependsOn].flat()).toEqual(["AuditPermission"]);
    }
  });

  test("is written by a function that may do nothing else, and keeps what it could not write", () => {
    const { Resources } = deployed("audit");
    const [policy] = Resources["AuditRole"]?.Properties?.["Policies"] ?? [];
    expect(policy.PolicyDocument.Statement.slice(2)).toEqual([
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: { "Fn::GetAtt": ["AuditTrail", "Arn"] },
      },
      { Effect: "Allow", Action: "sqs:SendMessage", Resource: { "Fn::GetAtt": ["AuditUndelivered", "Arn"] } },
    ]);
    expect(Resources["AuditLambdaEvConf"]?.Properties?.["DestinationConfig"]).toEqual({
      OnFailure: { Destination: { "Fn::GetAtt": ["AuditUndelivered", "Arn"] } },
    });
    expect(Resources["AuditUndeliveredAlarm"]?.Properties).toMatchObject({
      Namespace: "AWS/SQS",
      Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": ["AuditUndelivered", "QueueName"] } }],
    });
    expect(Resources["AuditPermission"]?.Properties).toMatchObject({
      Principal: "logs.amazonaws.com",
      SourceAccount: { Ref: "AWS::AccountId" },
    });
  });

  test("is not fed by its own function, which would go round for ever", () => {
    for (const [, { Properties }] of ofType(deployed("everything"), "AWS::Logs::SubscriptionFilter")) {
      expect(Properties?.["LogGroupName"].Ref).not.toMatch(/^Audit/);
    }
  });
});

describe("reserved concurrency", () => {
  const reserved = (name: VariantName) =>
    ofType(deployed(name), "AWS::Lambda::Function").map(
      ([, { Properties }]) => Properties?.["ReservedConcurrentExecutions"],
    );
  const page = readFileSync("docs/quota.md", "utf8");

  test("is off for every function when it is switched off", () => {
    expect(reserved("unreserved").every((value) => value === undefined)).toBe(true);
    expect(reserved("plain").every((value) => value > 0)).toBe(true);
  });

  test.each([
    ["plain", "the API alone"],
    ["sweep", "with the sweep"],
    ["chat", "with chat"],
    ["page", "with the console"],
    ["audit", "with an audit log"],
    ["watch", "with the watch"],
    ["everything", "with everything"],
  ] as const)("has the sum that the page on quotas tells: %s", (name, row) => {
    const sum = reserved(name).reduce((one: number, other: number) => one + other, 0);
    expect(page).toContain(`| ${row} | ${sum} | ${sum + 100} |`);
  });
});

test("the functions of deploy/functions.ts are those that are deployed", () => {
  const inTemplate = ofType(deployed("everything"), "AWS::Lambda::Function").map(([, { Properties }]) =>
    Properties?.["FunctionName"].replace("workspace-unbindings-dev-", ""),
  );
  expect(FUNCTIONS.map(({ name }) => name).sort()).toEqual(inTemplate.sort());
});
