import { describe, expect, it } from "vitest";
import { readEvent } from "../../src/http/event.ts";
import { createHttpFunction } from "../../src/http/http-function.ts";
import { anApi, CONTEXT, DESKTOP, UNBINDINGS } from "../support/api.ts";
import { toEvent } from "../support/events.ts";
import { stage } from "../support/world.ts";

const ROUTE = "/v1/desktops/{desktop_id}/unbindings";

interface Behind {
  path: string;
  route: string;
  parameters?: Record<string, string>;
  stage?: string;
}

/** The same request as an HTTP API and a REST API hand it over. */
function eventsOf({ path, route, parameters, stage = "$default" }: Behind) {
  const own = { ...(parameters && { pathParameters: parameters }) };
  const v2 = toEvent({ path }, "v2");
  return [
    {
      ...v2,
      ...own,
      routeKey: route.startsWith("/") ? `GET ${route}` : route,
      requestContext: { ...(v2["requestContext"] as object), stage },
    },
    ...(stage === "$default" && route.startsWith("/")
      ? [{ ...toEvent({ path }, "v1"), ...own, resource: route }]
      : []),
  ];
}

async function statusesOf(behind: Behind): Promise<number[]> {
  const handler = createHttpFunction(stage().composition);
  return await Promise.all(eventsOf(behind).map(async (event) => (await handler(event, CONTEXT)).statusCode));
}

const known = { desktop_id: DESKTOP };

describe("a path behind a base path or a stage", () => {
  it.each<[string, Behind]>([
    ["a base path", { path: `/team${UNBINDINGS}`, route: ROUTE, parameters: known }],
    ["a base path called v1", { path: `/v1${UNBINDINGS}`, route: ROUTE, parameters: known }],
    ["a base path called v1, parameters untold", { path: `/v1${UNBINDINGS}`, route: ROUTE }],
    [
      "a base path like the route's beginning",
      { path: `/v1/desktops${UNBINDINGS}`, route: ROUTE, parameters: known },
    ],
    ["none", { path: UNBINDINGS, route: ROUTE, parameters: known }],
    ["none, any path", { path: UNBINDINGS, route: "/{proxy+}", parameters: { proxy: UNBINDINGS.slice(1) } }],
    [
      "a base path, any path",
      { path: `/team/api${UNBINDINGS}`, route: "/{proxy+}", parameters: { proxy: UNBINDINGS.slice(1) } },
    ],
    [
      "a base path called v1, any path",
      { path: `/v1${UNBINDINGS}`, route: "/{proxy+}", parameters: { proxy: UNBINDINGS.slice(1) } },
    ],
    [
      "a base path, any path below v1",
      { path: `/v1${UNBINDINGS}`, route: "/v1/{proxy+}", parameters: { proxy: UNBINDINGS.slice(4) } },
    ],
    [
      "a route's own prefix, any path below it",
      { path: `/api${UNBINDINGS}`, route: "/api/{proxy+}", parameters: { proxy: UNBINDINGS.slice(1) } },
    ],
    [
      "a base path and a route's own prefix",
      { path: `/team/api${UNBINDINGS}`, route: "/api/{path+}", parameters: { path: UNBINDINGS.slice(1) } },
    ],
    ["a stage", { path: `/prod${UNBINDINGS}`, route: "$default", stage: "prod" }],
    ["a stage called v1", { path: `/v1${UNBINDINGS}`, route: "$default", stage: "v1" }],
    ["a stage called v1 that the path does not name", { path: UNBINDINGS, route: "$default", stage: "v1" }],
    ["a stage and a route", { path: `/v1${UNBINDINGS}`, route: ROUTE, parameters: known, stage: "v1" }],
    [
      "a stage and any path",
      {
        path: `/prod${UNBINDINGS}`,
        route: "/{proxy+}",
        parameters: { proxy: UNBINDINGS.slice(1) },
        stage: "prod",
      },
    ],
    ["a route without parameters", { path: "/v1/health", route: "/health" }],
  ])("is found behind %s", async (_, behind) => {
    expect(new Set(await statusesOf(behind))).toEqual(new Set([200]));
  });

  it.each<[string, Behind]>([
    ["no route names it", { path: `/team${UNBINDINGS}`, route: "$default" }],
    ["the route is another", { path: `/team${UNBINDINGS}`, route: "/v1/unbindings" }],
    [
      "the parameter holds a slash",
      {
        path: "/v1/desktops/x/v1/desktops/y/unbindings",
        route: ROUTE,
        parameters: { desktop_id: "x/v1/desktops/y" },
      },
    ],
    ["the parameter may hold a slash", { path: "/v1/desktops/x/v1/desktops/y/unbindings", route: ROUTE }],
    [
      "the greedy parameter is another",
      { path: `/team${UNBINDINGS}`, route: "/{proxy+}", parameters: { proxy: "v1/health" } },
    ],
  ])("is not found when %s", async (_, behind) => {
    expect(new Set(await statusesOf(behind))).toEqual(new Set([404]));
  });

  it("keeps a segment that is encoded, with the parameter told decoded or not", () => {
    for (const proxy of ["v1/desktops/a%2Fb/unbindings", "v1/desktops/a/b/unbindings"]) {
      const event = {
        ...toEvent({ path: "/team/v1/desktops/a%2Fb/unbindings" }, "v2"),
        routeKey: "ANY /{proxy+}",
        pathParameters: { proxy },
      };
      expect(readEvent(event).request.paths).toEqual([["v1", "desktops", "a/b", "unbindings"]]);
    }
  });
});

describe("a header that a REST API or a load balancer has several times", () => {
  it("counts with all of its values", async () => {
    const handler = createHttpFunction(stage().composition);
    const first = await handler(toEvent({ path: UNBINDINGS }, "v1"), CONTEXT);
    const tag = String(first.headers?.["etag"]);
    expect(tag).toMatch(/^"/);
    const event = {
      ...toEvent({ path: UNBINDINGS }, "v1"),
      // As API Gateway writes it: the last value beside all of them.
      headers: { Accept: "image/png", "If-None-Match": '"x"', "X-Only": "single" },
      multiValueHeaders: { Accept: ["application/json", "image/png"], "If-None-Match": [tag, '"x"'] },
    };
    expect((await handler(event, CONTEXT)).statusCode).toBe(304);
    expect(readEvent(event).request.headers).toEqual({
      accept: "application/json, image/png",
      "if-none-match": `${tag}, "x"`,
      "x-only": "single",
    });
  });
});

describe("the media type of a body", () => {
  const { ask } = anApi();
  const statusOf = async (type: string) =>
    (
      await ask({
        method: "POST",
        path: "/v1/unbindings/query",
        headers: { "content-type": type },
        body: '{"desktop_ids":["d1"]}',
      })
    ).statusCode;

  it.each([
    ["application/json", 200],
    ["Application/JSON; Charset=UTF-8", 200],
    [' application/json ;charset="utf-8"; ', 200],
    ["application/json; charset = utf8", 200],
    ["application/json; charset=latin1", 415],
    ["application/json; profile=x", 415],
    ["application/jsonx", 415],
    ["text/plain; application/json", 415],
    ["", 415],
  ])("%j: %i", async (type, status) => {
    expect(await statusOf(type)).toBe(status);
  });

  it.each([
    ["; ", "x"],
    [" ", "x"],
    [";charset=utf-8", "!"],
    ['"', "x"],
    ["=", "x"],
  ])("takes no time to look at 64 kB of %j", async (part, end) => {
    const startedAt = process.cpuUsage();
    expect(await statusOf(`application/json; ${part.repeat(64_000 / part.length)}${end}`)).toBe(415);
    const { user, system } = process.cpuUsage(startedAt);
    expect((user + system) / 1000).toBeLessThan(1000);
  });
});
