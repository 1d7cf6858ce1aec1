import { isIntrinsic, type Template } from "./template.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html */
const MAX_FUNCTION_NAME = 64;

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_ENVIRONMENT_BYTES = 4096;

/** A name that CloudFormation makes up is the stack's, the resource's and twelve characters: this is more. */
const MADE_UP_NAME = "x".repeat(128);

/** Why the stage's name is too long; nothing if it is not. All functions count, so that each can be added later. */
export function stageFault(service: string, stage: string, functions: readonly string[]): string[] {
  const longest = Math.max(...functions.map((name) => name.length));
  const room = MAX_FUNCTION_NAME - service.length - longest - "--".length;
  if (stage.length <= room) return [];
  return [
    `--stage=${stage} has more than ${room} characters: the name of a function may have ${MAX_FUNCTION_NAME}`,
  ];
}

/** Functions whose environment Lambda would refuse. */
export function environmentFaults({ Resources }: Template): string[] {
  return Object.values(Resources).flatMap(({ Type, Properties }) => {
    if (Type !== "AWS::Lambda::Function") return [];
    const variables: Record<string, unknown> = Properties?.["Environment"]?.Variables ?? {};
    const bytes = bytesOf(variables);
    if (bytes <= MAX_ENVIRONMENT_BYTES) return [];
    const policy = bytesOf({ ACCESS_POLICY: variables["ACCESS_POLICY"] ?? "" });
    return [
      `the environment of ${Properties?.["FunctionName"]} has ${bytes} bytes and may have ${MAX_ENVIRONMENT_BYTES}: ` +
        `${policy} of them are the access policy`,
    ];
  });
}

/** Lambda measures the variables as JSON, quotes escaped. */
function bytesOf(variables: Readonly<Record<string, unknown>>): number {
  const filled = Object.entries(variables).map(([name, value]) => [
    name,
    isIntrinsic(value) ? MADE_UP_NAME : value,
  ]);
  return Buffer.byteLength(JSON.stringify(Object.fromEntries(filled)));
}
