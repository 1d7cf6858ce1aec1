import { asProblem, errorOf, type Fault, FOREIGN_ANSWER, UnbindingsError } from "./error.ts";
import type { RetryOptions } from "./retry.ts";
import { type Call, type Transport, type Unbindings, unbindingsBy } from "./unbindings.ts";

// biome-ignore lint/suspicious/noExplicitAny: the SDK's own types shall fit, of whatever version
type Sdk = any;

/** A Lambda client of the AWS SDK for JavaScript 3: `Lambda`, or `LambdaClient`. */
export type LambdaLike =
  | { send(command: Sdk, options?: Sdk): Promise<Sdk> }
  | { invoke(input: Sdk, options?: Sdk): Promise<Sdk> };

type Command = new (input: Sdk) => object;

type Invoke = (
  functionName: string,
  payload: object,
  call: { signal: AbortSignal | undefined },
) => Promise<unknown>;

export interface InvokerOptions extends RetryOptions {
  /** Name or ARN of the function `invoke`. */
  functionName: string;
  /** The caller's own client of the AWS SDK. A `LambdaClient` needs `InvokeCommand` beside it, or the SDK at run time. */
  client?: LambdaLike;
  /**
   * The SDK's class for it. Without it, `@aws-sdk/client-lambda` is loaded at run time, which fails where a bundler has put
   * the SDK into the caller's own code, and where a package manager does not let this package see it.
   */
  InvokeCommand?: Command;
  /** In place of a client: plain question in, plain answer (or its JSON) out. */
  invoke?: Invoke;
}

/** The function `invoke`, by way of Lambda. */
export function createInvoker(options: InvokerOptions): Unbindings {
  const { functionName, client, InvokeCommand, invoke: own } = options;
  const ready = own ? async () => own : client && (() => invokeBy(client, InvokeCommand));
  if (!ready) throw new TypeError("createInvoker needs a client or an invoke function");

  const ask = async (question: object, { requestId, signal }: Call): Promise<unknown> => {
    // What fails here is no call's fault, and asking again is of no use.
    const invoke = await ready();
    let answer: unknown;
    try {
      answer = read(await invoke(functionName, { ...question, request_id: requestId }, { signal }));
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
  };

  const asks = { lookup: ask, lookupBatch: ask, person: ask, holders: ask, changes: ask };
  return unbindingsBy(asks as Transport, options);
}

/** @throws TypeError when the client takes commands, and there is no class to make one. */
async function invokeBy(client: LambdaLike, given: Command | undefined): Promise<Invoke> {
  if ("invoke" in client) {
    return async (FunctionName, payload, { signal }) =>
      (await client.invoke(inputOf(FunctionName, payload), { abortSignal: signal }))?.Payload;
  }
  const InvokeCommand = given ?? (await loadCommand());
  return async (FunctionName, payload, { signal }) =>
    (await client.send(new InvokeCommand(inputOf(FunctionName, payload)), { abortSignal: signal }))?.Payload;
}

function inputOf(FunctionName: string, payload: object): { FunctionName: string; Payload: string } {
  return { FunctionName, Payload: JSON.stringify(payload) };
}

async function loadCommand(): Promise<Command> {
  const sdk: string = "@aws-sdk/client-lambda";
  try {
    return (await import(/* @vite-ignore */ sdk)).InvokeCommand;
  } catch (cause) {
    const message = `createInvoker could not load ${sdk}: pass its InvokeCommand beside the client`;
    throw new TypeError(message, { cause });
  }
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
