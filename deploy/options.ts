import { itemsOf, tagsOf } from "./checks.ts";
import type { StageParameters } from "./parameters.ts";
import { ofType, type Resource, type Template } from "./template.ts";

/** How each type of resource that can be tagged takes its tags. A test holds the lists to CloudFormation's specification. */
export const TAGGED_BY_LIST: readonly string[] = [
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::DynamoDB::Table",
  "AWS::IAM::Role",
  "AWS::Lambda::Function",
  "AWS::Logs::LogGroup",
  "AWS::S3::Bucket",
  "AWS::SNS::Topic",
  "AWS::SQS::Queue",
  "AWS::StepFunctions::StateMachine",
];
export const TAGGED_BY_MAP: readonly string[] = [
  "AWS::ApiGatewayV2::Api",
  "AWS::ApiGatewayV2::DomainName",
  "AWS::ApiGatewayV2::Stage",
];

// These calls know no resources to restrict them to.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
const NETWORK_INTERFACES = [
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];

/** Applies the options that concern every resource of a type, whichever part of the service it belongs to. */
export function applyOptions(template: Template, parameters: StageParameters): void {
  const given = (name: string) => parameters[name] ?? "";
  openRoutes(template);
  if (given("logKmsKeyArn") !== "")
    setAll(template, "AWS::Logs::LogGroup", { KmsKeyId: given("logKmsKeyArn") });
  if (given("permissionsBoundaryArn") !== "") {
    setAll(template, "AWS::IAM::Role", { PermissionsBoundary: given("permissionsBoundaryArn") });
  }
  if (given("vpcSubnetIds") !== "") {
    joinVpc(template, {
      SubnetIds: itemsOf(given("vpcSubnetIds")),
      SecurityGroupIds: itemsOf(given("vpcSecurityGroupIds")),
    });
  }
  if (given("tags") !== "") tag(template, tagsOf(given("tags")));
}

/** An open route says so: an update that only leaves the authorisation out keeps the one that the route had. */
function openRoutes(template: Template): void {
  for (const [, resource] of ofType(template, "AWS::ApiGatewayV2::Route")) {
    setProperties(resource, { AuthorizationType: resource.Properties?.["AuthorizationType"] ?? "NONE" });
  }
}

function setAll(template: Template, type: string, properties: object): void {
  for (const [, resource] of ofType(template, type)) setProperties(resource, properties);
}

function setProperties(resource: Resource, properties: object): void {
  resource.Properties = { ...resource.Properties, ...properties };
}

/** Puts every function into the network, and lets it attach to it, but not its code. */
function joinVpc(template: Template, network: { SubnetIds: string[]; SecurityGroupIds: string[] }): void {
  for (const [id, resource] of ofType(template, "AWS::Lambda::Function")) {
    const { FunctionName: name, Role } = resource.Properties ?? {};
    setProperties(resource, { VpcConfig: network });
    const role = template.Resources[Role?.["Fn::GetAtt"]?.[0]];
    if (!role) throw new Error(`the role of ${id} is not in the template`);
    const itself = {
      "Fn::Sub": `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${name}`,
    };
    const statements = [
      { Effect: "Allow", Action: NETWORK_INTERFACES, Resource: "*" },
      {
        Effect: "Deny",
        Action: NETWORK_INTERFACES,
        Resource: "*",
        Condition: { ArnEquals: { "lambda:SourceFunctionArn": itself } },
      },
    ];
    const policy = { PolicyName: "vpc", PolicyDocument: { Version: "2012-10-17", Statement: statements } };
    setProperties(role, { Policies: [...(role.Properties?.["Policies"] ?? []), policy] });
  }
}

function tag(template: Template, tags: readonly [key: string, value: string][]): void {
  const list = tags.map(([Key, Value]) => ({ Key, Value }));
  for (const resource of Object.values(template.Resources)) {
    if (TAGGED_BY_LIST.includes(resource.Type)) setProperties(resource, { Tags: list });
    if (TAGGED_BY_MAP.includes(resource.Type)) setProperties(resource, { Tags: Object.fromEntries(tags) });
  }
}
