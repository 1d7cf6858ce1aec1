import { describe, expect, it, vi } from "vitest";
import type { Result } from "../../src/contract/answers.ts";
import { createHttpFunction } from "../../src/http/http-function.ts";
import { createInvokeFunction } from "../../src/invoke/invoke-function.ts";
import { CONTEXT, UNBINDINGS } from "../support/api.ts";
import { type EventShape, toEvent, type WireRequest } from "../support/events.ts";
import { rowOf, stage } from "../support/world.ts";

// Megabytes, on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

const MB = 1_000_000;
const limitOf = (shape: EventShape) => (shape.startsWith("alb") ? MB : 6 * MB);

/** Rows that are larger on their way than here: a quote becomes four bytes. */
const long = (rows: number, characters: number) =>
  Array.from({ length: rows }, (_, index) => ({
    ...rowOf("d1", `${index} ${'"'.repeat(characters)}`),
    detach_time: new Date(Date.UTC(2026, 0, 1) - index * 1000).toISOString(),
  }));

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

function asking(rows: readonly object[]) {
  const { composition } = stage({ say: () => ({ body: { desktop_detach_infos: rows } }) });
  const handler = createHttpFunction(composition);
  return {
    ask: (request: WireRequest, shape: EventShape) => handler(toEvent(request, shape), CONTEXT),
    invoke: createInvokeFunction(composition),
  };
}

const BATCH: WireRequest = {
  method: "POST",
  path: "/v1/unbindings/query",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ desktop_ids: ["d1", "d2", "d3"], limit: 100 }),
};
const SINGLE: WireRequest = { path: UNBINDINGS, query: "limit=1000" };
const asCsv = (request: WireRequest) => ({ ...request, headers: { ...request.headers, accept: "text/csv" } });

/** The others are written as one of these. */
const SHAPES = ["v2", "alb", "alb-multi"] as const satisfies readonly EventShape[];

describe.each(SHAPES)("an answer too large for what an event of shape %s takes", (shape) => {
  const { ask } = asking(long(1000, 2000));
  const { ask: askForMany } = asking(long(100, 6000));

  it("is cut below it, and says so", async () => {
    const reply = await ask(SINGLE, shape);
    expect(reply.statusCode).toBe(200);
    expect(bytesOf(reply)).toBeLessThan(limitOf(shape));
    // Not more than need be.
    expect(bytesOf(reply)).toBeGreaterThan(0.9 * limitOf(shape));
    const result = JSON.parse(reply.body) as Result;
    expect(result).toMatchObject({ count: result.unbindings.length, total: 1000, truncated: true });
    expect(result.unbindings[0]?.user_name).toMatch(/^0 /);
  });

  it("has a tag of its own, by which the caller knows it again", async () => {
    const { headers, multiValueHeaders } = await ask(SINGLE, shape);
    const etag = String(headers?.["etag"] ?? multiValueHeaders?.["etag"]?.[0]);
    const again = await ask({ ...SINGLE, headers: { "if-none-match": etag } }, shape);
    expect([again.statusCode, again.body]).toEqual([304, ""]);
    const head = await ask({ ...SINGLE, method: "HEAD" }, shape);
    expect([head.body, String(head.headers?.["etag"] ?? head.multiValueHeaders?.["etag"]?.[0])]).toEqual([
      "",
      etag,
    ]);
  });

  it.each([
    ["as CSV", asCsv(SINGLE)],
    ["a batch", BATCH],
    ["a batch as CSV", asCsv(BATCH)],
  ])("is cut below it: %s", async (_, request) => {
    const reply = await (request.method === "POST" ? askForMany : ask)(request, shape);
    expect(reply.statusCode).toBe(200);
    expect(bytesOf(reply)).toBeLessThan(limitOf(shape));
    expect(bytesOf(reply)).toBeGreaterThan(0.9 * limitOf(shape));
  });
});

describe("a single text that is larger than the way", () => {
  const rows = [
    { ...rowOf("d1", "x".repeat(7 * MB)), desktop_name: "WIN-ALICE" },
    rowOf("d1", "bob", "2020-01-01T00:00:00Z"),
  ];

  it.each(SHAPES)("costs rows and is cut, and no answer is lost (%s)", async (shape) => {
    const { ask } = asking(rows);
    const reply = await ask(SINGLE, shape);
    expect([reply.statusCode, bytesOf(reply) < limitOf(shape)]).toEqual([200, true]);
    expect(JSON.parse(reply.body)).toMatchObject({
      count: 0,
      total: 2,
      truncated: true,
      last_user_name: `${"x".repeat(1024)}…`,
      last_unbound_at: "2026-02-10T08:15:30.000Z",
    });
  });

  it("is cut on invoke as well", async () => {
    const { invoke } = asking(rows);
    const answer = await invoke({ desktop_id: "d1" }, CONTEXT);
    expect(bytesOf(answer)).toBeLessThan(6 * MB);
    expect(answer).toMatchObject({ count: 0, total: 2, truncated: true });
  });
});

describe("an answer too large for Lambda on invoke", () => {
  const { invoke } = asking(long(1000, 3500));

  it("is cut below 6 MB, and says so", async () => {
    const answer = await invoke({ desktop_id: "d1", limit: 1000 }, CONTEXT);
    expect(bytesOf(answer)).toBeLessThan(6 * MB);
    expect(bytesOf(answer)).toBeGreaterThan(5.5 * MB);
    expect(answer).toMatchObject({ total: 1000, truncated: true });
  });

  it("is cut in a batch, of each desktop as much", async () => {
    const desktop_ids = ["d0", "d1", "d2"];
    const { invoke } = asking(long(100, 15_000));
    const answer = await invoke({ desktop_ids, limit: 100 }, CONTEXT);
    expect(bytesOf(answer)).toBeLessThan(6 * MB);
    const counts = (answer as unknown as { results: { count: number }[] }).results.map(({ count }) => count);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    expect(answer).toMatchObject({ succeeded: 3, failed: 0 });
  });
});
