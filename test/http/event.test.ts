import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEvent } from "../../src/http/event.ts";
import { MAX_BODY_BYTES } from "../../src/http/event-fields.ts";
import { anApi, UNBINDINGS } from "../support/api.ts";
import { EVENT_SHAPES, toEvent, type WireRequest } from "../support/events.ts";
import { RUNS } from "../support/runs.ts";

const pathsIn = (event: unknown) => readEvent(event).request.paths;

describe("an event", () => {
  it.each(EVENT_SHAPES)("of shape %s is read as one request", (shape) => {
    const { request } = readEvent(
      toEvent(
        {
          method: "get",
          path: "/v1/desktops/a%2Db/unbindings",
          query: "user=J%C3%B6rg+M&limit=3",
          headers: { Accept: "text/csv" },
        },
        shape,
      ),
    );
    expect(request).toMatchObject({
      method: "GET",
      paths: [["v1", "desktops", "a-b", "unbindings"]],
      query: [
        ["user", "Jörg M"],
        ["limit", "3"],
      ],
      headers: { accept: "text/csv" },
      body: Buffer.alloc(0),
    });
  });

  it("has its stage taken off an HTTP API's path, and nothing that merely looks like it", () => {
    const event = toEvent({ path: "/prod/health" }, "v2") as {
      requestContext: { stage: string };
      rawPath: string;
    };
    event.requestContext.stage = "prod";
    expect(pathsIn(event)).toEqual([["health"], ["prod", "health"]]);
    event.rawPath = "/production/health";
    expect(pathsIn(event)).toEqual([["production", "health"]]);
  });

  it.each([
    [
      "v2",
      {
        routeKey: "GET /v1/desktops/{desktop_id}/unbindings",
        rawPath: "/team/api/v1/desktops/d1/unbindings",
      },
    ],
    ["v1", { resource: "/v1/desktops/{desktop_id}/unbindings", path: "/team/api/v1/desktops/d1/unbindings" }],
  ] as const)(
    "behind a custom domain has its base path taken off, as the matched route tells (%s)",
    (shape, more) => {
      const event = { ...toEvent({ path: "/" }, shape), ...more };
      expect(pathsIn(event)).toEqual([["v1", "desktops", "d1", "unbindings"]]);
    },
  );

  it("keeps further segments, even those that would make a route of their own", () => {
    const event = {
      ...toEvent({ path: "/v1/desktops/x/v1/desktops/y/unbindings" }, "v1"),
      resource: "/v1/desktops/{desktop_id}/unbindings",
    };
    expect(pathsIn(event)).toEqual([["v1", "desktops", "x", "v1", "desktops", "y", "unbindings"]]);
  });

  it.each([null, undefined, 7, "text", [], {}, { version: "2.0" }, { httpMethod: "GET" }, { Records: [] }])(
    "that is none (%j) is none",
    (event) => {
      expect(readEvent(event).fault).toMatchObject({ code: "INVALID_REQUEST", errors: [{ field: "event" }] });
    },
  );

  it("keeps what cannot be decoded as it is", () => {
    expect(pathsIn(toEvent({ path: "/v1/desktops/%E0%A4%A/unbindings" }, "v2"))[0]?.[2]).toBe("%E0%A4%A");
    expect(readEvent(toEvent({ path: "/", query: "user=%E0%A4%A" }, "alb")).request.query).toEqual([
      ["user", "%E0%A4%A"],
    ]);
  });

  it("without a raw query has its parsed one read", () => {
    const { rawQueryString: _, ...event } = toEvent({ path: "/" }, "v2");
    expect(readEvent({ ...event, queryStringParameters: { limit: "3" } }).request.query).toEqual([
      ["limit", "3"],
    ]);
    expect(readEvent(event).request.query).toEqual([]);
  });
});

describe("a body", () => {
  const bodyOf = (body: string | undefined, isBase64Encoded = false) =>
    readEvent(toEvent({ path: "/", isBase64Encoded, ...(body !== undefined && { body }) }, "v2"));

  it("is its bytes, however it was handed over", () => {
    expect(bodyOf("é").request.body.toString()).toBe("é");
    expect(bodyOf(Buffer.from("é").toString("base64"), true).request.body.toString()).toBe("é");
    expect(bodyOf(undefined).request.body).toHaveLength(0);
  });

  it("of 64 kB is read, and one byte more is refused, decoded or not", () => {
    expect(bodyOf("x".repeat(MAX_BODY_BYTES)).request.body).toHaveLength(MAX_BODY_BYTES);
    expect(bodyOf(Buffer.alloc(MAX_BODY_BYTES).toString("base64"), true).request.body).toHaveLength(
      MAX_BODY_BYTES,
    );
    for (const [body, isBase64] of [
      ["x".repeat(MAX_BODY_BYTES + 1), false],
      ["é".repeat(MAX_BODY_BYTES / 2 + 1), false],
      [Buffer.alloc(MAX_BODY_BYTES + 1).toString("base64"), true],
      ["A".repeat(10_000_000), true],
    ] as const) {
      expect(bodyOf(body, isBase64).fault).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    }
  });
});

describe("all shapes of an event", () => {
  const headers = fc.record(
    {
      accept: fc.constantFrom("application/json", "text/csv", "image/png", "*/*;q=0.1, text/csv"),
      "x-request-id": fc.constantFrom("caller-id-0001", "bad id"),
      "if-none-match": fc.constantFrom("*", '"x"'),
    },
    { requiredKeys: [] },
  );
  const wire: fc.Arbitrary<WireRequest> = fc.record({
    method: fc.constantFrom("GET", "HEAD", "POST", "DELETE", "OPTIONS"),
    path: fc.oneof(
      fc.constantFrom(
        UNBINDINGS,
        "/health",
        "/ready",
        "/v1/unbindings",
        "/",
        "/v1/desktops//unbindings",
        `${UNBINDINGS}/`,
      ),
      fc.webPath(),
    ),
    query: fc.oneof(
      fc.constantFrom(
        "",
        "limit=2",
        "limit=2&limit=3",
        "since=2026-01-01T00:00:00+02:00",
        "user=%3Cx%3E&type=GROUP",
      ),
      fc.webQueryParameters(),
    ),
    headers,
  });

  it("get the same answer to the same request", async () => {
    await fc.assert(
      fc.asyncProperty(wire, async (request) => {
        // An ALB without multi-value headers keeps the last of several values: nothing is left to object to.
        const names = [...new URLSearchParams(request.query).keys()];
        const isRepeated = new Set(names).size < names.length;
        const shapes = EVENT_SHAPES.filter((shape) => !(isRepeated && shape === "alb"));
        const replies = await Promise.all(shapes.map((shape) => anApi().ask(request, shape)));
        const [first, ...others] = replies.map((reply) => ({
          status: reply.statusCode,
          body: reply.body,
          headers:
            reply.headers ??
            Object.fromEntries(Object.entries(reply.multiValueHeaders ?? {}).map(([k, [v]]) => [k, v])),
        }));
        for (const other of others) expect(other).toEqual(first);
      }),
      { numRuns: RUNS },
    );
  }, 60_000);

  it("get it in their own form: an ALB with the status in words, and lists of headers when it asked for them", async () => {
    const api = anApi();
    expect(await api.ask("/health", "alb")).toMatchObject({
      statusDescription: "200 OK",
      headers: expect.any(Object),
    });
    const multi = await api.ask("/nowhere", "alb-multi");
    expect(multi).toMatchObject({
      statusDescription: "404 Not Found",
      multiValueHeaders: { "x-request-id": [expect.any(String)] },
    });
    expect(multi.headers).toBeUndefined();
    expect((await api.ask("/health", "v1")).statusDescription).toBeUndefined();
  });
});
