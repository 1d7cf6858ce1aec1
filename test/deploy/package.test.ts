import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { readChatConfig } from "../../src/chat/config.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Environment } from "../../src/config/environment.ts";
import { readConsoleConfig } from "../../src/console/config.ts";
import { createConsoleRoutes } from "../../src/console/console-function.ts";
import { VERSION } from "../../src/contract/version.ts";
import { createDocsRoutes } from "../../src/docs/docs-function.ts";
import { createMcpRoutes } from "../../src/http/mcp.ts";
import { createRoutes } from "../../src/http/routes.ts";
import { type CloudFormationResource, faultsOf, type Template } from "../support/cloudformation.ts";
import { type Packaged, packageCopy } from "../support/packaged.ts";
import { settle } from "../support/settle.ts";
import { unzip } from "../support/zip.ts";

const MAX_ZIP_BYTES = 400_000;
/** The reference's renderer comes along, compressed. */
const MAX_DOCS_ZIP_BYTES = 600_000;
const SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:workspace-unbindings-AbCdEf";
const CHAT_SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:unbindings-chat-AbCdEf";
const KEY = "arn:aws:kms:eu-central-1:111122223333:key/0b1c2d3e-0000-4000-8000-000000000000";
const BUCKET = "desktops-of-example-com";
const LAYER = "arn:aws:lambda:eu-central-1:111122223333:layer:secrets-extension:1";

/** Operators invoke the doctor by hand and see what it says; without the reference, nobody is without an answer; whoever sees no console says so. */
const UNWATCHED = ["doctor", "docs", "console"];

/** As a newcomer packages, and with everything set that changes what is deployed. */
let plain: Packaged;
let full: Packaged;

beforeAll(async () => {
  plain = await packageCopy({});
  full = await packageCopy({
    workspaceSecretArn: SECRET,
    secretKmsKeyArn: KEY,
    secretsExtensionLayerArn: LAYER,
    authorization: "jwt",
    jwtIssuer: "https://login.example.com/tenant",
    jwtAudience: "unbindings, 4d53bce0-3d4f-4f06-b2f1-aaaaaaaaaaaa",
    console: "on",
    consoleClientId: "4d53bce0-3d4f-4f06-b2f1-aaaaaaaaaaaa",
    consoleScopes: "openid offline_access api://unbindings/read",
    consoleConnectOrigins: "https://helpdesk.auth.eu-central-1.amazoncognito.com",
    corsOrigins: "https://console.example.com",
    alarmEmail: "operators@example.com",
    memorySize: "1024",
    chatSecretArn: CHAT_SECRET,
    chatTimeZone: "Asia/Shanghai",
    sweep: "on",
    sweepBucket: BUCKET,
  });
}, 240_000);

function ofType(template: Template, type: string): [string, CloudFormationResource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

/** The function's name as serverless.yml has it, from its name on Lambda. */
function nameOf(resource: CloudFormationResource): string {
  return resource.Properties?.["FunctionName"].replace("workspace-unbindings-dev-", "");
}

function theFunction(template: Template, name: string): CloudFormationResource {
  const found = ofType(template, "AWS::Lambda::Function").find(([, resource]) => nameOf(resource) === name);
  if (!found) throw new Error(`no function ${name}`);
  return found[1];
}

/** The environment of http. */
function variablesOf(template: Template): Readonly<Record<string, string>> {
  return theFunction(settle(template), "http").Properties?.["Environment"].Variables;
}

/** Those that run without anybody looking on. */
function watchedFunctions(template: Template) {
  return ofType(template, "AWS::Lambda::Function").filter(
    ([, resource]) => !UNWATCHED.includes(nameOf(resource)),
  );
}

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

function statementsOf(role: CloudFormationResource | undefined): Statement[] {
  const policies: { PolicyDocument: { Statement: Statement[] } }[] = role?.Properties?.["Policies"] ?? [];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

function actionsOf(statement: Statement): string[] {
  return [statement.Action].flat();
}

describe("the zips", () => {
  test("there is one for each function, and it is small", () => {
    const functions = ofType(plain.template, "AWS::Lambda::Function").map(([, resource]) => nameOf(resource));
    expect([...plain.zips.keys()].sort()).toEqual(functions.sort());
    for (const [name, zip] of plain.zips) {
      expect(zip.length, name).toBeLessThan(name === "docs" ? MAX_DOCS_ZIP_BYTES : MAX_ZIP_BYTES);
    }
  });

  test("a zip holds its function's modules and pages and nothing else, neither source map nor build report", () => {
    for (const [name, zip] of plain.zips) {
      const files = [...unzip(zip).keys()];
      expect(files).toContain(`dist/${name}/index.mjs`);
      const own = new RegExp(`^dist/${name}/(?:[\\w.-]+\\.(?:mjs|gz|br)|index\\.html)$`);
      expect(files.filter((file) => !own.test(file))).toEqual([]);
    }
  });

  test("another build in another place, with other parameters, gives the same bytes", () => {
    expect([...full.zips.keys()]).toEqual([...plain.zips.keys()]);
    for (const [name, zip] of plain.zips) expect(full.zips.get(name)?.equals(zip), name).toBe(true);
  });

  /** What a script says in a process of its own, beside nothing but the content of a function's zip. */
  async function runUnzipped(name: string, script: string): Promise<unknown> {
    const folder = await mkdtemp(join(tmpdir(), "workspace-unbindings-"));
    try {
      for (const [file, content] of unzip(plain.zips.get(name) as Buffer)) {
        await mkdir(dirname(join(folder, file)), { recursive: true });
        await writeFile(join(folder, file), content);
      }
      const load = `const { handler } = await import("./dist/${name}/index.mjs");`;
      const say = `const said = await (async () => (${script}))(); process.stdout.write(JSON.stringify(said) + "\\n");`;
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--input-type=module", "--eval", `${load}\n${say}`],
        { cwd: folder, env: variablesOf(plain.template) },
      );
      return JSON.parse(stdout.trimEnd().split("\n").at(-1) as string);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  test("what is in each zip is a handler that Lambda takes: a function of at most two parameters", async () => {
    for (const name of plain.zips.keys()) {
      const handler = await runUnzipped(name, "{ type: typeof handler, parameters: handler.length }");
      expect(handler, name).toEqual({ type: "function", parameters: expect.toBeOneOf([0, 1, 2]) });
    }
  });

  test("what is in the zip of http answers a request", async () => {
    const event = { version: "2.0", rawPath: "/health", requestContext: { http: { method: "GET" } } };
    const answer = await runUnzipped("http", `await handler(${JSON.stringify(event)}, {})`);
    expect(answer).toMatchObject({
      statusCode: 200,
      body: JSON.stringify({ status: "ok", version: VERSION }),
    });
  });
});

describe("the template", () => {
  test("is what CloudFormation's specification allows, whatever is set", () => {
    expect(faultsOf(settle(plain.template))).toEqual([]);
    expect(faultsOf(settle(full.template))).toEqual([]);
  });

  test("would be found faulty if it were", () => {
    const broken = settle(plain.template);
    const { HttpLambdaFunction, HttpRole, HttpSlowAlarm, HttpApiStage } = broken.Resources as Record<
      string,
      { Type: string; Properties: Record<string, unknown> }
    >;
    delete HttpLambdaFunction?.Properties["Code"];
    Object.assign(HttpLambdaFunction?.Properties as object, { Role: { "Fn::GetAtt": ["HttpRole", "Name"] } });
    Object.assign(HttpRole?.Properties as object, { Path: { Ref: "Nowhere" } });
    Object.assign(HttpSlowAlarm?.Properties as object, { Threshold: "high", Color: "red" });
    Object.assign(HttpApiStage?.Properties as object, {
      DefaultRouteSettings: { ThrottlingBurstLimit: [1] },
    });
    expect(faultsOf(broken).sort()).toEqual([
      "HttpApiStage.DefaultRouteSettings.ThrottlingBurstLimit must be of type integer",
      "HttpLambdaFunction.Code is missing",
      "HttpLambdaFunction.Role refers to HttpRole.Name, which AWS::IAM::Role does not have",
      "HttpRole.Path refers to Nowhere, which is not there",
      "HttpSlowAlarm.Color is unknown",
      "HttpSlowAlarm.Threshold must be of type number",
    ]);
  });

  test("every function runs on Node.js 24 and arm64, traced, within limits, with logs that end", () => {
    const template = settle(plain.template);
    for (const [id, { Properties }] of ofType(template, "AWS::Lambda::Function")) {
      expect(Properties, id).toMatchObject({
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        TracingConfig: { Mode: "Active" },
        ReservedConcurrentExecutions: expect.any(Number),
        LoggingConfig: { LogFormat: "JSON", ApplicationLogLevel: "DEBUG", SystemLogLevel: "INFO" },
      });
      const logGroup = template.Resources[id.replace(/LambdaFunction$/, "LogGroup")];
      expect(logGroup?.Properties?.["LogGroupName"], id).toBe(`/aws/lambda/${Properties?.["FunctionName"]}`);
    }
    for (const [id, { Properties }] of ofType(template, "AWS::Logs::LogGroup")) {
      expect(Properties?.["RetentionInDays"], id).toBe(30);
    }
  });

  // That each of them goes off when it should, and only then, is in test/alarms.test.ts.
  test("every function that runs unwatched has alarms for its errors, its throttles and its slowness", () => {
    const { Resources } = settle(full.template);
    for (const [id] of watchedFunctions({ Resources })) {
      const name = id.replace(/LambdaFunction$/, "");
      for (const kind of ["Errors", "Throttles", "Slow"])
        expect(Resources[`${name}${kind}Alarm`]?.Type, name).toBe("AWS::CloudWatch::Alarm");
    }
  });

  test("the alarm for slow calls follows from the time that a call may take", () => {
    const { HttpSlowAlarm, InvokeSlowAlarm } = settle(plain.template).Resources;
    for (const each of [HttpSlowAlarm, InvokeSlowAlarm])
      expect(each?.Properties).toMatchObject({ ExtendedStatistic: "p99", Threshold: 7600 });
  });

  test.each([
    {
      event: "a refused key",
      pattern: '{ $.code = "CREDENTIALS_REFUSED" }',
      alarm: "CredentialsRefusedAlarm",
    },
    { event: "an error in the log", pattern: '{ $.level = "ERROR" }', alarm: "FaultsAlarm" },
  ])("$event raises an alarm, whichever function logs it", ({ pattern, alarm }) => {
    const template = settle(full.template);
    const filters = ofType(template, "AWS::Logs::MetricFilter").map(([, { Properties }]) => Properties);
    for (const [id] of watchedFunctions(template)) {
      const logGroup = id.replace(/LambdaFunction$/, "LogGroup");
      const filter = filters.find(
        (each) => each?.["LogGroupName"].Ref === logGroup && each["FilterPattern"] === pattern,
      );
      const [metric] = filter?.["MetricTransformations"] ?? [];
      expect(template.Resources[alarm]?.Properties, id).toMatchObject({
        Namespace: metric?.MetricNamespace,
        MetricName: metric?.MetricName,
        Threshold: 1,
      });
    }
  });

  test("alarms go to a topic of our own, which an address follows when one is given", () => {
    const action = [{ Ref: "AlarmTopic" }];
    for (const { template } of [plain, full]) {
      for (const [id, { Properties }] of ofType(settle(template), "AWS::CloudWatch::Alarm"))
        expect(Properties, id).toMatchObject({ AlarmActions: action, OKActions: action });
    }
    expect(ofType(settle(plain.template), "AWS::SNS::Subscription")).toEqual([]);
    expect(settle(full.template).Resources["AlarmEmail"]?.Properties).toEqual({
      TopicArn: { Ref: "AlarmTopic" },
      Protocol: "email",
      Endpoint: "operators@example.com",
    });
  });

  test("every handler is deployed", async () => {
    const handlers = (await readdir("handlers")).map((file) => basename(file, ".ts"));
    expect(
      ofType(plain.template, "AWS::Lambda::Function")
        .map(([, each]) => nameOf(each))
        .sort(),
    ).toEqual(handlers.sort());
  });

  test("http is given every variable that it reads, and no other", () => {
    const asked = new Set<string>();
    const listening = new Proxy<Environment>({}, { get: (_, name) => void asked.add(String(name)) });
    readConfig(listening);
    expect(Object.keys(variablesOf(plain.template)).sort()).toEqual([...asked].sort());
  });

  test("the variables that are deployed are a valid configuration", () => {
    for (const { template } of [plain, full]) expect(readConfig(variablesOf(template)).faults).toBeNull();
  });

  test("functions read the secret through the extension when its layer is given, else through the SDK", () => {
    for (const [{ template }, layers, source] of [
      [plain, [], "sdk"],
      [full, [LAYER], "extension"],
    ] as const) {
      for (const [id, { Properties }] of ofType(settle(template), "AWS::Lambda::Function")) {
        expect(Properties?.["Layers"], id).toEqual(layers);
        expect(Properties?.["Environment"].Variables.SECRETS_SOURCE, id).toBe(source);
      }
    }
  });

  test("Lambda's time is longer than the budget of a request", () => {
    const seconds = theFunction(plain.template, "http").Properties?.["Timeout"];
    const budgetMs = Number(variablesOf(plain.template)["REQUEST_BUDGET_MS"]);
    expect(seconds * 1000).toBeGreaterThan(budgetMs + 1000);
  });
});

describe("permissions", () => {
  test("every function has a role of its own, for Lambda alone", () => {
    const { Resources, ...rest } = settle(plain.template);
    const roles = ofType({ Resources, ...rest }, "AWS::Lambda::Function").map(
      ([, { Properties }]) => Properties?.["Role"]["Fn::GetAtt"][0] as string,
    );
    expect(new Set(roles).size).toBe(roles.length);
    expect(
      ofType({ Resources, ...rest }, "AWS::IAM::Role")
        .map(([id]) => id)
        .sort(),
    ).toEqual(roles.sort());
    for (const role of roles) {
      expect(Resources[role]?.Properties?.["AssumeRolePolicyDocument"].Statement).toEqual([
        { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
      ]);
      expect(Resources[role]?.Properties?.["ManagedPolicyArns"]).toBeUndefined();
    }
  });

  // X-Ray and the delivery of logs know no resources; the sweep's objects and executions have the name of the stage.
  const UNPINNED =
    /^(?:xray:|logs:\w+(?:LogDelivery|LogDeliveries|ResourcePolicy|ResourcePolicies|LogGroups)$)/;
  const BELOW_OUR_NAME = /\bworkspace-unbindings[\w/-]*[/:]\*(?=")/g;

  test("no action is open-ended, and only what knows no resources is not pinned to ours", () => {
    for (const { template } of [plain, full]) {
      for (const [id, role] of ofType(settle(template), "AWS::IAM::Role")) {
        for (const statement of statementsOf(role)) {
          expect(
            actionsOf(statement).filter((action) => action.includes("*")),
            id,
          ).toEqual([]);
          if (actionsOf(statement).every((action) => UNPINNED.test(action))) continue;
          expect(JSON.stringify(statement.Resource).replace(BELOW_OUR_NAME, ""), id).not.toContain("*");
        }
      }
    }
  });

  test("http may read its secret, write its log and its traces, and nothing else", () => {
    const role = settle(plain.template).Resources["HttpRole"];
    const { WORKSPACE_SECRET_ID } = variablesOf(plain.template);
    expect(statementsOf(role)).toEqual([
      { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: WORKSPACE_SECRET_ID },
      { Effect: "Allow", Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource: "*" },
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: { "Fn::GetAtt": ["HttpLogGroup", "Arn"] },
      },
    ]);
  });

  test("the doctor may read chat's secret as well, where there is one", () => {
    const secretsOf = (template: Template) =>
      statementsOf(settle(template).Resources["DoctorRole"])
        .filter(({ Action }) => Action === "secretsmanager:GetSecretValue")
        .map(({ Resource }) => Resource);
    expect(secretsOf(plain.template)).toHaveLength(1);
    expect(secretsOf(full.template)).toEqual([SECRET, CHAT_SECRET]);
    expect(theFunction(settle(full.template), "doctor").Properties?.["Environment"].Variables).toMatchObject({
      CHAT_SECRET_ID: CHAT_SECRET,
    });
  });

  test("with a key of the operator's, also decrypt with that one, by way of Secrets Manager", () => {
    const statements = statementsOf(settle(full.template).Resources["HttpRole"]);
    expect(statements[0]).toEqual({
      Effect: "Allow",
      Action: "secretsmanager:GetSecretValue",
      Resource: SECRET,
    });
    expect(statements[1]).toEqual({
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: KEY,
      Condition: {
        StringEquals: {
          // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholders
          "kms:ViaService": { "Fn::Sub": "secretsmanager.${AWS::Region}.${AWS::URLSuffix}" },
        },
      },
    });
  });
});

describe("the gateway", () => {
  function routesOf(template: Template) {
    return ofType(settle(template), "AWS::ApiGatewayV2::Route").map(([, { Properties }]) => Properties ?? {});
  }

  test("routes what http answers by name, and everything else to it too, so that every error is ours", () => {
    const pages = createDocsRoutes("");
    // The function `docs` answers HEAD by itself: `$default` would be for `http` to answer.
    const heads = pages.map((page) => ({ ...page, method: "HEAD" }));
    const routes = [...createRoutes({} as never), ...createMcpRoutes({} as never), ...pages, ...heads];
    // Those are for who has no token yet: see below.
    const ours = routes
      .filter(({ path }) => !path.startsWith("/.well-known/"))
      .map(({ method, path }) => `${method} ${path}`);
    expect(
      routesOf(plain.template)
        .map(({ RouteKey }) => RouteKey)
        .sort(),
    ).toEqual([...ours, "$default"].sort());
  });

  test("asks for AWS credentials on every route", () => {
    expect(new Set(routesOf(plain.template).map(({ AuthorizationType }) => AuthorizationType))).toEqual(
      new Set(["AWS_IAM"]),
    );
  });

  test("asks for a token of the issuer instead, when so set; only a preflight, chat, pages and the way to a token need none", () => {
    const open = routesOf(full.template).filter(({ AuthorizationType }) => AuthorizationType !== "JWT");
    // Chat platforms sign what they send, and the function checks.
    expect(open.map(({ RouteKey, AuthorizationType }) => [RouteKey, AuthorizationType]).sort()).toEqual([
      // The page and the reference hold no data; a browser that opens them brings no token.
      ["GET /", "NONE"],
      ["GET /.well-known/oauth-protected-resource", "NONE"],
      ["GET /.well-known/oauth-protected-resource/mcp", "NONE"],
      ["GET /assets/{file}", "NONE"],
      ["GET /chat/wecom", "NONE"],
      ["GET /docs", "NONE"],
      ["GET /docs/{file}", "NONE"],
      ["GET /v1/openapi.json", "NONE"],
      ["HEAD /", "NONE"],
      ["HEAD /assets/{file}", "NONE"],
      ["HEAD /docs", "NONE"],
      ["HEAD /docs/{file}", "NONE"],
      ["HEAD /v1/openapi.json", "NONE"],
      ["OPTIONS /{proxy+}", "NONE"],
      ["POST /chat/{platform}", "NONE"],
    ]);
    const [[id, authorizer] = []] = ofType(full.template, "AWS::ApiGatewayV2::Authorizer");
    expect(authorizer?.Properties).toMatchObject({
      AuthorizerType: "JWT",
      IdentitySource: ["$request.header.Authorization"],
      JwtConfiguration: {
        Issuer: "https://login.example.com/tenant",
        Audience: ["unbindings", "4d53bce0-3d4f-4f06-b2f1-aaaaaaaaaaaa"],
      },
    });
    for (const route of routesOf(full.template)) {
      if (route["AuthorizationType"] === "JWT") expect(route["AuthorizerId"]).toEqual({ Ref: id });
    }
  });

  test("limits the rate, and logs who asked for what without query or headers", () => {
    const { DefaultRouteSettings, AccessLogSettings } =
      plain.template.Resources["HttpApiStage"]?.Properties ?? {};
    expect(DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 });
    const line = JSON.parse(AccessLogSettings.Format);
    expect(line).toMatchObject({ request_id: "$context.requestId", status: "$context.status" });
    expect(AccessLogSettings.Format).not.toMatch(/query|header|\$context\.authorizer\.principal/i);
  });
});

describe("the console", () => {
  test("is not deployed, nor is anything that it needs, unless it is asked for", () => {
    expect(Object.keys(settle(plain.template).Resources).filter((id) => /console/i.test(id))).toEqual([]);
  });

  test("is served at the root by a function that is told where people sign in, and may do nothing but log", () => {
    const { Variables } = theFunction(settle(full.template), "console").Properties?.["Environment"] ?? {};
    const { config } = readConsoleConfig(Variables);
    expect(config?.signIn).toEqual({
      issuer: "https://login.example.com/tenant",
      clientId: "4d53bce0-3d4f-4f06-b2f1-aaaaaaaaaaaa",
      scopes: "openid offline_access api://unbindings/read",
      connectOrigins: ["https://helpdesk.auth.eu-central-1.amazoncognito.com"],
    });
    const routes = ofType(full.template, "AWS::ApiGatewayV2::Route").map(([, { Properties }]) => Properties);
    for (const { method, path } of createConsoleRoutes("", null)) {
      for (const asked of [method, "HEAD"]) {
        expect(routes.map((route) => route?.["RouteKey"])).toContain(`${asked} ${path}`);
      }
    }
    const actions = statementsOf(settle(full.template).Resources["ConsoleRole"]).flatMap(actionsOf);
    expect(actions.filter((action) => !/^(?:logs|xray):/.test(action))).toEqual([]);
  });
});

describe("chat", () => {
  const deployed = () => settle(full.template).Resources;
  const getAtt = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });
  const variablesOfChat = (name: string) =>
    theFunction(settle(full.template), name).Properties?.["Environment"].Variables;

  test("is not deployed, nor is anything that it needs, unless its secret is given", () => {
    expect(Object.keys(settle(plain.template).Resources).filter((id) => /chat/i.test(id))).toEqual([]);
    expect(JSON.stringify(settle(plain.template).Resources)).not.toMatch(/dynamodb|sqs/i);
  });

  test.each(["chat", "chat-worker"])("%s is given every variable that it reads, and valid ones", (name) => {
    const variables = variablesOfChat(name);
    const asked = new Set<string>();
    const listening = new Proxy<Environment>({}, { get: (_, each) => void asked.add(String(each)) });
    readChatConfig(listening);
    const missing = [...asked].filter((each) => variables[each] === undefined);
    // The worker starts no other.
    expect(missing).toEqual(name === "chat" ? [] : ["CHAT_WORKER_FUNCTION"]);
    expect(variables).toMatchObject({ CHAT_SECRET_ID: CHAT_SECRET, CHAT_TIME_ZONE: "Asia/Shanghai" });
    expect(
      readChatConfig({ ...variables, CHAT_WORKER_FUNCTION: "w", CHAT_DEDUPE_TABLE: "t" }).faults,
    ).toBeNull();
  });

  test("may read both secrets, remember messages, start its worker, and nothing else but log and trace", () => {
    const [workspace, secret, , , , remember, start, ...rest] = statementsOf(deployed()["ChatRole"]);
    expect([workspace?.Resource, secret?.Resource]).toEqual([SECRET, CHAT_SECRET]);
    expect(remember).toEqual({
      Effect: "Allow",
      Action: "dynamodb:PutItem",
      Resource: getAtt("ChatMessages"),
    });
    expect(start).toEqual({
      Effect: "Allow",
      Action: "lambda:InvokeFunction",
      Resource: getAtt("ChatDashworkerLambdaFunction"),
    });
    expect(rest).toEqual([]);
  });

  test("has a worker that may do the same, but start nothing, and hand on what it could not answer", () => {
    const [, , , , , remember, handOn, ...rest] = statementsOf(deployed()["ChatDashworkerRole"]);
    expect(remember?.Action).toBe("dynamodb:PutItem");
    expect(handOn).toEqual({
      Effect: "Allow",
      Action: "sqs:SendMessage",
      Resource: getAtt("ChatUnanswered"),
    });
    expect(rest).toEqual([]);
  });

  test("has a worker that nothing but chat can reach, which is tried once and within a minute", () => {
    expect(deployed()["ChatDashworkerLambdaEvConf"]?.Properties).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination: getAtt("ChatUnanswered") } },
    });
    const reached = Object.entries(deployed()).filter(
      ([, { Type, Properties }]) =>
        /Integration|Permission|EventSourceMapping|Url/.test(Type) &&
        JSON.stringify(Properties).includes("ChatDashworker"),
    );
    expect(reached).toEqual([]);
  });

  test("remembers messages in a table of which old ones go by themselves", () => {
    expect(deployed()["ChatMessages"]?.Properties).toMatchObject({
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      TimeToLiveSpecification: { AttributeName: "expires_at", Enabled: true },
    });
  });

  test("gives its worker time for a lookup and for sending", () => {
    const seconds = theFunction(full.template, "chat-worker").Properties?.["Timeout"];
    expect(seconds * 1000).toBeGreaterThan(Number(variablesOf(full.template)["REQUEST_BUDGET_MS"]) + 3000);
  });

  test("raises an alarm when an answer was not sent", () => {
    expect(deployed()["ChatUnansweredAlarm"]?.Properties).toMatchObject({
      Namespace: "AWS/SQS",
      Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": ["ChatUnanswered", "QueueName"] } }],
      Threshold: 1,
    });
  });
});

describe("the sweep", () => {
  const theSweep = () => full.template.Resources["Sweep"]?.Properties ?? {};

  test("is not in the template, nor is anything that it needs, unless it is asked for", () => {
    expect(JSON.stringify(plain.template).match(/sweep|StepFunctions|states\.amazonaws/gi)).toBeNull();
  });

  test("is the state machine of examples/, filled in with the bucket, a folder of the stage and invoke", async () => {
    const definition = await readFile("examples/sweep/sweep.asl.json", "utf8");
    expect(theSweep()["Definition"]).toEqual(JSON.parse(definition));
    expect(theSweep()["DefinitionSubstitutions"]).toEqual({
      Bucket: BUCKET,
      Prefix: "workspace-unbindings/dev/",
      FunctionArn: { "Fn::GetAtt": ["InvokeLambdaFunction", "Arn"] },
    });
    const names = new Set(Array.from(definition.matchAll(/\$\{(\w+)\}/g), ([, name]) => name));
    expect(Object.keys(theSweep()["DefinitionSubstitutions"]).sort()).toEqual([...names].sort());
  });

  test("holds no null, which CloudFormation takes in no template", () => {
    expect(JSON.stringify(theSweep(), (_, value) => value ?? "null, not allowed")).not.toContain(
      "not allowed",
    );
  });

  test("is traced, and logs its steps without the rows, which name people, in a group that ends", () => {
    expect(theSweep()).toMatchObject({
      StateMachineType: "STANDARD",
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: {
        Level: "ALL",
        IncludeExecutionData: false,
        Destinations: [
          { CloudWatchLogsLogGroup: { LogGroupArn: { "Fn::GetAtt": ["SweepLogGroup", "Arn"] } } },
        ],
      },
    });
    expect(full.template.Resources["SweepLogGroup"]?.Properties).toEqual({
      LogGroupName: "/aws/vendedlogs/states/workspace-unbindings-dev-sweep",
      RetentionInDays: 30,
    });
  });

  /** What CloudFormation makes of names that hold no more than where it is deployed. */
  function inAnAccount<T>(value: T): T {
    const places: Record<string, string> = {
      Partition: "aws",
      Region: "eu-central-1",
      AccountId: "111122223333",
    };
    return JSON.parse(
      JSON.stringify(value)
        .replace(/\{"Fn::Sub":("[^"]*")\}/g, "$1")
        .replace(/\$\{AWS::(\w+)\}/g, (_, name) => places[name] ?? ""),
    );
  }

  test("may call invoke, read lists, write results, run its batches, trace and log, and nothing else", () => {
    const role = full.template.Resources["SweepRole"];
    const folder = `arn:aws:s3:::${BUCKET}/workspace-unbindings/dev`;
    const states = "arn:aws:states:eu-central-1:111122223333";
    const [invoke, read, write, start, batches, ...rest] = statementsOf(role).map(inAnAccount);
    expect([invoke, read, write, start, batches]).toEqual([
      {
        Effect: "Allow",
        Action: "lambda:InvokeFunction",
        Resource: { "Fn::GetAtt": ["InvokeLambdaFunction", "Arn"] },
      },
      { Effect: "Allow", Action: "s3:GetObject", Resource: `${folder}/lists/*` },
      {
        Effect: "Allow",
        Action: ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"],
        Resource: `${folder}/results/*`,
      },
      {
        Effect: "Allow",
        Action: "states:StartExecution",
        Resource: `${states}:stateMachine:workspace-unbindings-dev-sweep`,
      },
      {
        Effect: "Allow",
        Action: ["states:DescribeExecution", "states:StopExecution", "states:RedriveExecution"],
        Resource: [
          `${states}:execution:workspace-unbindings-dev-sweep:*`,
          `${states}:execution:workspace-unbindings-dev-sweep/*`,
        ],
      },
    ]);
    expect(new Set(rest.flatMap(actionsOf).map((action) => action.split(":")[0]))).toEqual(
      new Set(["xray", "logs"]),
    );
    expect(role?.Properties?.["AssumeRolePolicyDocument"].Statement[0].Principal).toEqual({
      Service: "states.amazonaws.com",
    });
  });

  test("raises an alarm when it stops before its end", () => {
    expect(full.template.Resources["SweepFailedAlarm"]?.Properties).toMatchObject({
      Namespace: "AWS/States",
      MetricName: "ExecutionsFailed",
      Dimensions: [{ Name: "StateMachineArn", Value: { Ref: "Sweep" } }],
      Threshold: 1,
    });
  });
});
