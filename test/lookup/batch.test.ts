import { describe, expect, it } from "vitest";
import type { BatchItem, Result } from "../../src/contract/answers.ts";
import type { LookupError } from "../../src/contract/errors.ts";
import { type BatchQuery, parseBatchQuery, type Query } from "../../src/contract/query.ts";
import { createBatch } from "../../src/lookup/batch.ts";
import type { Lookup } from "../../src/lookup/lookup.ts";
import type { CallContext } from "../../src/observe/call.ts";
import { aCall } from "../support/call.ts";
import { rowsOf, stage, TWO_PROFILES } from "../support/world.ts";

const idsUpTo = (count: number) => Array.from({ length: count }, (_, index) => `d${index}`);
const ask = (desktopIds: readonly string[], filters: Record<string, unknown> = {}) =>
  parseBatchQuery({ desktop_ids: desktopIds, ...filters }, 0);
const codesOf = (items: readonly BatchItem[]) => items.map((item) => (item.ok ? "ok" : item.code));

function batchOf(theStage: ReturnType<typeof stage>) {
  const { service } = theStage.composition;
  if (!service) throw new Error("not composed");
  const { guard, now } = service;
  const caller = { kind: "unnamed" } as const;
  return {
    lookupBatch: (query: BatchQuery, call: CallContext) => guard.lookupBatch(query, caller, call),
    lookup: (query: Query, call: CallContext) => guard.lookup(query, caller, call),
    now,
  };
}

describe("a batch", () => {
  it("answers in the order asked, whatever the order in which answers come", async () => {
    const lookup: Lookup = async ({ desktop }) => {
      const id = "id" in desktop ? desktop.id : "";
      await new Promise((resolve) => setTimeout(resolve, id === "d0" ? 20 : 1));
      return { desktop_id: id, unbindings: [] } as unknown as Result;
    };
    const { results } = await createBatch({ lookup, concurrency: 3, now: () => 0 })(ask(idsUpTo(7)), aCall());
    expect(results.map(({ desktop_id }) => desktop_id)).toEqual(idsUpTo(7));
  });

  it("gives each desktop its result, or a problem of its own", async () => {
    const { lookupBatch } = batchOf(
      stage({
        say: ({ desktopId }) =>
          desktopId === "d1"
            ? { status: 404, body: { error_code: "WKS.0404" } }
            : rowsOf(desktopId ?? "", "alice"),
      }),
    );
    const answer = await lookupBatch(ask(["d0", "d1"]), aCall());
    expect(answer).toMatchObject({
      results: [
        { ok: true, desktop_id: "d0", count: 1, last_user_name: "alice", request_id: "request-0001" },
        { ok: false, desktop_id: "d1", code: "DESKTOP_NOT_FOUND", status: 404, request_id: "request-0001" },
      ],
      succeeded: 1,
      failed: 1,
      request_id: "request-0001",
    });
  });

  it("asks about as many at once as configured, five by default, and no more", async () => {
    const say = () => new Promise<undefined>((resolve) => setTimeout(resolve, 2, undefined));
    const byDefault = stage({ say });
    await batchOf(byDefault).lookupBatch(ask(idsUpTo(20)), aCall());
    expect(byDefault.mostAtOnce()).toBe(5);
    const configured = stage({ say, env: { BATCH_CONCURRENCY: "2" } });
    await batchOf(configured).lookupBatch(ask(idsUpTo(20)), aCall());
    expect(configured.mostAtOnce()).toBe(2);
  });

  it("answers the desktops that fit into its time, and DEADLINE_EXCEEDED for each of the others", async () => {
    const slow = stage({ env: { BATCH_CONCURRENCY: "1" }, say: () => void slow.pass(1000) });
    const { lookupBatch, now } = batchOf(slow);
    const answer = await lookupBatch(ask(idsUpTo(5)), aCall({ deadline: { remaining: () => 3500 - now() } }));
    expect(codesOf(answer.results)).toEqual(["ok", "ok", "ok", "ok", "DEADLINE_EXCEEDED"]);
    expect(answer).toMatchObject({ succeeded: 4, failed: 1 });
  });

  it("stops asking once Huawei limits it for longer than it can wait, and tells the rest how long", async () => {
    const limited = stage({
      env: { BATCH_CONCURRENCY: "1" },
      say: ({ desktopId }) =>
        desktopId === "d2"
          ? { status: 429, headers: { "retry-after": "30" }, body: { error_code: "APIGW.0308" } }
          : undefined,
    });
    const answer = await batchOf(limited).lookupBatch(ask(idsUpTo(100)), aCall());
    expect(codesOf(answer.results)).toEqual(["ok", "ok", ...Array(98).fill("UPSTREAM_THROTTLED")]);
    expect(limited.heard).toHaveLength(3);
    for (const item of answer.results.slice(2)) {
      expect(item).toMatchObject({ retryable: true, retry_after_seconds: 30 });
    }
  });

  it("does not knock again and again where Huawei limits without saying for how long", async () => {
    const limited = stage({ say: () => ({ status: 429, body: { error_code: "APIGW.0308" } }) });
    const answer = await batchOf(limited).lookupBatch(ask(idsUpTo(100)), aCall());
    expect(new Set(codesOf(answer.results))).toEqual(new Set(["UPSTREAM_THROTTLED"]));
    // Five at once, each with its three attempts.
    expect(limited.heard.length).toBeLessThanOrEqual(15);
  });

  it("still answers from memory what it knows when Huawei limits it", async () => {
    const limited = stage({
      env: { BATCH_CONCURRENCY: "1" },
      say: ({ number }) => (number === 0 ? undefined : { status: 429, headers: { "retry-after": "30" } }),
    });
    const { lookupBatch } = batchOf(limited);
    await lookupBatch(ask(["known"]), aCall());
    const { results } = await lookupBatch(ask(["d0", "d1", "known"]), aCall());
    expect(codesOf(results)).toEqual(["UPSTREAM_THROTTLED", "UPSTREAM_THROTTLED", "ok"]);
  });

  it("fetches the secret once more, for all, when the key is rotated midway", async () => {
    let accessKey = "HPUAOLD";
    const rotating = stage({
      secret: () => ({ ...TWO_PROFILES.profiles.prod, access_key: accessKey }),
      say: async (heard) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (heard.number === 7) accessKey = "HPUANEW";
        return heard.accessKey === accessKey
          ? undefined
          : { status: 401, body: { error_code: "APIGW.0301" } };
      },
    });
    const answer = await batchOf(rotating).lookupBatch(ask(idsUpTo(50)), aCall());
    expect(answer).toMatchObject({ succeeded: 50, failed: 0 });
    expect(rotating.fetches()).toBe(2);
  });

  it("shares what it learns with single lookups, and knows what those have learnt", async () => {
    const shared = stage();
    const { lookup, lookupBatch } = batchOf(shared);
    const call = aCall();
    await lookupBatch(ask(["d0", "d1"]), call);
    expect(call.trace).toMatchObject({ lookups: 2, cacheHits: 0, attempts: 2 });
    const filters = { since: null, until: null, user: null, type: null, limit: 100 };
    await lookup({ desktop: { id: "d0" }, filters, profile: null, fresh: false }, aCall());
    expect(shared.heard).toHaveLength(2);
    const again = aCall();
    await lookupBatch(ask(["d1", "d2"]), again);
    expect(shared.heard.map(({ desktopId }) => desktopId)).toEqual(["d0", "d1", "d2"]);
    expect(again.trace).toMatchObject({ lookups: 2, cacheHits: 1, attempts: 1 });
  });

  it("makes a bug of ours INTERNAL for the desktop that meets it", async () => {
    const lookup: Lookup = async () => {
      throw new TypeError("a bug, with details");
    };
    const answer = await createBatch({ lookup, concurrency: 5, now: () => 0 })(ask(["d0"]), aCall());
    expect(codesOf(answer.results)).toEqual(["INTERNAL"]);
    expect(JSON.stringify(answer)).not.toContain("details");
  });
});

describe("a batch's question", () => {
  const faultsOf = (input: Record<string, unknown>) => {
    try {
      parseBatchQuery(input, 0);
    } catch (error) {
      return (error as LookupError).errors?.map(({ field, message }) => `${field} ${message}`).sort();
    }
    return [];
  };

  it("has 20 rows per desktop unless told otherwise, at most 100", () => {
    expect(ask(["d0"]).filters.limit).toBe(20);
    expect(ask(["d0"], { limit: 100 }).filters.limit).toBe(100);
    expect(faultsOf({ desktop_ids: ["d0"], limit: 101 })).toEqual([
      "limit must be a whole number from 1 to 100",
    ]);
  });

  it("is told all that is wrong with it at once, and where", () => {
    const faults = faultsOf({
      desktop_ids: ["d0", "../x", "d1", "d0", 7],
      desktop_name: "WIN-ALICE",
      since: "yesterday",
      type: "ROBOT",
    });
    expect(faults).toEqual([
      "desktop_ids[1] must be 1 to 128 letters, digits, hyphens or underscores, and begin and end with a letter or digit",
      "desktop_ids[3] is the same as desktop_ids[0]",
      "desktop_ids[4] must be text",
      "desktop_name is not a known parameter",
      "since must be RFC 3339 with a zone (2026-02-10T08:15:30Z) or a span before now (30d, 12h, 45m)",
      "type must be USER or GROUP",
    ]);
  });

  it("names from one to a hundred desktops", () => {
    expect(ask(idsUpTo(100)).desktopIds).toHaveLength(100);
    expect(faultsOf({ desktop_ids: idsUpTo(101) })).toEqual(["desktop_ids holds more than 100 desktop IDs"]);
    expect(faultsOf({ desktop_ids: [] })).toEqual(["desktop_ids is empty"]);
    expect(faultsOf({})).toEqual(["desktop_ids is missing"]);
    expect(faultsOf({ desktop_ids: "d0" })).toEqual(["desktop_ids must be a list of desktop IDs"]);
  });

  it("full of faults gets an answer of bounded length", () => {
    expect(faultsOf({ desktop_ids: Array(20_000).fill("") })).toHaveLength(1000);
  });
});
