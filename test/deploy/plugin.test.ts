import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import Deployment, { type Serverless } from "../../deploy/plugin.ts";
import type { Resource } from "../../deploy/template.ts";
import { SECRET } from "../support/variants.ts";

const params = parse(readFileSync("serverless.yml", "utf8"), { logLevel: "error" }).params;
const GIVEN = `workspaceSecretArn=${SECRET}`;

interface Command {
  commands?: string;
  typed?: (string | null)[];
  stage?: string;
  region?: string;
  isHelpRequest?: boolean;
  more?: object;
}

/** The framework with one command, and what the plugin made of its configuration. */
function framework(command: Command) {
  const { commands = "package", typed = [], stage = "dev", region, isHelpRequest = false, more } = command;
  const extended: Record<string, unknown> = {};
  const serverless: Serverless = {
    processedInput: {
      commands: commands.split(" "),
      options: { param: typed, ...(region === undefined ? {} : { region }) },
      isHelpRequest,
    },
    configurationInput: {
      service: "workspace-unbindings",
      provider: { stage, region: region ?? "us-east-1" },
      params: { ...params, ...more },
    },
    extendConfiguration: (path, value) => {
      extended[path.join(".")] = value;
    },
    service: { provider: { compiledCloudFormationTemplate: { Resources: {} } } },
    getProvider: () => ({
      getRegion: () => "us-east-1",
      getAwsSdkV3Config: async () => ({}),
      naming: { getStackName: () => "workspace-unbindings-dev" },
    }),
    pluginManager: { plugins: [] },
    classes: { Error },
  };
  return { serverless, extended, plugin: () => new Deployment(serverless) };
}

beforeEach(() => {
  // The tests run under npm, with a region or without.
  for (const name of ["npm_config_param", "npm_config_stage", "npm_config_region"])
    vi.stubEnv(name, undefined);
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION"]) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

describe("the plugin", () => {
  test("leaves the framework one source of parameters: what was checked, numbers as numbers", () => {
    const { serverless, extended, plugin } = framework({
      typed: ["throttleRate=7", "auditLogRetentionDays=400"],
    });
    plugin();
    expect(extended["params.default"]).toMatchObject({
      throttleRate: 7,
      auditLogRetentionDays: 400,
      sweep: "off",
    });
    expect(serverless.processedInput.options.param).toBeUndefined();
    // The framework reads the command line once more.
    serverless.processedInput.options = { param: ["throttleRate=many"], region: "eu-central-1" };
    expect(serverless.processedInput.options).toEqual({ param: undefined, region: "eu-central-1" });
  });

  test.each([
    ["deploy", true],
    ["deploy function", true],
    ["package", false],
    ["remove", false],
    ["info", false],
    ["deploy list", false],
  ])("asks for what is missing before anything is sent: %s", (commands, isAsked) => {
    const { plugin } = framework({ commands });
    if (isAsked) expect(plugin).toThrow("--param=workspaceSecretArn=<");
    else expect(plugin).not.toThrow();
    expect(framework({ commands, typed: [GIVEN], region: "eu-central-1" }).plugin).not.toThrow();
  });

  test("refuses a faulty parameter whatever the command, but for help", () => {
    for (const commands of ["deploy", "package", "remove", "info", "print", "rollback"]) {
      expect(framework({ commands, typed: ["acessPolicy=x"] }).plugin).toThrow("did you mean accessPolicy?");
    }
    expect(
      framework({ commands: "deploy", typed: ["acessPolicy=x", null], isHelpRequest: true }).plugin,
    ).not.toThrow();
  });

  test("looks at regions where one is chosen, and always where something is sent", () => {
    const typed = [GIVEN];
    const stray = "workspaceSecretArn is in eu-central-1, and the deployment in";
    expect(framework({ typed }).plugin).not.toThrow();
    expect(framework({ typed, region: "eu-west-1" }).plugin).toThrow(`${stray} eu-west-1`);
    expect(framework({ typed, commands: "deploy" }).plugin).toThrow(`${stray} us-east-1`);
    vi.stubEnv("AWS_REGION", "us-east-1");
    expect(framework({ typed }).plugin).toThrow(`${stray} us-east-1`);
  });

  test("deploys no example", () => {
    const command = { typed: [GIVEN], region: "eu-central-1", stage: "example" };
    expect(framework({ ...command, commands: "deploy" }).plugin).toThrow("--stage=example is the example");
    expect(framework(command).plugin).not.toThrow();
  });

  test("refuses parameters of a stage in serverless.yml, which would pass unchecked", () => {
    const more = { prod: { accessPolicy: "[" } };
    expect(framework({ more }).plugin).toThrow("serverless.yml has params.prod: use deploy/stages/prod.yml");
  });

  test.each(["param", "stage", "region"])("says where npm has kept --%s", (name) => {
    vi.stubEnv(`npm_config_${name}`, "x");
    expect(framework({}).plugin).toThrow(`--${name} stands before -- and went to npm`);
  });

  test("sees the lines that the framework has cut off", () => {
    const whole = '--param=accessPolicy=[{"profiles":["*"]}]\n,';
    vi.spyOn(process, "argv", "get").mockReturnValue(["node", "serverless", whole]);
    const { plugin } = framework({ typed: ['accessPolicy=[{"profiles":["*"]}]'] });
    expect(plugin).toThrow("accessPolicy has several lines");
    vi.restoreAllMocks();
  });
});

describe("an option that concerns every resource of a type", () => {
  test("does not pass over a function whose role is not in the template", () => {
    const { serverless, plugin } = framework({
      typed: ["vpcSubnetIds=subnet-01234567", "vpcSecurityGroupIds=sg-01234567"],
    });
    const elsewhere: Resource = {
      Type: "AWS::Lambda::Function",
      Properties: { Role: "arn:aws:iam::111122223333:role/x" },
    };
    serverless.service.provider.compiledCloudFormationTemplate = { Resources: { Http: elsewhere } };
    const apply = plugin().hooks["after:aws:package:finalize:mergeCustomProviderResources"];
    expect(apply).toThrow("the role of Http is not in the template");
  });
});
