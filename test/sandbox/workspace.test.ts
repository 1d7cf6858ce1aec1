import { afterEach, describe, expect, it } from "vitest";
import { createFleet, desktopNamed, type Project } from "../../sandbox/fleet.ts";
import type { Serving } from "../../sandbox/serve.ts";
import { serveWorkspace } from "../../sandbox/workspace.ts";
import { canonicalQuery, sign } from "../../src/workspace/sign.ts";

const NOW = Date.parse("2026-11-24T08:15:30.000Z");
const fleet = createFleet(NOW);
const [prod, lab] = fleet as [Project, Project];

let serving: Serving | undefined;

afterEach(async () => {
  await serving?.close();
  serving = undefined;
});

interface Call {
  path: string;
  query?: [string, string][];
  key?: Project;
  now?: number;
  method?: string;
  headers?: Record<string, string>;
}

async function call({ path, query = [], key = prod, now = NOW, method = "GET", headers = {} }: Call) {
  serving ??= await serveWorkspace({ fleet, now: () => NOW });
  const signed = sign({ ...key, method, path, query, headers, now, host: new URL(serving.url).host });
  const { host, ...sent } = signed.headers;
  const target = query.length > 0 ? `${path}?${canonicalQuery(query)}` : path;
  const response = await fetch(`${serving.url}${target}`, { method, headers: sent });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const pathOf = (name: string, { projectId }: Project = prod) =>
  `/v2/${projectId}/desktops/${desktopNamed(fleet, name).desktopId}/detach-info`;

describe("the Workspace stand-in", () => {
  it("gives the rows of a desktop to whoever signs with its project's key", async () => {
    const { status, text } = await call({ path: pathOf("WIN-ALICE") });
    expect(status).toBe(200);
    const { desktop_detach_infos: rows } = JSON.parse(text);
    expect(rows).toHaveLength(3);
    expect(rows[1]).toEqual({
      desktop_id: "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55",
      desktop_name: "WIN-ALICE",
      user_id: "0a1f5c7be0d24f7d9b1c3e5a7f901122",
      user_name: "alice",
      user_group: "administrators",
      detach_time: "2026-02-10T08:15:30.000Z",
      type: "USER",
    });
  });

  it("takes a temporary key with its token", async () => {
    expect((await call({ path: pathOf("LAB-ALICE", lab), key: lab })).status).toBe(200);
  });

  it.each([
    ["an unknown key", { key: { ...prod, accessKey: "UNKNOWN" } }, 401, "APIGW.0301"],
    ["a wrong secret key", { key: { ...prod, secretKey: "wrong" } }, 401, "APIGW.0301"],
    ["a clock 16 minutes behind", { now: NOW - 16 * 60_000 }, 401, "APIGW.0301"],
    ["another project's key", { key: lab }, 403, "APIGW.0310"],
    ["another project in the header", { headers: { "x-project-id": lab.projectId } }, 403, "APIGW.0310"],
    ["another method", { method: "DELETE" }, 404, "APIGW.0101"],
    ["another operation", { path: "/v2/desktops" }, 404, "APIGW.0101"],
    [
      "a desktop that is not there",
      { path: `/v2/${prod.projectId}/desktops/none/detach-info` },
      404,
      "WKS.0202",
    ],
  ])("refuses %s as the gateway or the service would", async (_, change: Partial<Call>, status, code) => {
    const answer = await call({ path: pathOf("WIN-ALICE"), ...change });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual({
      error_code: code,
      error_msg: expect.any(String),
      request_id: answer.headers.get("x-request-id"),
    });
  });

  it("says how late a late signature is", async () => {
    const { text } = await call({ path: pathOf("WIN-ALICE"), now: NOW + 16 * 60_000 });
    expect(JSON.parse(text).error_msg).toBe(
      "Incorrect IAM authentication information: signature expired, signature time:20261124T083130Z,server time:20261124T081530Z",
    );
  });

  it("gives every answer a request ID of its own", async () => {
    const first = await call({ path: pathOf("WIN-GARBLED") });
    const second = await call({ path: pathOf("WIN-GARBLED") });
    expect(first.headers.get("x-request-id")).toMatch(/^[0-9a-f]{32}$/);
    expect(second.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
  });

  it("limits calls with the wait in a header", async () => {
    const { status, headers, text } = await call({ path: pathOf("LAB-THROTTLED", lab), key: lab });
    expect([status, headers.get("retry-after")]).toEqual([429, "30"]);
    expect(JSON.parse(text).error_code).toBe("APIGW.0308");
  });

  it("takes its time for the slow desktop", async () => {
    const startedAt = performance.now();
    await call({ path: pathOf("WIN-SLOW") });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
  });

  it("lists the desktops whose name holds a text, in any case, page by page", async () => {
    const path = `/v2/${prod.projectId}/desktops`;
    const names = async (query: [string, string][]) => {
      const { total_count, desktops } = JSON.parse((await call({ path, query })).text);
      return [total_count, ...desktops.map((desktop: { computer_name: string }) => desktop.computer_name)];
    };
    expect(await names([["computer_name", "Build"]])).toEqual([2, "LINUX-BUILD", "linux-build"]);
    const page: [string, string][] = [
      ["computer_name", "build"],
      ["limit", "1"],
      ["offset", "1"],
    ];
    expect(await names(page)).toEqual([2, "linux-build"]);
    expect(await names([["computer_name", "nothing is called so"]])).toEqual([0]);
    expect(await names([])).toHaveLength(prod.desktops.length + 1);
  });

  it.each(["1001", "-1", "many"])("refuses to list %s desktops at a time", async (limit) => {
    const { status } = await call({ path: `/v2/${prod.projectId}/desktops`, query: [["limit", limit]] });
    expect(status).toBe(400);
  });
});

describe("the fleet", () => {
  it("gives every desktop an ID of its own", () => {
    const ids = fleet.flatMap(({ desktops }) => desktops.map(({ desktopId }) => desktopId));
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });
});
