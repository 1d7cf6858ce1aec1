import { afterEach, describe, expect, it } from "vitest";
import { leaveNothingBehind } from "./support/left-behind.ts";
import { expectSuccess, ROWS, setUp } from "./support/service.ts";
import { after, answer, type Reaction } from "./support/upstream.ts";

afterEach(leaveNothingBehind);

/** What is measured here is an order: the machine may be as slow as it likes. After a second, the time is looked at again. */
const PATIENT = {
  env: { REQUEST_BUDGET_MS: "60000" },
  transport: { limits: { connectMs: 1000, headersMs: 30_000, totalMs: 30_000 } },
};

const EMPTY = { desktop_detach_infos: [] };

/** ListDesktops by `list`, detach-info with one row. */
const desktops =
  (list: (query: URLSearchParams) => object): Reaction =>
  (socket, heard) => {
    const { pathname, searchParams } = new URL(heard.path, "http://upstream");
    const body = pathname.endsWith("/desktops") ? list(searchParams) : ROWS;
    answer(200, body)(socket, heard);
  };

const listCalls = (heard: readonly { path: string }[]) =>
  heard.filter(({ path }) => path.includes("computer_name="));

describe("an older answer", () => {
  it("that arrives after a fresh one does not take its place", async () => {
    const held = Promise.withResolvers<void>();
    const slowly: Reaction = (socket, heard) =>
      void held.promise.then(() => answer(200, EMPTY)(socket, heard));
    const { ask, upstream } = await setUp({ ...PATIENT, upstream: [slowly, answer(200, ROWS)] });
    const slow = ask({ remainingMs: 60_000 });
    await expect.poll(() => upstream.heard.length, { timeout: 30_000 }).toBe(1);
    expectSuccess(await ask({ query: "fresh=true" }));
    held.resolve();
    expect((await slow).body["count"]).toBe(0);
    expectSuccess(await ask());
    expect(upstream.heard).toHaveLength(2);
  });
});

describe("a desktop's name", () => {
  it("that 2,000 desktops contain and none bears costs six calls at the most, and asking again none", async () => {
    const { ask, upstream, log } = await setUp({
      upstream: desktops((query) => {
        const offset = Number(query.get("offset"));
        const rows = Array.from({ length: 2000 }, (_, n) => ({
          desktop_id: `d${n}`,
          computer_name: `${query.get("computer_name")}-${n}`,
        }));
        return { total_count: 2000, desktops: rows.slice(offset, offset + Number(query.get("limit"))) };
      }),
    });
    const question = { path: "/v1/unbindings", query: "desktop_name=Win" };
    expect((await ask(question)).body.code).toBe("DESKTOP_NOT_FOUND");
    expect(listCalls(upstream.heard).length).toBeLessThanOrEqual(6);
    const before = upstream.heard.length;
    expect((await ask({ ...question, query: "desktop_name=WIN" })).body.code).toBe("DESKTOP_NOT_FOUND");
    expect(upstream.heard).toHaveLength(before);
    const lines = log.filter(({ message }) => message === "request");
    expect(lines.at(-1)).toMatchObject({ cache: "hit", cache_hits: 1, lookups: 1 });
  });

  it("that more desktops contain than can be looked at is refused, and asking again costs nothing", async () => {
    const { ask, upstream } = await setUp({
      upstream: desktops((query) => ({
        total_count: 100_000,
        desktops: Array.from({ length: 1000 }, (_, n) => ({
          desktop_id: `d${query.get("offset")}-${n}`,
          computer_name: "WIN-1",
        })),
      })),
    });
    const question = { path: "/v1/unbindings", query: "desktop_name=win" };
    for (let time = 0; time < 2; time++) {
      const { status, body } = await ask(question);
      expect(status).toBe(400);
      expect(body).toMatchObject({
        code: "INVALID_REQUEST",
        errors: [{ field: "desktop_name", message: "too many desktops match, ask by ID" }],
      });
    }
    expect(upstream.heard).toHaveLength(1);
  });

  it("is found beside rows that are faulty", async () => {
    const { ask } = await setUp({
      upstream: desktops(() => ({
        total_count: 5,
        desktops: [
          null,
          { desktop_id: null, computer_name: "WIN-BOB" },
          { desktop_id: "d1", computer_name: "WIN-ALICE" },
          { desktop_id: "d3" },
          "row",
        ],
      })),
    });
    expectSuccess(await ask({ path: "/v1/unbindings", query: "desktop_name=win-alice" }));
  });

  it("is not said to be unknown when a faulty row may bear it", async () => {
    const { ask } = await setUp({
      upstream: desktops(() => ({
        total_count: 1,
        desktops: [{ desktop_id: null, computer_name: "WIN-ALICE" }],
      })),
    });
    const { status, body } = await ask({ path: "/v1/unbindings", query: "desktop_name=win-alice" });
    expect([status, body.code]).toEqual([502, "UPSTREAM_INVALID_RESPONSE"]);
  });
});

describe("a limit in the middle of a batch", () => {
  it("leaves those their answers that are on their way, and lets no other go out", async () => {
    const limit = answer(429, { error_code: "APIGW.0308" }, { "retry-after": "30" });
    const { ask, upstream } = await setUp({
      transport: PATIENT.transport,
      env: { ...PATIENT.env, BATCH_CONCURRENCY: "3" },
      upstream: (socket, heard) => {
        // Longer than it takes the transport to look at the time again.
        const isLimited = heard.path.includes("/d0/");
        return (isLimited ? after(50, limit) : after(1200, answer(200, ROWS)))(socket, heard);
      },
    });
    const { body } = await ask({
      path: "/v1/unbindings/query",
      remainingMs: 60_000,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ desktop_ids: ["d0", "d1", "d2", "d3", "d4"] }),
    });
    const results = body["results"] as { ok: boolean; code?: string }[];
    expect(results.map(({ ok, code }) => (ok ? "ok" : code))).toEqual([
      "UPSTREAM_THROTTLED",
      "ok",
      "ok",
      "UPSTREAM_THROTTLED",
      "UPSTREAM_THROTTLED",
    ]);
    expect(upstream.heard).toHaveLength(3);
  });
});
