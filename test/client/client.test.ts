import { createServer, type RequestListener } from "node:http";
import type { Context } from "aws-lambda";
import { afterEach, describe, expect, it, vi } from "vitest";
import { serveGateway } from "../../sandbox/gateway.ts";
import { type Serving, serve } from "../../sandbox/serve.ts";
import { createClient, createInvoker, UnbindingsError } from "../../src/client/index.ts";
import { createHttpFunction } from "../../src/http/http-function.ts";
import { createInvokeFunction } from "../../src/invoke/invoke-function.ts";
import { type Play, rowsOf, type Say, stage } from "../support/world.ts";

const servings: Serving[] = [];
afterEach(async () => {
  await Promise.all(servings.splice(0).map((serving) => serving.close()));
});

const alices: Say = ({ desktopId }) =>
  desktopId === "gone" ? { status: 404, body: {} } : rowsOf(desktopId ?? "", "alice");

const throttled = (seconds: number) => ({
  status: 429,
  headers: { "retry-after": String(seconds) },
  body: { error_code: "APIGW.0308" },
});

/** The real handler behind the local gateway. */
async function anApi(play: Play = {}) {
  const theStage = stage({ say: alices, ...play });
  const handler = createHttpFunction(theStage.composition);
  const events: { headers: Record<string, string>; rawPath: string; rawQueryString: string }[] = [];
  const serving = await serveGateway({
    functions: [
      {
        name: "http",
        matches: () => true,
        handler: (event, context) => {
          events.push(event as (typeof events)[number]);
          return handler(event, context);
        },
      },
    ],
  });
  servings.push(serving);
  return { ...theStage, events, baseUrl: serving.url };
}

/** Something in front of the service that answers in its place. */
async function aGateway(listener: RequestListener): Promise<string> {
  const serving = await serve(listener);
  servings.push(serving);
  return serving.url;
}

/** The real function, invoked as Lambda would: what it throws becomes errorType and errorMessage. */
function lambda(play: Play = {}) {
  const theStage = stage({ say: alices, ...play });
  const handler = createInvokeFunction(theStage.composition);
  const inputs: { FunctionName: string; Payload: string }[] = [];
  const invoke = async (input: { FunctionName: string; Payload: string }) => {
    inputs.push(input);
    const output = await handler(JSON.parse(input.Payload), {} as Context).catch((error: Error) => ({
      errorType: error.name,
      errorMessage: error.message,
      trace: error.stack?.split("\n"),
    }));
    return { Payload: new TextEncoder().encode(JSON.stringify(output)) };
  };
  return { ...theStage, inputs, invoke };
}

async function failureOf(promise: Promise<unknown>): Promise<UnbindingsError> {
  const error = await promise.then(
    () => null,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(UnbindingsError);
  return error;
}

describe("the client over HTTPS", () => {
  it("looks a desktop up by its ID, with filters and an ID for the log", async () => {
    const { baseUrl, events } = await anApi();
    const client = createClient({ baseUrl });
    const result = await client.lookup("d0", { user: "ALICE", limit: 5, requestId: "of-the-caller" });
    expect(result).toMatchObject({ desktop_id: "d0", count: 1, request_id: "of-the-caller" });
    expect(events[0]).toMatchObject({
      rawPath: "/v1/desktops/d0/unbindings",
      rawQueryString: "user=ALICE&limit=5",
    });
  });

  it("looks a desktop up by its name", async () => {
    const { baseUrl } = await anApi({
      say: ({ desktopId }) =>
        desktopId === null
          ? { body: { total_count: 1, desktops: [{ desktop_id: "d0", computer_name: "WIN & Co" }] } }
          : rowsOf("d0", "alice"),
    });
    expect(await createClient({ baseUrl }).lookup({ desktop_name: "win & co" })).toMatchObject({
      desktop_id: "d0",
    });
  });

  it("raises what the service tells, all fields of it", async () => {
    const { baseUrl } = await anApi();
    const error = await failureOf(createClient({ baseUrl }).lookup({ desktop_id: "../x", limit: 0 }));
    expect(error).toMatchObject({
      name: "UnbindingsError",
      code: "INVALID_REQUEST",
      status: 400,
      retryable: false,
      type: "/errors/invalid-request",
      errors: [{ field: "desktop_id" }, { field: "limit" }],
    });
    expect(error.message).toContain("INVALID_REQUEST");
    expect(error).not.toHaveProperty("retry_after_seconds");
  });

  it("asks for headers, and for a signature over the very request, at every attempt", async () => {
    const { baseUrl, events } = await anApi();
    let token = 0;
    const sign = vi.fn(async (request: { method: string; url: URL; body?: string | undefined }) => ({
      "x-signed": `${request.method} ${request.url.pathname}${request.url.search} ${request.body}`,
    }));
    const client = createClient({
      baseUrl: `${baseUrl}/`,
      headers: async () => ({ authorization: `Bearer ${++token}` }),
      sign,
    });
    await client.lookup("d0", { limit: 1 });
    await client.lookupMany(["d0"]);
    expect(events.map(({ headers }) => headers["authorization"])).toEqual(["Bearer 1", "Bearer 2"]);
    expect(events.map(({ headers }) => headers["x-signed"])).toEqual([
      "GET /v1/desktops/d0/unbindings?limit=1 undefined",
      'POST /v1/unbindings/query {"desktop_ids":["d0"]}',
    ]);
  });

  it("asks again, after the wait that it is told, when that may help", async () => {
    let number = 0;
    const baseUrl = await aGateway((_, response) => {
      number += 1;
      if (number === 1)
        response.writeHead(429, { "retry-after": "1" }).end('{"message":"Too Many Requests"}');
      else if (number === 2) response.writeHead(503).end("<html>Service Unavailable</html>");
      else response.writeHead(200).end('{"desktop_id":"d0"}');
    });
    const startedAt = performance.now();
    expect(await createClient({ baseUrl }).lookup("d0")).toEqual({ desktop_id: "d0" });
    expect(performance.now() - startedAt).toBeGreaterThan(990);
    expect(number).toBe(3);
  });

  it("gives up after its attempts, and at once where a wait is too long or asking again is of no use", async () => {
    let number = 0;
    const answering = (status: number, headers = {}) =>
      aGateway((_, response) => {
        number += 1;
        response.writeHead(status, headers).end();
      });
    const attemptsAt = async (baseUrl: string) => {
      number = 0;
      const { code } = await failureOf(createClient({ baseUrl, attempts: 2 }).lookup("d0"));
      return `${code} ${number}`;
    };
    expect(await attemptsAt(await answering(503))).toBe("UPSTREAM_UNAVAILABLE 2");
    expect(await attemptsAt(await answering(503, { "retry-after": "3600" }))).toBe("UPSTREAM_UNAVAILABLE 1");
    expect(await attemptsAt(await answering(403))).toBe("FORBIDDEN 1");
  });

  it.each([
    [401, '{"message":"Unauthorized"}', "UNAUTHENTICATED", false],
    [403, '{"message":"Forbidden"}', "FORBIDDEN", false],
    [404, '{"message":"Not Found"}', "NOT_FOUND", false],
    [413, "", "PAYLOAD_TOO_LARGE", false],
    [418, "", "UPSTREAM_REJECTED", false],
    [429, '{"message":"Too Many Requests"}', "UPSTREAM_THROTTLED", true],
    [500, '{"message":"Internal Server Error"}', "INTERNAL", false],
    [502, "<html>", "UPSTREAM_UNAVAILABLE", true],
    [504, "<html>", "UPSTREAM_TIMEOUT", true],
    [200, "<html>", "UPSTREAM_INVALID_RESPONSE", true],
  ])("takes a gateway's %i %s for %s", async (status, body, code, retryable) => {
    const baseUrl = await aGateway((_, response) =>
      response.writeHead(status, { "apigw-requestid": "of-the-gateway" }).end(body),
    );
    const error = await failureOf(createClient({ baseUrl, attempts: 1 }).lookup("d0"));
    expect(error).toMatchObject({ code, status, retryable, request_id: "of-the-gateway" });
  });

  it("says that nothing could be reached when nothing could, and why", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const error = await failureOf(
      createClient({ baseUrl: `http://127.0.0.1:${port}`, attempts: 1 }).lookup("d0"),
    );
    expect(error).toMatchObject({ code: "UPSTREAM_UNREACHABLE", retryable: true });
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  it("follows no redirect, which would take its credentials along", async () => {
    const asked = vi.fn();
    const elsewhere = await aGateway((request, response) => {
      asked(request.url);
      response.end("{}");
    });
    const baseUrl = await aGateway((_, response) => response.writeHead(307, { location: elsewhere }).end());
    await failureOf(createClient({ baseUrl, attempts: 1 }).lookup("d0"));
    expect(asked).not.toHaveBeenCalled();
  });

  it("gives an attempt up after its time without a signal of the caller's, and tries again", async () => {
    let asked = 0;
    const baseUrl = await aGateway(() => {
      asked += 1;
    });
    const client = createClient({ baseUrl, timeoutSeconds: 0.2, attempts: 2 });
    expect(await failureOf(client.lookup("d0"))).toMatchObject({
      code: "UPSTREAM_TIMEOUT",
      status: 504,
      retryable: true,
      detail: "The service did not answer within 0.2 seconds.",
    });
    expect(asked).toBe(2);
    expect(await client.lookupMany(["d0"])).toMatchObject([{ ok: false, code: "UPSTREAM_TIMEOUT" }]);
  });

  it("gives up a body that stops on the way, and a fetch or headers that never end", async () => {
    const stuck = () => new Promise<never>(() => undefined);
    const baseUrl = await aGateway((_, response) => void response.writeHead(200).write("{"));
    const options = { baseUrl, timeoutSeconds: 0.2, attempts: 1 };
    for (const client of [
      createClient(options),
      createClient({ ...options, fetch: stuck }),
      createClient({ ...options, headers: stuck }),
    ]) {
      expect(await failureOf(client.lookup("d0"))).toMatchObject({ code: "UPSTREAM_TIMEOUT" });
    }
  });

  it("gives an attempt thirty seconds unless it is told otherwise", async () => {
    vi.useFakeTimers();
    try {
      const client = createClient({
        baseUrl: "https://api.example.com",
        attempts: 1,
        fetch: () => new Promise(() => undefined),
      });
      const failure = failureOf(client.lookup("d0"));
      await vi.advanceTimersByTimeAsync(29_999);
      expect(vi.getTimerCount()).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      expect((await failure).detail).toBe("The service did not answer within 30 seconds.");
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("stops for the caller's signal, on the way as well as in a wait", async () => {
    const silent = await aGateway(() => undefined);
    const limited = await aGateway((_, response) => response.writeHead(429, { "retry-after": "30" }).end());
    for (const baseUrl of [silent, limited]) {
      for (const ask of ["lookup", "lookupMany"] as const) {
        const signal = AbortSignal.timeout(50);
        const client = createClient({ baseUrl });
        const asked =
          ask === "lookup" ? client.lookup("d0", { signal }) : client.lookupMany(["d0"], { signal });
        await expect(asked).rejects.toMatchObject({ name: "TimeoutError" });
      }
    }
  });
});

describe("a signal", () => {
  const never = new Promise<never>(() => undefined);
  const baseUrl = "https://api.example.com";

  it.each([
    ["headers that never come", () => createClient({ baseUrl, headers: () => never })],
    ["a signature that never comes", () => createClient({ baseUrl, sign: () => never })],
    ["a fetch that does not heed it", () => createClient({ baseUrl, fetch: () => never })],
    [
      "a client that does not heed it",
      () => createInvoker({ client: { invoke: () => never }, functionName: "f" }),
    ],
    ["a function that does not heed it", () => createInvoker({ invoke: () => never, functionName: "f" })],
  ])("ends the wait for %s", async (_, create) => {
    const ended = { name: "TimeoutError" };
    await expect(create().lookup("d0", { signal: AbortSignal.timeout(20) })).rejects.toMatchObject(ended);
    await expect(create().lookupMany(["d0"], { signal: AbortSignal.timeout(20) })).rejects.toMatchObject(
      ended,
    );
  });
});

describe("many desktops", () => {
  const ids = Array.from({ length: 250 }, (_, index) => `d${index}`);

  it("are asked about a hundred at a time, and answered in the order given", async () => {
    const { baseUrl, events } = await anApi();
    const answers = await createClient({ baseUrl }).lookupMany([...ids, "gone"], { limit: 1 });
    expect(answers.map(({ desktop_id }) => desktop_id)).toEqual([...ids, "gone"]);
    expect(answers.at(-1)).toMatchObject({ ok: false, code: "DESKTOP_NOT_FOUND" });
    expect(answers.filter(({ ok }) => ok)).toHaveLength(250);
    expect(events).toHaveLength(3);
  });

  it("given twice are asked about once", async () => {
    const { baseUrl, heard } = await anApi();
    const answers = await createClient({ baseUrl }).lookupMany(["d0", "d1", "d0"]);
    expect(answers.map(({ desktop_id }) => desktop_id)).toEqual(["d0", "d1", "d0"]);
    expect(heard).toHaveLength(2);
    expect(await createClient({ baseUrl }).lookupMany([])).toEqual([]);
  });

  it("that another attempt may help are asked about again, and they alone", async () => {
    let refusals = 0;
    const { baseUrl, heard } = await anApi({
      say: (heard) => {
        if (heard.desktopId !== "d1" || refusals === 3) return alices(heard);
        refusals += 1;
        return { status: 503, body: {} };
      },
    });
    const answers = await createClient({ baseUrl }).lookupMany(["d0", "d1", "gone"]);
    expect(answers.map((item) => (item.ok ? "ok" : item.code))).toEqual(["ok", "ok", "DESKTOP_NOT_FOUND"]);
    expect(heard.filter(({ desktopId }) => desktopId === "d0")).toHaveLength(1);
  });

  it("have an error of their own each when their whole batch fails", async () => {
    const { baseUrl } = await anApi();
    const answers = await createClient({ baseUrl }).lookupMany({ desktop_ids: ["d0", "d1"], limit: 101 });
    expect(answers).toMatchObject([
      { ok: false, desktop_id: "d0", code: "INVALID_REQUEST", errors: [{ field: "limit" }] },
      { ok: false, desktop_id: "d1", code: "INVALID_REQUEST" },
    ]);
    expect(answers[0]).not.toHaveProperty("stack");
  });

  it.each([
    ["leaves one out", { results: [{ ok: true, desktop_id: "d1" }] }],
    ["is of another service", { hello: "world" }],
  ])("are each in the answer, even when what comes back %s", async (_, answer) => {
    const invoker = createInvoker({ invoke: async () => answer, functionName: "f", attempts: 1 });
    expect((await invoker.lookupMany(["d0", "d1"]))[0]).toMatchObject({
      ok: false,
      desktop_id: "d0",
      code: "UPSTREAM_INVALID_RESPONSE",
      retryable: true,
    });
  });
});

describe("the invoker", () => {
  it("asks by way of the caller's client, with `invoke` or with a command", async () => {
    class InvokeCommand {
      readonly input: { FunctionName: string; Payload: string };
      constructor(input: { FunctionName: string; Payload: string }) {
        this.input = input;
      }
    }
    const { invoke, inputs } = lambda();
    const sending = { send: (command: InvokeCommand) => invoke(command.input) };
    const functionName = "unbindings-invoke";
    for (const options of [{ client: { invoke } }, { client: sending, InvokeCommand }, { client: sending }]) {
      const result = await createInvoker({ ...options, functionName }).lookup("d0", {
        requestId: "of-the-caller",
      });
      expect(result).toMatchObject({ desktop_id: "d0", count: 1, request_id: "of-the-caller" });
    }
    expect(inputs).toHaveLength(3);
    expect(inputs[0]?.FunctionName).toBe(functionName);
  });

  it("asks by way of a function of the caller's, be its answer plain or JSON", async () => {
    const { composition } = stage({ say: alices });
    const handler = createInvokeFunction(composition);
    const plain = async (_name: string, payload: object) => handler(payload, {} as Context);
    const json = async (name: string, payload: object) => JSON.stringify(await plain(name, payload));
    for (const invoke of [plain, json]) {
      const invoker = createInvoker({ invoke, functionName: "f" });
      expect(await invoker.lookupMany(["d0", "gone"])).toMatchObject([
        { ok: true, desktop_id: "d0" },
        { ok: false, code: "DESKTOP_NOT_FOUND" },
      ]);
      expect(await failureOf(invoker.lookup("gone"))).toMatchObject({
        code: "DESKTOP_NOT_FOUND",
        status: 404,
      });
    }
  });

  it("raises what the function throws", async () => {
    const { invoke } = lambda({ say: () => throttled(100) });
    const error = await failureOf(createInvoker({ client: { invoke }, functionName: "f" }).lookup("d0"));
    expect(error).toMatchObject({ code: "UPSTREAM_THROTTLED", retryable: true, retry_after_seconds: 100 });
  });

  it.each([
    ["TooManyRequestsException", "UPSTREAM_THROTTLED", true],
    ["AccessDeniedException", "FORBIDDEN", false],
    ["ResourceNotFoundException", "NOT_FOUND", false],
    ["TimeoutError", "UPSTREAM_UNREACHABLE", true],
  ])("takes Lambda's %s for %s", async (name, code, retryable) => {
    const invoke = async () => {
      throw Object.assign(new Error("in Lambda's words"), { name });
    };
    const error = await failureOf(
      createInvoker({ client: { invoke }, functionName: "f", attempts: 1 }).lookup("d0"),
    );
    expect(error).toMatchObject({ code, retryable });
  });

  it("takes a crash for INTERNAL and a time-out for DEADLINE_EXCEEDED", async () => {
    const codeOf = async (answer: object) => {
      const invoke = async () => answer;
      return (await failureOf(createInvoker({ invoke, functionName: "f", attempts: 1 }).lookup("d0"))).code;
    };
    expect(await codeOf({ errorType: "Runtime.ExitError", errorMessage: "exited" })).toBe("INTERNAL");
    expect(await codeOf({ errorMessage: "2026-03-01T09:00:00Z 1 Task timed out after 10.00 seconds" })).toBe(
      "DEADLINE_EXCEEDED",
    );
  });

  it("says that what is no JSON is no answer of the service", async () => {
    const invoke = async () => "<html>";
    const error = await failureOf(createInvoker({ invoke, functionName: "f", attempts: 1 }).lookup("d0"));
    expect(error).toMatchObject({ code: "UPSTREAM_INVALID_RESPONSE", retryable: true });
  });

  it("wants one way to invoke", () => {
    expect(() => createInvoker({ functionName: "f" })).toThrow(TypeError);
  });
});
