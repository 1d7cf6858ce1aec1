import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { ofType, type Template } from "../../deploy/template.ts";
import { packageTemplates } from "../support/packaged.ts";
import { VARIANTS } from "../support/variants.ts";

interface Statement {
  Sid: string;
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
}

const text = readFileSync("deploy/deployer-policy.json", "utf8");
const statements: Statement[] = JSON.parse(text).Statement;

/** What CloudFormation calls for each type, to create it, to read it back, to change it and to delete it. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  "AWS::ApiGatewayV2::Api": ["apigateway:POST", "apigateway:GET", "apigateway:PATCH", "apigateway:DELETE"],
  "AWS::ApiGatewayV2::ApiMapping": [
    "apigateway:POST",
    "apigateway:GET",
    "apigateway:PATCH",
    "apigateway:DELETE",
  ],
  "AWS::ApiGatewayV2::Authorizer": [
    "apigateway:POST",
    "apigateway:GET",
    "apigateway:PATCH",
    "apigateway:DELETE",
  ],
  "AWS::ApiGatewayV2::DomainName": [
    "apigateway:POST",
    "apigateway:GET",
    "apigateway:PUT",
    "apigateway:DELETE",
  ],
  "AWS::ApiGatewayV2::Integration": [
    "apigateway:POST",
    "apigateway:GET",
    "apigateway:PATCH",
    "apigateway:DELETE",
  ],
  "AWS::ApiGatewayV2::Route": ["apigateway:POST", "apigateway:GET", "apigateway:PATCH", "apigateway:DELETE"],
  "AWS::ApiGatewayV2::Stage": [
    ...[
      "apigateway:POST",
      "apigateway:GET",
      "apigateway:PATCH",
      "apigateway:DELETE",
      "apigateway:TagResource",
    ],
    // Its access log.
    ...["logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery"],
    ...["logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies"],
  ],
  "AWS::CloudWatch::Alarm": [
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:DeleteAlarms",
  ],
  "AWS::CloudWatch::CompositeAlarm": ["cloudwatch:PutCompositeAlarm", "cloudwatch:DeleteAlarms"],
  "AWS::CloudWatch::Dashboard": [
    ...["cloudwatch:PutDashboard", "cloudwatch:GetDashboard", "cloudwatch:DeleteDashboards"],
  ],
  "AWS::DynamoDB::Table": [
    ...["dynamodb:CreateTable", "dynamodb:DescribeTable", "dynamodb:UpdateTable", "dynamodb:DeleteTable"],
    ...["dynamodb:UpdateTimeToLive", "dynamodb:DescribeTimeToLive", "dynamodb:DescribeContinuousBackups"],
    ...["dynamodb:TagResource", "dynamodb:ListTagsOfResource"],
  ],
  "AWS::Events::Rule": ["events:PutRule", "events:DescribeRule", "events:PutTargets", "events:RemoveTargets"],
  "AWS::IAM::Role": [
    ...["iam:CreateRole", "iam:GetRole", "iam:DeleteRole", "iam:PutRolePolicy", "iam:GetRolePolicy"],
    ...["iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary", "iam:TagRole", "iam:PassRole"],
    ...["iam:ListRolePolicies", "iam:ListAttachedRolePolicies", "iam:UpdateAssumeRolePolicy"],
  ],
  "AWS::Lambda::EventInvokeConfig": [
    ...["lambda:PutFunctionEventInvokeConfig", "lambda:GetFunctionEventInvokeConfig"],
    ...["lambda:UpdateFunctionEventInvokeConfig", "lambda:DeleteFunctionEventInvokeConfig"],
  ],
  "AWS::Lambda::Function": [
    ...[
      "lambda:CreateFunction",
      "lambda:GetFunction",
      "lambda:GetFunctionConfiguration",
      "lambda:DeleteFunction",
    ],
    ...[
      "lambda:UpdateFunctionCode",
      "lambda:UpdateFunctionConfiguration",
      "lambda:TagResource",
      "lambda:ListTags",
    ],
    ...["lambda:PutFunctionConcurrency", "lambda:DeleteFunctionConcurrency", "lambda:GetLayerVersion"],
    ...["ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs", "s3:GetObject"],
  ],
  "AWS::Lambda::Permission": ["lambda:AddPermission", "lambda:GetPolicy", "lambda:RemovePermission"],
  "AWS::Logs::LogGroup": [
    ...["logs:CreateLogGroup", "logs:DescribeLogGroups", "logs:DeleteLogGroup", "logs:PutRetentionPolicy"],
    ...["logs:AssociateKmsKey", "logs:DisassociateKmsKey", "logs:TagResource", "logs:ListTagsForResource"],
  ],
  "AWS::Logs::MetricFilter": [
    "logs:PutMetricFilter",
    "logs:DescribeMetricFilters",
    "logs:DeleteMetricFilter",
  ],
  "AWS::Logs::QueryDefinition": [
    "logs:PutQueryDefinition",
    "logs:DescribeQueryDefinitions",
    "logs:DeleteQueryDefinition",
  ],
  "AWS::Logs::SubscriptionFilter": [
    ...["logs:PutSubscriptionFilter", "logs:DescribeSubscriptionFilters", "logs:DeleteSubscriptionFilter"],
  ],
  "AWS::S3::Bucket": [
    ...[
      "s3:CreateBucket",
      "s3:DeleteBucket",
      "s3:PutEncryptionConfiguration",
      "s3:PutBucketPublicAccessBlock",
    ],
    ...["s3:PutBucketTagging", "s3:GetBucketTagging", "s3:ListBucket"],
  ],
  "AWS::S3::BucketPolicy": ["s3:PutBucketPolicy", "s3:GetBucketPolicy", "s3:DeleteBucketPolicy"],
  "AWS::SNS::Subscription": ["sns:Subscribe", "sns:GetSubscriptionAttributes", "sns:Unsubscribe"],
  "AWS::SNS::Topic": ["sns:CreateTopic", "sns:GetTopicAttributes", "sns:DeleteTopic", "sns:TagResource"],
  "AWS::SNS::TopicPolicy": ["sns:SetTopicAttributes"],
  "AWS::SQS::Queue": [
    "sqs:CreateQueue",
    "sqs:GetQueueAttributes",
    "sqs:DeleteQueue",
    "sqs:TagQueue",
    "sqs:GetQueueUrl",
  ],
  "AWS::SQS::QueuePolicy": ["sqs:SetQueueAttributes"],
  "AWS::Scheduler::Schedule": [
    ...[
      "scheduler:CreateSchedule",
      "scheduler:GetSchedule",
      "scheduler:UpdateSchedule",
      "scheduler:DeleteSchedule",
    ],
  ],
  "AWS::StepFunctions::StateMachine": [
    ...["states:CreateStateMachine", "states:DescribeStateMachine", "states:UpdateStateMachine"],
    ...["states:DeleteStateMachine", "states:TagResource", "states:ListTagsForResource"],
  ],
};

/** What the framework itself calls, to deploy, to look and to remove. */
const BY_THE_FRAMEWORK = [
  ...[
    "CreateChangeSet",
    "DescribeChangeSet",
    "ExecuteChangeSet",
    "DeleteChangeSet",
    "DeleteStack",
    "GetTemplate",
  ],
  ...[
    "DescribeStacks",
    "DescribeStackEvents",
    "DescribeStackResource",
    "ListStackResources",
    "ValidateTemplate",
  ],
].map((action) => `cloudformation:${action}`);
const ON_ITS_BUCKET = [
  "ListBucket",
  "ListBucketVersions",
  "PutObject",
  "DeleteObject",
  "DeleteObjectVersion",
];

function matches(pattern: string, value: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(value);
}

function allows(action: string, resource?: string): boolean {
  return statements.some(
    ({ Effect, Action, Resource }) =>
      Effect === "Allow" &&
      [Action].flat().some((pattern) => matches(pattern, action)) &&
      (resource === undefined || [Resource].flat().some((pattern) => matches(pattern, resource))),
  );
}

let templates: Template[];
beforeAll(async () => {
  const { plain, everything } = VARIANTS;
  templates = Object.values(await packageTemplates({ plain, everything }));
}, 480_000);

describe("the deployer's policy", () => {
  test("allows all that the types of resources need that any deployment has", () => {
    const types = new Set(
      templates.flatMap(({ Resources }) => Object.values(Resources).map(({ Type }) => Type)),
    );
    expect([...types].filter((type) => !(type in NEEDS))).toEqual([]);
    for (const type of types) {
      expect(
        NEEDS[type]?.filter((action) => !allows(action)),
        type,
      ).toEqual([]);
    }
  });

  test("allows what is deployed later: schedules, rules, saved queries, composite alarms", () => {
    for (const [type, actions] of Object.entries(NEEDS)) {
      expect(
        actions.filter((action) => !allows(action)),
        type,
      ).toEqual([]);
    }
  });

  test("allows what the framework itself calls", () => {
    const actions = [
      ...BY_THE_FRAMEWORK,
      ...ON_ITS_BUCKET.map((action) => `s3:${action}`),
      "lambda:GetFunction",
    ];
    expect(actions.filter((action) => !allows(action))).toEqual([]);
  });

  test("covers the names that the template gives, and those that CloudFormation makes up from the stack's", () => {
    const place = "eu-central-1:111122223333";
    for (const template of templates) {
      for (const [, { Properties }] of ofType(template, "AWS::Lambda::Function")) {
        const arn = `arn:aws:lambda:${place}:function:${Properties?.["FunctionName"]}`;
        expect(allows("lambda:CreateFunction", arn), arn).toBe(true);
      }
      for (const [id, { Properties }] of ofType(template, "AWS::Logs::LogGroup")) {
        const name = Properties?.["LogGroupName"] ?? `workspace-unbindings-dev-${id}-1A2B3C`;
        expect(allows("logs:CreateLogGroup", `arn:aws:logs:${place}:log-group:${name}`), name).toBe(true);
      }
      for (const [, { Properties }] of ofType(template, "AWS::StepFunctions::StateMachine")) {
        const arn = `arn:aws:states:${place}:stateMachine:${Properties?.["StateMachineName"]}`;
        expect(allows("states:CreateStateMachine", arn), arn).toBe(true);
      }
    }
    const stack = "workspace-unbindings-dev";
    for (const [action, arn] of [
      ["iam:CreateRole", `arn:aws:iam::111122223333:role/${stack}-HttpRole-1A2B3C`],
      ["sns:CreateTopic", `arn:aws:sns:${place}:${stack}-AlarmTopic-1A2B3C`],
      ["sqs:CreateQueue", `arn:aws:sqs:${place}:${stack}-ChatUnanswered-1A2B3C`],
      ["dynamodb:CreateTable", `arn:aws:dynamodb:${place}:table/${stack}-ChatMessages-1A2B3C`],
      ["cloudwatch:PutMetricAlarm", `arn:aws:cloudwatch:${place}:alarm:${stack}-FaultsAlarm-1A2B3C`],
      ["cloudwatch:PutDashboard", `arn:aws:cloudwatch::111122223333:dashboard/${stack}`],
      ["s3:PutObject", `arn:aws:s3:::${stack}-serverlessdeploymentbucket-1a2b3c/serverless/x.zip`],
      ["cloudformation:CreateChangeSet", `arn:aws:cloudformation:${place}:stack/${stack}/0b1c2d3e`],
    ] as const) {
      expect(allows(action, arn), arn).toBe(true);
    }
  });

  test("reaches nothing of others: no statement has all resources but for what knows none", () => {
    for (const { Sid, Action, Resource } of statements) {
      for (const action of [Action].flat()) expect(action, Sid).not.toMatch(/^\*|:\*$/);
      if ([Resource].flat().includes("*")) expect(Sid).toBe("KnowNoResources");
    }
    for (const [action, arn] of [
      ["iam:PassRole", "arn:aws:iam::111122223333:role/admin"],
      ["lambda:UpdateFunctionCode", "arn:aws:lambda:eu-central-1:111122223333:function:payroll"],
      ["s3:GetObject", "arn:aws:s3:::payroll/x"],
      [
        "secretsmanager:PutSecretValue",
        "arn:aws:secretsmanager:eu-central-1:111122223333:secret:payroll-AbCdEf",
      ],
      ["logs:DeleteLogGroup", "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/lambda/payroll"],
      [
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:eu-central-1:111122223333:secret:workspace-unbindings-AbCdEf",
      ],
    ] as const) {
      expect(allows(action, arn), action).toBe(false);
    }
  });

  test("can be pasted: it fits into a managed policy, and its statements have names of their own", () => {
    expect(JSON.stringify(JSON.parse(text)).length).toBeLessThanOrEqual(6144);
    expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(statements.length);
    for (const { Sid } of statements) expect(Sid).toMatch(/^[A-Za-z0-9]+$/);
  });
});
