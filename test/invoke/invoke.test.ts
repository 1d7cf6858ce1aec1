import type { Context } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { createInvokeFunction } from "../../src/invoke/invoke-function.ts";
import { type Play, rowsOf, stage } from "../support/world.ts";

const CONTEXT = { awsRequestId: "lambda-request-1" } as Context;

function invoke(play: Play = {}) {
  const theStage = stage({ say: ({ desktopId }) => rowsOf(desktopId ?? "", "alice"), ...play });
  const handler = createInvokeFunction(theStage.composition);
  const fail = async (event: unknown) => {
    const error = (await handler(event, CONTEXT).catch((thrown) => thrown)) as Error;
    return { name: error.name, problem: JSON.parse(error.message), stack: error.stack };
  };
  return { ...theStage, handler, fail };
}

describe("invoke", () => {
  it("answers a result for a desktop's ID, without any envelope", async () => {
    const { handler } = invoke();
    expect(await handler({ desktop_id: "d0", limit: 5, type: "user" }, CONTEXT)).toMatchObject({
      desktop_id: "d0",
      count: 1,
      last_user_name: "alice",
      request_id: "lambda-request-1",
    });
  });

  it("answers a result for a desktop's name", async () => {
    const { handler } = invoke({
      say: ({ desktopId }) =>
        desktopId === null
          ? { body: { total_count: 1, desktops: [{ desktop_id: "d0", computer_name: "WIN-ALICE" }] } }
          : rowsOf("d0", "alice"),
    });
    expect(await handler({ desktop_name: "win-alice" }, CONTEXT)).toMatchObject({
      desktop_id: "d0",
      count: 1,
    });
  });

  it("answers a batch for desktop IDs", async () => {
    const { handler } = invoke();
    expect(await handler({ desktop_ids: ["d1", "d0"] }, CONTEXT)).toMatchObject({
      results: [
        { ok: true, desktop_id: "d1" },
        { ok: true, desktop_id: "d0" },
      ],
      succeeded: 2,
      failed: 0,
      request_id: "lambda-request-1",
    });
  });

  it("carries the caller's request ID on, if it is one", async () => {
    const { handler } = invoke();
    const idOf = async (request_id: string) =>
      (await handler({ desktop_id: "d0", request_id }, CONTEXT)).request_id;
    expect(await idOf("of-the-caller")).toBe("of-the-caller");
    expect(await idOf("no id at all")).toBe("lambda-request-1");
  });

  it("throws an error that bears the code for its name and the problem for its message, and no stack", async () => {
    const { fail } = invoke({
      say: () => ({ status: 429, headers: { "retry-after": "30" }, body: { error_code: "APIGW.0308" } }),
    });
    expect(await fail({ desktop_id: "d0" })).toEqual({
      name: "UPSTREAM_THROTTLED",
      stack: "UPSTREAM_THROTTLED",
      problem: expect.objectContaining({
        code: "UPSTREAM_THROTTLED",
        status: 429,
        retryable: true,
        retry_after_seconds: 30,
        request_id: "lambda-request-1",
      }),
    });
  });

  it("refuses what it does not know, all of it at once", async () => {
    const { fail, heard } = invoke();
    const fieldsOf = async (event: unknown) => {
      const { name, problem } = await fail(event);
      expect(name).toBe("INVALID_REQUEST");
      return problem.errors.map(({ field }: { field: string }) => field);
    };
    expect(await fieldsOf({ desktop_id: "../x", colour: "red", limit: 0 })).toEqual([
      "desktop_id",
      "limit",
      "colour",
    ]);
    expect(await fieldsOf({ desktop_ids: ["d0"], desktop_id: "d0" })).toEqual(["desktop_id"]);
    expect(await fieldsOf({ desktop_id: "../x", request_id: 7 })).toEqual(["request_id", "desktop_id"]);
    expect(await fieldsOf({})).toEqual(["desktop_id"]);
    for (const event of [null, [], "d0"]) expect(await fieldsOf(event)).toEqual(["event"]);
    expect(heard).toEqual([]);
  });

  it("writes one request line, as the API does, and no desktop ID that is none", async () => {
    const { handler, fail, log } = invoke();
    const requestLine = () => log.filter(({ message }) => message === "request").at(-1);
    await handler({ desktop_id: "d0" }, CONTEXT);
    expect(requestLine()).toMatchObject({
      level: "INFO",
      function: "invoke",
      request_id: "lambda-request-1",
      desktop_id: "d0",
      profile: "prod",
      outcome: "ok",
      attempts: 1,
    });
    await fail({ desktop_id: "../x" });
    expect(requestLine()).toMatchObject({ outcome: "error", code: "INVALID_REQUEST" });
    expect(requestLine()).not.toHaveProperty("desktop_id");
  });

  it("answers INTERNAL to everything while the configuration is faulty", async () => {
    const { fail } = invoke({ env: { LOG_LEVEL: "loud" } });
    expect((await fail({ desktop_id: "d0" })).name).toBe("INTERNAL");
  });

  it("writes down no desktop ID that is none, whatever else is wrong", async () => {
    const { fail, log } = invoke({ env: { LOG_LEVEL: "loud" } });
    for (const desktop_id of ["../x", "a\nb", "x".repeat(100_000), 7, ["d0"], { toString: 1 }]) {
      expect((await fail({ desktop_id })).name).toBe("INTERNAL");
      expect(log.at(-1)).toMatchObject({ message: "request", code: "INTERNAL" });
      expect(log.at(-1)).not.toHaveProperty("desktop_id");
    }
    await fail({ desktop_id: "d0" });
    expect(log.at(-1)).toMatchObject({ desktop_id: "d0" });
  });

  it("ends before Lambda's time does", async () => {
    const theStage = stage({ say: () => void theStage.pass(1000) });
    const handler = createInvokeFunction(theStage.composition);
    const context = { ...CONTEXT, getRemainingTimeInMillis: () => 2000 } as Context;
    const answer = await handler(
      { desktop_ids: Array.from({ length: 20 }, (_, index) => `d${index}`) },
      context,
    );
    expect(answer).toMatchObject({ failed: expect.any(Number) });
    expect("results" in answer && answer.results.at(-1)).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  });
});
