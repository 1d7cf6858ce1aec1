import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Account, serveAccount } from "../support/aws.ts";
import { inHollowCopy } from "../support/packaged.ts";
import { SECRET } from "../support/variants.ts";

// Each command is a process that packages.
vi.setConfig({ testTimeout: 240_000 });

interface Outcome {
  code: number;
  text: string;
}

let folder: string;
let bare: NodeJS.ProcessEnv;
let leave: () => void;
let copied: Promise<unknown>;
let stop: () => void = () => undefined;

beforeAll(async () => {
  await new Promise<void>((ready) => {
    copied = inHollowCopy(async (copy, env) => {
      folder = copy;
      bare = env;
      ready();
      await new Promise<void>((resolve) => {
        leave = resolve;
      });
    });
  });
});
afterAll(async () => {
  leave();
  await copied;
});
afterEach(() => stop());

async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const options = { cwd: folder, env: { ...bare, ...env } };
  return await promisify(execFile)(program, args, options).then(
    ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
    ({ code, stdout, stderr }) => ({ code, text: stdout + stderr }),
  );
}

const serverless = (args: readonly string[], env?: NodeJS.ProcessEnv) =>
  run(process.execPath, ["node_modules/serverless/bin/serverless.js", ...args], env);

/** `serverless deploy` in an account; what it asked AWS, but for who it is. */
async function deploy(account: Partial<Account>, ...args: string[]): Promise<Outcome & { asked: string[] }> {
  const served = await serveAccount({ resources: null, bucketStatus: 200, refusal: null, ...account });
  stop = served.close;
  const outcome = await serverless(["deploy", "--region", "eu-central-1", ...args], served.env);
  return { ...outcome, asked: served.asked.filter((action) => action !== "GetCallerIdentity") };
}

/** What changes nothing. */
const LOOKS = /^(?:HEAD |ListStackResources$|GetTemplate$)/;

const GIVEN = `--param=workspaceSecretArn=${SECRET}`;

describe("a deployment that would not work", () => {
  test("asks AWS for nothing, and names everything that is wrong at once", async () => {
    const served = await serveAccount({ resources: [], bucketStatus: 200, refusal: null });
    stop = served.close;
    const wrong = [
      ["--region", "eu-west-1", "--stage", "a-stage-that-is-far-too-long-for-it", GIVEN],
      [
        "--param=acessPolicy=[]",
        "--param",
        "throttleRate=x",
        "--param=corsOrigins=",
        "--param=accessPolicy=[\n]",
      ],
      ["--param=alarmEmail=a@b.example", "--param=alarmEmail=c@d.example", "--param=customDomain=a.example"],
    ].flat();
    const { code, text } = await serverless(["deploy", ...wrong], served.env);
    expect(code).toBe(1);
    for (const fault of [
      "--param=acessPolicy is not a parameter: did you mean accessPolicy?",
      "--param=throttleRate must be a whole number from 1 to 10000",
      "--param=corsOrigins is empty",
      "--param=accessPolicy has several lines",
      "--param=alarmEmail is given twice",
      "customDomain and customDomainCertificateArn must be given together",
      "workspaceSecretArn is in eu-central-1, and the deployment in eu-west-1",
      "--stage=a-stage-that-is-far-too-long-for-it has more than 31 characters",
    ]) {
      expect(text).toContain(fault);
    }
    expect(served.asked).toEqual([]);
  });

  test.each(["deploy", "deploy function -f http"])(
    "asks AWS for nothing without its secret: %s",
    async (command) => {
      const served = await serveAccount({ resources: [], bucketStatus: 200, refusal: null });
      stop = served.close;
      const { code, text } = await serverless(command.split(" "), served.env);
      expect(code).toBe(1);
      expect(text).toContain("--param=workspaceSecretArn=<");
      expect(served.asked).toEqual([]);
    },
  );

  test("is told where npm has kept its parameters", async () => {
    const { code, text } = await run("npm", [
      "run",
      "package",
      "--param=accessPolicyFile=p.json",
      "--stage=prod",
    ]);
    expect(code).not.toBe(0);
    expect(text).toContain("--param stands before -- and went to npm: write npm run deploy -- --param=…");
    expect(text).toContain("--stage stands before -- and went to npm");
  });

  test("has an environment that Lambda would refuse", async () => {
    const rules = Array.from({ length: 80 }, (_, index) => ({
      iam: [`arn:aws:iam::111122223333:role/role-number-${index}`],
    }));
    await writeFile(join(folder, "long.json"), JSON.stringify(rules));
    const { code, text, asked } = await deploy({}, GIVEN, "--param=accessPolicyFile=long.json");
    expect(code).toBe(1);
    expect(text).toMatch(
      /the environment of workspace-unbindings-dev-http has \d+ bytes and may have 4096: \d+ of them/,
    );
    expect(asked).toEqual([]);
  });

  test("has a bucket that is not in its region", async () => {
    const sweep = [GIVEN, "--param=sweep=on", "--param=sweepBucket=my-bucket"];
    const { code, text, asked } = await deploy({ bucketStatus: 301 }, ...sweep);
    expect(code).toBe(1);
    expect(text).toContain("my-bucket cannot be reached in this region");
    expect(asked.filter((action) => !LOOKS.test(action))).toEqual([]);
  });
});

describe("a deployment that would delete a part of the stack", () => {
  const resources = ["HttpRole", "OldAlarm", "ChatRole", "ChatMessages", "Sweep", "SweepRole", "AuditTrail"];

  test("says which, resource by resource, and sends nothing", async () => {
    const { code, text, asked } = await deploy({ resources }, GIVEN);
    expect(code).toBe(1);
    expect(text).toContain(
      "it would delete chat (ChatMessages, ChatRole): say --param=confirmRemoval=yes if it shall",
    );
    expect(text).toContain("it would delete the sweep (Sweep, SweepRole)");
    expect(text).toContain("it would delete the audit log (AuditTrail)");
    expect(text).not.toContain("OldAlarm");
    expect(asked.filter((action) => !LOOKS.test(action))).toEqual([]);
  });

  test("would lift the access policy, which is a loss as well", async () => {
    const properties = { Environment: { Variables: { ACCESS_POLICY: '[{"profiles":["prod"]}]' } } };
    const template = { Resources: { Http: { Type: "AWS::Lambda::Function", Properties: properties } } };
    const { code, text, asked } = await deploy({ resources: ["HttpRole"], template }, GIVEN);
    expect(code).toBe(1);
    expect(text).toContain(
      "it would delete the access policy, and every caller may then ask about the default profile",
    );
    expect(asked.filter((action) => !LOOKS.test(action))).toEqual([]);
  });

  test("goes on when that is confirmed", async () => {
    const { text, asked } = await deploy({ resources }, GIVEN, "--param=confirmRemoval=yes");
    expect(text).not.toContain("it would delete");
    expect(asked).toContain("DescribeStacks");
  });

  test("is none when there is no stack", async () => {
    const { text, asked } = await deploy({ resources: null }, GIVEN);
    expect(text).not.toContain("it would delete");
    expect(asked).toContain("DescribeStacks");
  });

  test("is suspected when CloudFormation does not tell what there is", async () => {
    const { code, text, asked } = await deploy(
      { refusal: "User is not authorized to ListStackResources" },
      GIVEN,
    );
    expect(code).toBe(1);
    expect(text).toContain("not authorized");
    expect(asked).toEqual(["ListStackResources"]);
  });
});

describe("a stage's file", () => {
  test("is used for its stage, and checked like what is typed", async () => {
    await mkdir(join(folder, "deploy/stages"), { recursive: true });
    await writeFile(
      join(folder, "deploy/stages/prod.yml"),
      `workspaceSecretArn: ${SECRET}\nalarmMail: a@b.example\n`,
    );
    const { code, text } = await serverless(["deploy", "--stage", "prod", "--region", "eu-central-1"]);
    expect(code).toBe(1);
    expect(text).toContain("deploy/stages/prod.yml: alarmMail is not a parameter: did you mean alarmEmail?");
    await writeFile(join(folder, "deploy/stages/prod.yml"), `workspaceSecretArn: ${SECRET}\n`);
    const { text: next, asked } = await deploy({ resources: ["ChatRole"] }, "--stage", "prod");
    expect(next).toContain("it would delete chat");
    expect(asked).toContain("ListStackResources");
  });
});

describe("a package that was made earlier", () => {
  test("is not deployed without the parameters that it was made without", async () => {
    expect((await serverless(["package", "--package", "earlier"])).code).toBe(0);
    const { code, text, asked } = await deploy({}, "--package", "earlier", GIVEN);
    expect(code).toBe(1);
    expect(text).toContain("the package was made without its parameters");
    expect(asked.filter((action) => !LOOKS.test(action))).toEqual([]);
  });

  test("is looked at, and not what the command says", async () => {
    const chat = `--param=chatSecretArn=${SECRET}`;
    expect((await serverless(["package", "--package", "without", GIVEN])).code).toBe(0);
    const { code, text } = await deploy({ resources: ["ChatMessages"] }, "--package", "without", GIVEN, chat);
    expect(code).toBe(1);
    expect(text).toContain("it would delete chat (ChatMessages)");
  });
});

describe("other commands", () => {
  test.each(["info", "remove"])("need no parameter: %s", async (command) => {
    const served = await serveAccount({ resources: [], bucketStatus: 200, refusal: null });
    stop = served.close;
    const { text } = await serverless(command.split(" "), served.env);
    expect(text).not.toContain("parameters");
    expect(served.asked.length).toBeGreaterThan(0);
  });

  test("help is given whatever is typed beside it", async () => {
    const { code, text } = await serverless(["deploy", "--help", "--param=x=y"]);
    expect([code, text]).toEqual([0, expect.stringContaining("--param")]);
  });
});
