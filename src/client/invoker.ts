import { asProblem, errorOf, type Fault, FOREIGN_ANSWER, UnbindingsError } from "./error.ts";
import type { RetryOptions } from "./retry.ts";
import { type Call, type Road, type Unbindings, unbindingsBy } from "./unbindings.ts";

interface InvokeInput {
  FunctionName: string;
  Payload: string;
}

interface InvokeOutput {
  Payload?: Uint8Array | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: the SDK's own types shall fit, of whatever version
type Sdk = any;

/** A Lambda client of the AWS SDK for JavaScript 3: `Lambda`, or `LambdaClient`. */
export type LambdaLike =
  | { send(command: Sdk, options?: Sdk): Promise<Sdk> }
  | { invoke(input: Sdk, options?: Sdk): Promise<Sdk> };

export interface InvokerOptions extends RetryOptions {
  /** Name or ARN of the function `invoke`. */
  functionName: string;
  /** The caller's own client of the AWS SDK. */
  client?: LambdaLike;
  /** The SDK's class for it, where a bundler would not find it by itself; only a `LambdaClient` needs it. */
  InvokeCommand?: new (
    input: Sdk,
  ) => object;
  /** In place of a client: plain question in, plain answer (or its JSON) out. */
  invoke?: (
    functionName: string,
    payload: object,
    call: { signal: AbortSignal | undefined },
  ) => Promise<unknown>;
}

/** The function `invoke`, by way of Lambda. */
export function createInvoker(options: InvokerOptions): Unbindings {
  const { functionName, client, InvokeCommand } = options;
  const invoke = options.invoke ?? (client && invokeBy(client, InvokeCommand));
  if (!invoke) throw new TypeError("createInvoker needs a client or an invoke function");

  async function ask(question: object, { requestId, signal }: Call): Promise<unknown> {
    let answer: unknown;
    try {
      answer = read(await invoke?.(functionName, { ...question, request_id: requestId }, { signal }));
    } catch (error) {
      signal?.throwIfAborted();
      const { name = "", message = "" } = (error ?? {}) as Error;
      throw thrownAs(name, message, requestId, error) ?? errorOf(faultOf(name), requestId, error);
    }
    const { errorType, errorMessage } = (answer ?? {}) as { errorType?: string; errorMessage?: string };
    if (typeof answer === "object" && answer !== null && errorMessage === undefined) return answer;
    throw (
      thrownAs(errorType ?? "", errorMessage ?? "", requestId) ?? errorOf(crashOf(errorMessage), requestId)
    );
  }

  return unbindingsBy({ lookup: ask, lookupBatch: ask } as Road, options);
}

function invokeBy(
  client: LambdaLike,
  InvokeCommand: InvokerOptions["InvokeCommand"],
): InvokerOptions["invoke"] {
  return async (FunctionName, payload, { signal }) => {
    const input: InvokeInput = { FunctionName, Payload: JSON.stringify(payload) };
    const options = { abortSignal: signal };
    const output: InvokeOutput =
      "invoke" in client
        ? await client.invoke(input, options)
        : await client.send(await commandOf(input, InvokeCommand), options);
    return output.Payload;
  };
}

// Whoever has a client of the SDK has its command, too. What is no SDK takes the input as a command carries it.
async function commandOf(input: InvokeInput, given: InvokerOptions["InvokeCommand"]): Promise<object> {
  const sdk: string = "@aws-sdk/client-lambda";
  const Command =
    given ??
    (await import(/* @vite-ignore */ sdk).then(
      (module) => module.InvokeCommand,
      () => null,
    ));
  return Command ? new Command(input) : { input };
}

function read(payload: unknown): unknown {
  if (payload instanceof Uint8Array) return JSON.parse(new TextDecoder().decode(payload));
  return typeof payload === "string" ? JSON.parse(payload) : payload;
}

/** The problem that the function threw: its name is the code, its message the problem as JSON. */
function thrownAs(name: string, message: string, requestId: string, cause?: unknown): UnbindingsError | null {
  if (!message.startsWith("{")) return null;
  try {
    const problem = asProblem(JSON.parse(message));
    return problem?.code === name
      ? new UnbindingsError({ ...problem, request_id: problem.request_id ?? requestId }, cause)
      : null;
  } catch {
    return null;
  }
}

/** What Lambda itself refused, or what could not be read. */
function faultOf(name: string): Fault {
  if (name === "SyntaxError") return FOREIGN_ANSWER;
  if (/TooManyRequests|Throttl/.test(name)) {
    return { code: "UPSTREAM_THROTTLED", status: 429, retryable: true, detail: "Lambda is limiting calls." };
  }
  if (/AccessDenied/.test(name)) {
    return { code: "FORBIDDEN", status: 403, retryable: false, detail: "You may not invoke the function." };
  }
  if (/ResourceNotFound/.test(name)) {
    return { code: "NOT_FOUND", status: 404, retryable: false, detail: "There is no such function." };
  }
  return {
    code: "UPSTREAM_UNREACHABLE",
    status: 503,
    retryable: true,
    detail: "Lambda could not be reached.",
  };
}

/** The function ended without an answer. */
function crashOf(message = ""): Fault {
  return /timed out/i.test(message)
    ? { code: "DEADLINE_EXCEEDED", status: 504, retryable: true, detail: "The function's time ran out." }
    : { code: "INTERNAL", status: 500, retryable: false, detail: "The function failed without an answer." };
}
