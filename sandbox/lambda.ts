import { randomUUID } from "node:crypto";
import type { Context } from "aws-lambda";
import { lambdaContext } from "./lambda-context.ts";
import { readBytes, type Serving, serve } from "./serve.ts";

type Handler = (event: unknown, context: Context) => Promise<unknown>;

export interface LambdaFunction {
  name: string;
  /** Called by the first invocation, as on Lambda: by then the environment is complete. */
  load: () => Promise<Handler>;
  timeoutMs: number;
}

/** Lambda takes no more in an asynchronous event. */
const MAX_EVENT_BYTES = 1024 * 1024;
const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/**
 * AWS Lambda, as far as this project calls it: Invoke with `InvocationType: Event`, for the real SDK. Answers 202 before the
 * function runs; what fails is not tried again.
 */
export function serveLambda(functions: readonly LambdaFunction[]): Promise<Serving> {
  return serve(async (request, response) => {
    response.setHeader("x-amzn-requestid", randomUUID());
    const fail = (status: number, type: string, message: string) => {
      response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": type });
      response.end(JSON.stringify({ Message: message }));
    };
    const body = await readBytes(request, MAX_EVENT_BYTES);
    if (body === null) return fail(413, "RequestTooLargeException", "The event is too large.");
    const [, name] = INVOKE.exec(request.url ?? "") ?? [];
    const called = functions.find((each) => each.name === name);
    if (request.method !== "POST" || !called) {
      return fail(404, "ResourceNotFoundException", `Function not found: ${name ?? request.url}`);
    }
    if (request.headers["x-amz-invocation-type"] !== "Event") {
      return fail(400, "InvalidParameterValueException", "Only InvocationType Event is served here.");
    }
    const event = parse(body);
    if (event === undefined) return fail(400, "InvalidRequestContentException", "The event is no JSON.");
    response.writeHead(202).end();
    run(called, event);
  });
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

function run({ name, load, timeoutMs }: LambdaFunction, event: unknown): void {
  load()
    .then((handler) => handler(event, lambdaContext(name, timeoutMs)))
    // The function logs its failures itself; a failure destination would get the event now.
    .catch(() => undefined);
}
