import { beforeAll, describe, expect, test } from "vitest";
import { settle } from "../../deploy/settle.ts";
import { ofType, type Resource, type Template } from "../../deploy/template.ts";
import { packageTemplates } from "../support/packaged.ts";
import { VARIANTS } from "../support/variants.ts";

/** What rule packs for AWS templates ask: each row of the table in docs/security.md is held by a test here. */

const { plain, everything } = VARIANTS;

/** With the console, these are open: they hold no data, and a browser that opens them brings no token. */
const PAGES = /^(?:GET|HEAD) \/(?:|assets\/\{file\}|docs|docs\/\{file\}|v1\/openapi\.json)$/;
let templates: Template[];
let full: Template;

beforeAll(async () => {
  const packaged = await packageTemplates({ plain, everything });
  full = settle(packaged.everything);
  templates = [settle(packaged.plain), full];
}, 480_000);

/** Each resource of a type, in every template. */
function each(
  type: string,
  look: (properties: NonNullable<Resource["Properties"]>, id: string) => void,
): void {
  const found = templates.flatMap((template) => ofType(template, type));
  expect(found.length, type).toBeGreaterThan(0);
  for (const [id, { Properties }] of found) look(Properties ?? {}, id);
}

describe("done", () => {
  test("the deployment bucket is encrypted, not public, and takes TLS alone", () => {
    each("AWS::S3::Bucket", ({ BucketEncryption, PublicAccessBlockConfiguration }) => {
      expect(BucketEncryption.ServerSideEncryptionConfiguration).toHaveLength(1);
      expect(Object.values(PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    });
    each("AWS::S3::BucketPolicy", ({ PolicyDocument }) => {
      expect(PolicyDocument.Statement[0]).toMatchObject({
        Effect: "Deny",
        Action: "s3:*",
        Condition: { Bool: { "aws:SecureTransport": false } },
      });
    });
  });

  test("queues are encrypted", () => {
    each("AWS::SQS::Queue", ({ SqsManagedSseEnabled }, id) => expect(SqsManagedSseEnabled, id).toBe(true));
  });

  test("log groups have a retention", () => {
    each("AWS::Logs::LogGroup", ({ RetentionInDays }, id) => expect(RetentionInDays, id).toBeGreaterThan(0));
  });

  test("functions run on a runtime that is kept up, traced, with concurrency of their own", () => {
    each("AWS::Lambda::Function", (properties, id) => {
      expect(properties, id).toMatchObject({ Runtime: "nodejs24.x", TracingConfig: { Mode: "Active" } });
      expect(properties["ReservedConcurrentExecutions"], id).toBeGreaterThan(0);
    });
  });

  test("functions are invoked by services only for a source of this account, and have no URL", () => {
    each("AWS::Lambda::Permission", ({ SourceArn, Principal }, id) => {
      expect(Principal, id).toMatch(/^(?:apigateway|logs)\.amazonaws\.com$/);
      expect(JSON.stringify(SourceArn), id).toContain("AWS::AccountId");
    });
    for (const template of templates) expect(ofType(template, "AWS::Lambda::Url")).toEqual([]);
  });

  test("the environment holds no secret, only ARNs of secrets", () => {
    each("AWS::Lambda::Function", ({ Environment }, id) => {
      for (const [name, value] of Object.entries(Environment.Variables)) {
        if (/SECRET_ID$/.test(name)) expect(value, id).toMatch(/^$|^arn:aws:secretsmanager:/);
        else expect(name, id).not.toMatch(/KEY$|TOKEN|PASSWORD|SECRET(?!S_SOURCE|_TTL_SECONDS)/);
      }
    });
  });

  test("the API has an access log, throttling, and authorisation on all routes but preflight, chat and pages", () => {
    each("AWS::ApiGatewayV2::Stage", ({ AccessLogSettings, DefaultRouteSettings }) => {
      expect(AccessLogSettings.DestinationArn).toBeDefined();
      expect(DefaultRouteSettings.ThrottlingRateLimit).toBeGreaterThan(0);
    });
    each("AWS::ApiGatewayV2::Route", ({ RouteKey, AuthorizationType }) => {
      const isOpen =
        /^(?:OPTIONS \/\{proxy\+\}|POST \/chat\/\{platform\}|GET \/chat\/wecom|GET \/\.well-known\/.+)$/.test(
          RouteKey,
        );
      if (PAGES.test(RouteKey)) expect(AuthorizationType, RouteKey).toMatch(/^(?:AWS_IAM|NONE)$/);
      else expect(AuthorizationType, RouteKey).toMatch(isOpen ? /^NONE$/ : /^(?:AWS_IAM|JWT)$/);
    });
    const closed = ofType(templates[0] as Template, "AWS::ApiGatewayV2::Route").filter(([, { Properties }]) =>
      PAGES.test(Properties?.["RouteKey"]),
    );
    expect(closed.map(([, { Properties }]) => Properties?.["AuthorizationType"])).toEqual(
      Array(6).fill("AWS_IAM"),
    );
  });

  test("the ledger is encrypted, backed up, protected, and kept when it is taken down", () => {
    expect(full.Resources["Ledger"]).toMatchObject({
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
      Properties: {
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
        TimeToLiveSpecification: { AttributeName: "expires_at", Enabled: true },
      },
    });
  });

  test("state machines log every step, and are traced", () => {
    each("AWS::StepFunctions::StateMachine", ({ LoggingConfiguration, TracingConfiguration }) => {
      expect(LoggingConfiguration.Level).toBe("ALL");
      expect(TracingConfiguration.Enabled).toBe(true);
    });
  });

  test("a domain takes TLS 1.2 and later", () => {
    each("AWS::ApiGatewayV2::DomainName", ({ DomainNameConfigurations }) => {
      expect(
        DomainNameConfigurations.map(({ SecurityPolicy }: { SecurityPolicy: string }) => SecurityPolicy),
      ).toEqual(["TLS_1_2"]);
    });
  });

  test("alarms act on alarm and on recovery", () => {
    each("AWS::CloudWatch::Alarm", ({ AlarmActions, OKActions, ActionsEnabled = true }, id) => {
      expect([AlarmActions.length, OKActions.length, ActionsEnabled], id).toEqual([1, 1, true]);
    });
  });

  test("roles have no managed policy, no open-ended action, and all resources only where AWS knows none", () => {
    const knowsNone =
      /^(?:xray:|ec2:|logs:\w+(?:LogDelivery|LogDeliveries|ResourcePolicy|ResourcePolicies|LogGroups)$)/;
    each("AWS::IAM::Role", ({ ManagedPolicyArns, Policies }, id) => {
      expect(ManagedPolicyArns, id).toBeUndefined();
      for (const { Action, Resource: resource } of statementsOf(Policies)) {
        for (const action of [Action].flat()) {
          expect(action, id).not.toContain("*");
          if (resource === "*") expect(action, id).toMatch(knowsNone);
        }
      }
    });
  });
});

describe("refused, with the reason in docs/security.md", () => {
  test("the alarm topic has no key: with AWS's own, CloudWatch could not publish", () => {
    each("AWS::SNS::Topic", (properties) => expect(properties).not.toHaveProperty("KmsMasterKeyId"));
  });

  test("the table of messages has no key, no backups and no protection: it holds IDs for hours", () => {
    each("AWS::DynamoDB::Table", (properties, id) => {
      if (id === "Ledger") return;
      expect(properties).not.toHaveProperty("SSESpecification");
      expect(properties).not.toHaveProperty("PointInTimeRecoverySpecification");
      expect(properties).not.toHaveProperty("DeletionProtectionEnabled");
      expect(properties["TimeToLiveSpecification"]).toEqual({ AttributeName: "expires_at", Enabled: true });
    });
  });

  test("functions that are called and answer have no queue for failures; those that are not have one", () => {
    const invoked = ofType(full, "AWS::Lambda::EventInvokeConfig");
    expect(invoked.map(([, { Properties }]) => Properties?.["FunctionName"].Ref).sort()).toEqual([
      "AuditLambdaFunction",
      "ChatDashworkerLambdaFunction",
      "WatchLambdaFunction",
    ]);
    for (const [, { Properties }] of invoked)
      expect(Properties?.["DestinationConfig"].OnFailure).toBeDefined();
    each("AWS::Lambda::Function", (properties) => expect(properties).not.toHaveProperty("DeadLetterConfig"));
  });

  test("queues of failures have no queue for failures", () => {
    each("AWS::SQS::Queue", (properties, id) => {
      expect(id).toMatch(/^(?:ChatUnanswered|AuditUndelivered|WatchFailed)$/);
      expect(properties).not.toHaveProperty("RedrivePolicy");
    });
  });

  test("the environment has no key of its own, and code is not signed", () => {
    each("AWS::Lambda::Function", (properties) => {
      expect(properties).not.toHaveProperty("KmsKeyArn");
      expect(properties).not.toHaveProperty("CodeSigningConfigArn");
    });
  });

  test("policies are inline: each belongs to one role", () => {
    each("AWS::IAM::Role", ({ Policies }, id) => expect(Policies.length, id).toBeGreaterThan(0));
  });

  test("the deployment bucket has neither versions nor access logs", () => {
    each("AWS::S3::Bucket", (properties) => {
      expect(properties).not.toHaveProperty("VersioningConfiguration");
      expect(properties).not.toHaveProperty("LoggingConfiguration");
    });
  });

  test("the API has no firewall, which an HTTP API cannot have", () => {
    for (const template of templates) expect(ofType(template, "AWS::WAFv2::WebACLAssociation")).toEqual([]);
  });
});

function statementsOf(
  policies: { PolicyDocument: { Statement: { Action: string | string[]; Resource: unknown }[] } }[],
) {
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}
