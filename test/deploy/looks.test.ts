import { describe, expect, test } from "vitest";
import { bucketFault } from "../../deploy/bucket.ts";
import { environmentFaults, stageFault } from "../../deploy/limits.ts";
import { lossesOf } from "../../deploy/removal.ts";
import { settle } from "../../deploy/settle.ts";
import type { Template } from "../../deploy/template.ts";
import { strayIn } from "../../deploy/together.ts";
import { BOUNDARY, LOG_KEY, SECRET } from "../support/variants.ts";

/** What can be known before a deployment, part by part. */

describe("a stage", () => {
  const functions = ["http", "chat-worker"];
  const longest = "x".repeat(64 - "workspace-unbindings--chat-worker".length);

  test("may be as long as the longest name of a function allows, and no longer", () => {
    expect(stageFault("workspace-unbindings", longest, functions)).toEqual([]);
    expect(stageFault("workspace-unbindings", `${longest}x`, functions)).toEqual([
      expect.stringContaining("has more than 31 characters"),
    ]);
  });
});

describe("the environment of a function", () => {
  function faultsWith(variables: Record<string, unknown>) {
    const properties = { FunctionName: "http", Environment: { Variables: variables } };
    return environmentFaults({
      Resources: { Http: { Type: "AWS::Lambda::Function", Properties: properties } },
    });
  }
  /** `{"A":"…"}` */
  const AROUND = 8;

  test("may have 4,096 bytes as JSON, and no more", () => {
    expect(faultsWith({ A: "x".repeat(4096 - AROUND) })).toEqual([]);
    expect(faultsWith({ A: "x".repeat(4097 - AROUND) })).toHaveLength(1);
  });

  test("is measured in bytes, with every quote escaped, as Lambda measures it", () => {
    expect(faultsWith({ A: "é".repeat((4096 - AROUND) / 2) })).toEqual([]);
    expect(faultsWith({ A: `${"é".repeat((4096 - AROUND) / 2)}é` })).toHaveLength(1);
    expect(faultsWith({ A: '"'.repeat((4096 - AROUND) / 2) })).toEqual([]);
    expect(faultsWith({ A: `${'"'.repeat((4096 - AROUND) / 2)}"` })).toHaveLength(1);
  });

  test("has room for names that CloudFormation makes up", () => {
    expect(faultsWith({ A: "x".repeat(4000), TABLE: { Ref: "Table" } })).toHaveLength(1);
  });

  test("tells how much of it is the access policy", () => {
    expect(faultsWith({ ACCESS_POLICY: "x".repeat(5000) })[0]).toContain(
      "5020 of them are the access policy",
    );
  });

  test("is none where a function has none", () => {
    expect(environmentFaults({ Resources: { Http: { Type: "AWS::Lambda::Function" } } })).toEqual([]);
  });
});

describe("what a stack would lose", () => {
  const EMPTY: Template = { Resources: {} };
  const stack = (...resources: string[]) => ({ resources, template: EMPTY });
  const withPolicy = (policy: unknown): Template => ({
    Resources: {
      Http: {
        Type: "AWS::Lambda::Function",
        Properties: { Environment: { Variables: { ACCESS_POLICY: policy } } },
      },
      Docs: { Type: "AWS::Lambda::Function", Properties: {} },
    },
  });

  test("is told by part, and only where a part loses something", () => {
    const deployed = stack(
      "ChatRole",
      "WatchTable",
      "LedgerTable",
      "ConsoleRoute",
      "DomainMapping",
      "HttpAuditSubscription",
    );
    expect(lossesOf(deployed, { Resources: { ChatRole: { Type: "T" } } })).toEqual([
      "the watch and its ledger (LedgerTable, WatchTable)",
      "the console (ConsoleRoute)",
      "the audit log (HttpAuditSubscription)",
      "the custom domain (DomainMapping)",
    ]);
  });

  test("is nothing of no part", () => {
    expect(lossesOf(stack("HttpRole", "AlarmEmail"), EMPTY)).toEqual([]);
  });

  test("is the access policy, where there was one and will be none", () => {
    const protectedStack = { resources: [], template: withPolicy("[{}]") };
    expect(lossesOf(protectedStack, withPolicy(""))).toEqual([expect.stringContaining("the access policy")]);
    expect(lossesOf(protectedStack, withPolicy('[{"chat":true}]'))).toEqual([]);
    expect(lossesOf({ resources: [], template: withPolicy("") }, withPolicy(""))).toEqual([]);
  });
});

describe("a package that was made earlier", () => {
  test("has no ARN of another region, but for those that have none", () => {
    const template = { a: `key ${LOG_KEY}`, b: [SECRET, BOUNDARY, SECRET], c: "arn:aws:s3:::bucket/*" };
    expect(strayIn(template, "eu-central-1")).toEqual([]);
    expect(strayIn(template, "eu-west-1")).toEqual([
      `${LOG_KEY} is not in eu-west-1`,
      `${SECRET} is not in eu-west-1`,
    ]);
  });
});

describe("the sweep's bucket", () => {
  const looking = (checkIfBucketExists: (name: string) => Promise<boolean>) => [{}, { checkIfBucketExists }];

  test("is there, or not", async () => {
    expect(
      await bucketFault(
        "b",
        looking(async () => true),
      ),
    ).toEqual([]);
    expect(
      await bucketFault(
        "b",
        looking(async () => false),
      ),
    ).toEqual(["sweepBucket: there is no bucket b"]);
  });

  test("cannot be seen, or is elsewhere", async () => {
    const forbidden = Object.assign(new Error("no"), { code: "AWS_S3_HEAD_BUCKET_FORBIDDEN" });
    expect(
      await bucketFault(
        "b",
        looking(() => Promise.reject(forbidden)),
      ),
    ).toEqual([expect.stringContaining("s3:ListBucket")]);
    expect(
      await bucketFault(
        "b",
        looking(() => Promise.reject(new Error("moved"))),
      ),
    ).toEqual([expect.stringContaining("it may be in another (moved)")]);
  });

  test("is not taken for granted when nobody can look", async () => {
    expect(await bucketFault("b", [])).toHaveLength(1);
  });
});

describe("a settled template", () => {
  const conditions = {
    Yes: { "Fn::Equals": ["a", "a"] },
    No: { "Fn::Not": [{ Condition: "Yes" }] },
    Either: { "Fn::Or": [{ Condition: "No" }, { Condition: "Yes" }] },
    Both: { "Fn::And": [{ Condition: "No" }, { Condition: "Yes" }] },
  };
  const item = (Condition: string) => ({ Type: "T", Condition });

  test("has the resources and outputs whose condition holds", () => {
    const { Resources, Outputs } = settle({
      Conditions: conditions,
      Resources: { A: item("Yes"), B: item("No"), C: item("Either"), D: item("Both"), E: { Type: "T" } },
      Outputs: { O: { Condition: "No", Value: 1 }, P: { Condition: "Yes", Value: 2 } },
    });
    expect(Object.keys(Resources)).toEqual(["A", "C", "E"]);
    expect(Outputs).toEqual({ P: { Value: 2 } });
  });

  test("is none with a condition that cannot be decided: nothing is guessed", () => {
    expect(() => settle({ Resources: { A: item("Unknown") } })).toThrow("no condition named Unknown");
    const odd = { Odd: { "Fn::Contains": [] } };
    expect(() => settle({ Conditions: odd, Resources: { A: item("Odd") } })).toThrow("no way to decide");
  });
});
