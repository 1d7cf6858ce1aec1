import { afterEach, describe, expect, it } from "vitest";
import { leaveNothingBehind } from "./support/left-behind.ts";
import { type Question, ROWS, setUp } from "./support/service.ts";
import { answer } from "./support/upstream.ts";

afterEach(leaveNothingBehind);

const ok = answer(200, ROWS);
const TEN_MB = 10_000_000;
const JSON_TYPE = { "content-type": "application/json" };

/** A batch with this for its body. */
function batch(body: string, more: Question = {}): Question {
  return { path: "/v1/unbindings/query", method: "POST", headers: JSON_TYPE, body, ...more };
}

function batchOf(ids: readonly unknown[]): Question {
  return batch(JSON.stringify({ desktop_ids: ids }));
}

describe("a client's mistake", () => {
  it.each<[string, number, string, Question]>([
    ["a body of 10 MB", 413, "PAYLOAD_TOO_LARGE", { body: "x".repeat(TEN_MB) }],
    [
      "a body of 10 MB in base64",
      413,
      "PAYLOAD_TOO_LARGE",
      { body: Buffer.alloc(TEN_MB).toString("base64"), isBase64Encoded: true },
    ],
    ["a batch of 10 MB", 413, "PAYLOAD_TOO_LARGE", batch("[".repeat(TEN_MB))],
    ["base64 that is none", 400, "INVALID_REQUEST", batch("%%%", { isBase64Encoded: true })],
    ["a batch that is no JSON", 400, "INVALID_REQUEST", batch('{"desktop_ids":[')],
    ["a batch that is no object", 400, "INVALID_REQUEST", batch("[1]")],
    ["a batch of nothing", 400, "INVALID_REQUEST", batchOf([])],
    ["5,000 IDs", 400, "INVALID_REQUEST", batchOf(Array.from({ length: 5000 }, (_, n) => `d${n}`))],
    ["an ID given twice", 400, "INVALID_REQUEST", batchOf(["d1", "d2", "d1"])],
    ["an ID in a batch that leaves its path", 400, "INVALID_REQUEST", batchOf(["d1", "../d2"])],
    ["IDs that are no text", 400, "INVALID_REQUEST", batchOf([1, null, {}])],
    ["60,000 brackets", 400, "INVALID_REQUEST", batch("[".repeat(30_000) + "]".repeat(30_000))],
    [
      "a batch in XML",
      415,
      "UNSUPPORTED_MEDIA_TYPE",
      batch("<x/>", { headers: { "content-type": "text/xml" } }),
    ],
    ["a batch that is asked for by GET", 405, "METHOD_NOT_ALLOWED", { path: "/v1/unbindings/query" }],
    ["a wrong method", 405, "METHOD_NOT_ALLOWED", { method: "DELETE" }],
    ["an unknown path", 404, "NOT_FOUND", { path: "/v1/desktops/d1/unbindings/more" }],
    ["an encoded slash in the ID", 400, "INVALID_REQUEST", { desktop: "d1%2Fdetach-info" }],
    ["dots for an ID", 400, "INVALID_REQUEST", { desktop: ".." }],
    ["half an escape in the ID", 400, "INVALID_REQUEST", { desktop: "d1%E0%A4%A" }],
    ["a line end in the ID", 400, "INVALID_REQUEST", { desktop: "d1%0d%0ax-evil:%201" }],
    ["an ID of 100,000 letters", 400, "INVALID_REQUEST", { desktop: "d".repeat(100_000) }],
    ["an unknown parameter", 400, "INVALID_REQUEST", { query: "endpoint=https://example.com" }],
    ["a parameter of an object's own", 400, "INVALID_REQUEST", { query: "__proto__=1&constructor=2" }],
    ["a parameter given twice", 400, "INVALID_REQUEST", { query: "limit=1&limit=2" }],
    ["a limit beyond all", 400, "INVALID_REQUEST", { query: "limit=999999" }],
    ["a time without a zone", 400, "INVALID_REQUEST", { query: "since=2026-01-01T00:00:00" }],
    ["since after until", 400, "INVALID_REQUEST", { query: "since=1d&until=2d" }],
    ["a type that nobody serves", 406, "NOT_ACCEPTABLE", { headers: { accept: "image/png" } }],
  ])("is told, and reaches neither the store nor the upstream: %s", async (_, status, code, question) => {
    const { ask, upstream, store } = await setUp({ upstream: ok });
    const answered = await ask(question);
    expect([answered.status, answered.body.code]).toEqual([status, code]);
    expect(answered.body["retryable"]).toBe(false);
    expect(upstream.connections()).toBe(0);
    expect(store.calls()).toBe(0);
  });

  it("names every fault of a request at once", async () => {
    const { ask } = await setUp({ upstream: ok });
    const { body } = await ask({ desktop: "..", query: "limit=0&type=x&colour=red" });
    const fields = (body["errors"] as { field: string }[]).map(({ field }) => field);
    expect(fields.sort()).toEqual(["colour", "desktop_id", "limit", "type"]);
  });

  it.each([null, undefined, 7, "text", [], {}, { httpMethod: 1 }, { version: "2.0", rawPath: null }])(
    "is told even when the event is none: %j",
    async (event) => {
      const { invoke, upstream } = await setUp({ upstream: ok });
      expect((await invoke(event)).body.code).toBe("INVALID_REQUEST");
      expect(upstream.connections()).toBe(0);
    },
  );
});
