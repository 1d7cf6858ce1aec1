import { readFileSync } from "node:fs";
import type { Context } from "aws-lambda";
import { createInvokeFunction } from "../../src/invoke/invoke-function.ts";
import { execute } from "./states/execute.ts";
import type { Machine } from "./states/machine.ts";
import { type ChatAnswer, type Heard, rowsOf, stage } from "./world.ts";

// The definition runs in an interpreter of our own (states/), on JSONata's reference engine, before the real function.
// Those on npm (aws-local-stepfunctions 3.0.0, stepfunctions-local 1.3.1) know neither JSONata nor variables, nor what
// makes a Map distributed: its reader, batches, writer and tolerance.

export const TEXT = readFileSync("examples/sweep/sweep.asl.json", "utf8");

/** What CloudFormation fills in. */
export const SUBSTITUTIONS: Readonly<Record<string, string>> = {
  Bucket: "the-bucket",
  Prefix: "workspace-unbindings/test/",
  FunctionArn: "arn:aws:lambda:eu-central-1:111122223333:function:workspace-unbindings-test-invoke",
};

export function definition(): Machine {
  return JSON.parse(TEXT.replace(/\$\{(\w+)\}/g, (_, name) => SUBSTITUTIONS[name] ?? ""));
}

export interface Order {
  /** What Huawei says, and how the time passes meanwhile. */
  say?: (heard: Heard, pass: (ms: number) => void) => ChatAnswer;
  env?: Record<string, string>;
  /** Desktop IDs, or the text of the list. */
  list?: readonly string[] | string;
  input?: object;
  /** Stands before the real function: what it throws, Lambda does; what it gives, Lambda answers. */
  lambda?: (invocation: number, desktopIds: readonly string[]) => unknown;
}

interface Row {
  desktop_id: string;
  user_name: string | null;
  truncated: boolean | null;
  error_code: string | null;
}

export const answered = ({ desktopId }: Heard): ChatAnswer => rowsOf(desktopId ?? "", "alice");

const FOLDER = "the-bucket/workspace-unbindings/test";

/** Runs a sweep to its end, and tells what came of it. */
export async function sweep({
  say = answered,
  env = {},
  list = [],
  input = {},
  lambda = () => undefined,
}: Order) {
  const asked: number[] = [];
  const theStage = stage({
    env,
    say: (heard) => {
      asked.push(now() - start);
      return say(heard, theStage.pass);
    },
  });
  const now = (): number => theStage.composition.service?.wallNow() as number;
  const start = now();
  const handler = createInvokeFunction(theStage.composition);
  const context = { awsRequestId: "lambda-request", getRemainingTimeInMillis: () => 10_000 } as Context;

  const batches: number[] = [];
  const objects = new Map([
    [`${FOLDER}/lists/all.csv`, typeof list === "string" ? list : ["desktop_id", ...list, ""].join("\n")],
  ]);
  const error = await execute(
    definition(),
    { list: "all.csv", ...input },
    {
      objects,
      now,
      sleep: async (ms) => theStage.pass(ms),
      invoke: async (functionArn, question) => {
        if (functionArn !== SUBSTITUTIONS["FunctionArn"]) throw new Error(`no function ${functionArn}`);
        const { desktop_ids: ids } = question as { desktop_ids: string[] };
        batches.push(ids.length);
        return lambda(batches.length, ids) ?? (await handler(question, context));
      },
    },
  );

  const lines = (name: string) =>
    [...objects]
      .filter(([path]) => path.startsWith(`${FOLDER}/results/`) && path.endsWith(`/${name}`))
      .flatMap(([, text]) => text.split("\n").filter(Boolean))
      .map((line) => JSON.parse(line));
  const desktopsIn = (name: string): string[] =>
    lines(name).flatMap(({ Input }) => Input.Items.map(({ desktop_id }: Row) => desktop_id));
  const rows: Row[] = lines("SUCCEEDED_0.jsonl");
  return {
    error: error?.name ?? null,
    rows,
    errors: rows.flatMap(({ desktop_id, error_code }) => (error_code ? [[desktop_id, error_code]] : [])),
    /** Why a batch ended badly, its desktops, and those of the batches that were never begun. */
    causes: lines("FAILED_0.jsonl").map(({ Cause }): string => Cause),
    failed: desktopsIn("FAILED_0.jsonl"),
    pending: desktopsIn("PENDING_0.jsonl"),
    /** The desktops that Huawei was asked about, and when, in milliseconds since the start. */
    heard: theStage.heard.map(({ desktopId }) => desktopId),
    accessKeys: theStage.heard.map(({ accessKey }) => accessKey),
    asked,
    /** How many desktops each invocation was asked about. */
    batches,
    seconds: (now() - start) / 1000,
  };
}
