import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import Required, { missingFrom, type RequiredParameters } from "../../deploy/required.ts";
import { parseAccessPolicy } from "../../src/access/policy.ts";

const SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:workspace-unbindings-AbCdEf";

const readme = readFileSync("README.md", "utf8");
const configuration = readFileSync("serverless.yml", "utf8");
const files = ["serverless.yml", ...readdirSync("deploy").map((name) => `deploy/${name}`)].filter((name) =>
  name.endsWith(".yml"),
);

const defaults: Record<string, unknown> = parse(configuration, { logLevel: "error" }).params.default;

/** Name → default, as the README's table has them. */
const documented = Object.fromEntries(
  [...readme.matchAll(/^\| `(\w+)` \| ([^|]*) \| /gm)]
    .map(([, name = "", value = ""]) => [name, value.trim()] as const)
    .filter(([name]) => /^[a-z][A-Za-z0-9]+$/.test(name) && name in defaults),
);

describe("parameters", () => {
  test("the README's table has each one with its default, and no other", () => {
    const expected = Object.entries(defaults).map(([name, value]) => {
      if (String(value).includes("to-be-given")) return [name, "to be given"];
      return [name, value === "" ? "–" : `\`${value}\``];
    });
    expect(documented).toEqual(Object.fromEntries(expected));
    const section = readme.slice(readme.indexOf("### Parameters"), readme.indexOf("### Take it down"));
    const rows = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
    expect(rows).toEqual(Object.keys(defaults));
  });

  test("each one is used, and none that is used is missing", () => {
    const text = files.map((name) => readFileSync(name, "utf8")).join("\n");
    const used = new Set([...text.matchAll(/\$\{param:(\w+)/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(defaults).sort());
  });

  test("the commands shown give only parameters that exist, and all that a deployment needs", () => {
    const pages = readme + readFileSync("docs/chat.md", "utf8");
    const commands = [...pages.matchAll(/^npm run deploy -- (?:.*\\\n)*.*$/gm)].map(([command]) => command);
    expect(commands.length).toBeGreaterThanOrEqual(4);
    for (const command of commands) {
      const given = Object.fromEntries(
        [...command.matchAll(/--param=(\w+)="?([^"\s]+)/g)].map(([, name = "", value = ""]) => [
          name,
          /^\$(?:CHAT_)?SECRET_ARN$/.test(value) ? SECRET : value,
        ]),
      );
      expect(Object.keys(defaults)).toEqual(expect.arrayContaining(Object.keys(given)));
      expect(missingFrom({ ...(defaults as unknown as RequiredParameters), ...given }), command).toEqual([]);
    }
  });
});

describe("what a deployment cannot do without", () => {
  const packaged = defaults as unknown as RequiredParameters;
  const enough: RequiredParameters = { ...packaged, workspaceSecretArn: SECRET };

  test("is the secret's ARN, and nothing more", () => {
    expect(missingFrom(packaged)).toEqual([expect.stringContaining("--param=workspaceSecretArn=")]);
    expect(missingFrom(enough)).toEqual([]);
  });

  test.each([
    ["a name", "workspace-unbindings"],
    ["an ARN without its last six characters", SECRET.slice(0, -7)],
    ["another service's ARN", "arn:aws:ssm:eu-central-1:111122223333:parameter/workspace-AbCdEf"],
    ["a pattern", `${SECRET.slice(0, -6)}??????`],
  ])("%s is not the secret's ARN", (_, workspaceSecretArn) => {
    expect(missingFrom({ ...packaged, workspaceSecretArn })).toHaveLength(1);
  });

  test("an ARN of another partition is one", () => {
    const workspaceSecretArn = SECRET.replace("arn:aws:", "arn:aws-cn:").replace(
      "eu-central-1",
      "cn-north-1",
    );
    expect(missingFrom({ ...packaged, workspaceSecretArn })).toEqual([]);
  });

  test("is, for tokens, their issuer and audience as well", () => {
    const tokens = { ...enough, authorization: "jwt" };
    expect(missingFrom(tokens)).toEqual([
      expect.stringContaining("--param=jwtIssuer="),
      expect.stringContaining("--param=jwtAudience="),
    ]);
    const given = { jwtIssuer: "https://login.example.com", jwtAudience: "unbindings" };
    expect(missingFrom({ ...tokens, ...given })).toEqual([]);
    expect(missingFrom({ ...tokens, ...given, jwtIssuer: "http://login.example.com" })).toHaveLength(1);
  });

  test("is, for chat, the whole ARN of its secret as well", () => {
    expect(missingFrom({ ...enough, chatSecretArn: SECRET })).toEqual([]);
    for (const chatSecretArn of ["workspace-unbindings-chat", SECRET.slice(0, -7)]) {
      expect(missingFrom({ ...enough, chatSecretArn })).toEqual([
        expect.stringContaining("--param=chatSecretArn="),
      ]);
    }
  });

  test("is, for the console, tokens and a client ID as well", () => {
    const page = { ...enough, console: "on" };
    expect(missingFrom(page)).toEqual([
      expect.stringContaining("--param=authorization=jwt"),
      expect.stringContaining("--param=consoleClientId="),
    ]);
    const tokens = { authorization: "jwt", jwtIssuer: "https://login.example.com", jwtAudience: "a,b" };
    const given = { ...page, ...tokens, consoleClientId: "1h57kf5cpq17m0eml12EXAMPLE" };
    expect(missingFrom(given)).toEqual([]);
    const origins = "https://helpdesk.auth.eu-central-1.amazoncognito.com, https://login.example.com:8443";
    expect(missingFrom({ ...given, consoleConnectOrigins: origins })).toEqual([]);
    for (const wrong of [
      "login.example.com",
      "https://a.example/path",
      "https://a.example; script-src *",
      "*",
    ]) {
      expect(missingFrom({ ...given, consoleConnectOrigins: wrong }), wrong).toHaveLength(1);
    }
  });

  test("is, for the sweep, a bucket as well", () => {
    const sweep = { ...enough, sweep: "on" };
    expect(missingFrom(sweep)).toEqual([expect.stringContaining("--param=sweepBucket=")]);
    expect(missingFrom({ ...sweep, sweepBucket: "my-bucket" })).toEqual([]);
    for (const sweepBucket of ["s3://my-bucket", "my-bucket/lists", "arn:aws:s3:::my-bucket", "*"]) {
      expect(missingFrom({ ...sweep, sweepBucket }), sweepBucket).toHaveLength(1);
    }
  });

  function runs(command: string, required: RequiredParameters): () => void {
    const serverless = {
      processedInput: { commands: command.split(" ") },
      service: { custom: { required } },
      classes: { Error },
    };
    return () => new Required(serverless).hooks["initialize"]?.();
  }

  test("stops a deployment, with one message for all that is missing", () => {
    expect(runs("deploy", { ...packaged, authorization: "jwt" })).toThrow(
      /needs:\n {2}--param=workspaceSecretArn=.*\n {2}--param=jwtIssuer=.*\n {2}--param=jwtAudience=.*\nSee "Deploy"/,
    );
    expect(runs("deploy", enough)).not.toThrow();
  });

  test("stops the tool itself, which says so and sends nothing", async () => {
    const tool = ["node_modules/serverless/bin/serverless.js", "deploy"];
    // Without credentials anything that was sent would fail in other words.
    const env = { ...process.env, AWS_ACCESS_KEY_ID: "", AWS_PROFILE: "" };
    const failure = await promisify(execFile)(process.execPath, tool, { env }).catch((error) => error);
    expect(failure.code).toBe(1);
    expect(`${failure.stdout}${failure.stderr}`).toContain("--param=workspaceSecretArn=");
  });

  test.each(["package", "remove", "info", "deploy list"])("does not stop `%s`", (command) => {
    expect(runs(command, packaged)).not.toThrow();
  });
});

describe("the README's sections for operators", () => {
  const section = readme.slice(readme.indexOf("## Deploy"));

  test("show policies as JSON that name their actions", () => {
    const documents = [...section.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text = ""]) =>
      JSON.parse(text),
    );
    const policies = documents.filter((document) => "Version" in document);
    expect(policies.map(({ Version, Statement: [{ Action }] }) => [Version, [Action].flat()[0]])).toEqual([
      ["5.0", "workspace:desktops:listDetachInfo"],
      ["1.1", "workspace:*:get*"],
      ["2012-10-17", "execute-api:Invoke"],
    ]);
  });

  test("show an access policy that is one", () => {
    const [, example = ""] = /^```json\n(\[.*?)^```$/ms.exec(section) ?? [];
    expect(parseAccessPolicy(example).faults).toBeNull();
  });

  test("list every alarm that is deployed", () => {
    const named = [...section.matchAll(/^\| `(\w+Alarm)` /gm)].map(([, name]) => name);
    const deployed = files.flatMap((name) =>
      [...readFileSync(name, "utf8").matchAll(/^ {4}(\w+Alarm):$/gm)].map(([, alarm]) => alarm),
    );
    expect(named.sort()).toEqual(deployed.sort());
  });
});
