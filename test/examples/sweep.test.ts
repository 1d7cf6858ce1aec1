import validate from "asl-validator";
import { describe, expect, it } from "vitest";
import { DESKTOP_ID } from "../../src/contract/desktop-id.ts";
import { ERROR_CODES } from "../../src/contract/errors.ts";
import { UNBINDING_COLUMNS } from "../../src/contract/unbinding.ts";
import type { Machine } from "../support/states/machine.ts";
import { answered, definition, type Order, SUBSTITUTIONS, sweep, TEXT } from "../support/sweep.ts";
import { type ChatAnswer, rowsOf } from "../support/world.ts";

const THROTTLED: ChatAnswer = {
  status: 429,
  headers: { "retry-after": "45" },
  body: { error_code: "APIGW.0308" },
};
/** What a Distributed Map ends with when one of its executions ended badly. */
const STOPPED = "States.ExceedToleratedFailureThreshold";

const idsUpTo = (count: number) => Array.from({ length: count }, (_, index) => `d${index}`);
const idsOf = (rows: readonly { desktop_id: string }[]) => rows.map(({ desktop_id }) => desktop_id);
const named = (name: string) => Object.assign(new Error(), { name });

describe("the definition of the sweep", () => {
  const batch = definition().States["Sweep"]?.["ItemProcessor"] as Machine;

  it("is valid, as it stands and filled in", () => {
    for (const each of [JSON.parse(TEXT), definition()]) {
      const { isValid, errorsText } = validate(each);
      expect(errorsText()).toBe("");
      expect(isValid).toBe(true);
    }
  });

  it("would be found faulty if it were", () => {
    const faulty = (from: string, to: string) => validate(JSON.parse(TEXT.replace(from, to))).isValid;
    expect(faulty('"Next": "Pause"', '"Next": "Nowhere"')).toBe(false);
    expect(faulty("{% $until %}", "{% $until( %}")).toBe(false);
    expect(faulty('"Timestamp"', '"Stamp"')).toBe(false);
  });

  it("is filled in with no more than its bucket, its prefix and its function", () => {
    const names = new Set([...TEXT.matchAll(/\$\{([^}]*)\}/g)].map(([, name]) => name));
    expect([...names].sort()).toEqual(Object.keys(SUBSTITUTIONS).sort());
  });

  it("tries again, and at last goes on without, whatever error of ours is retryable", () => {
    const retryable = Object.entries(ERROR_CODES).flatMap(([code, { retryable }]) =>
      retryable ? [code] : [],
    );
    for (const field of ["Retry", "Catch"]) {
      const handlers = (batch.States["Ask"]?.[field] ?? []) as { ErrorEquals: string[] }[];
      const ours = handlers.flatMap(({ ErrorEquals }) => ErrorEquals).filter((name) => name in ERROR_CODES);
      expect(ours.sort(), field).toEqual(retryable.sort());
    }
  });
});

describe("a sweep", () => {
  it("asks about all desktops, twenty at a time, and writes a flat row for each unbinding", async () => {
    const { rows, batches, error, heard } = await sweep({ list: idsUpTo(45) });
    expect(error).toBeNull();
    expect(batches).toEqual([20, 20, 5]);
    expect(idsOf(rows)).toEqual(idsUpTo(45));
    expect(Object.keys(rows[0] ?? {})).toEqual([...UNBINDING_COLUMNS, "truncated", "error_code"]);
    expect(rows[0]).toMatchObject({ user_name: "alice", truncated: false, error_code: null });
    expect(heard).toEqual(idsUpTo(45));
  });

  it("writes as many rows for a desktop as it has, none for one without, and says what the limit cut", async () => {
    const users: Record<string, string[]> = { d0: [], d1: ["alice", "bob", "carol"], d2: ["dave"] };
    const { rows } = await sweep({
      say: ({ desktopId }) => rowsOf(desktopId ?? "", ...(users[desktopId ?? ""] ?? [])),
      list: ["d0", "d1", "d2"],
      input: { filters: { limit: 2 } },
    });
    expect(rows.map(({ desktop_id, truncated }) => [desktop_id, truncated])).toEqual([
      ["d1", true],
      ["d1", true],
      ["d2", false],
    ]);
  });

  it("hands the filters on, and is a caller of invoke to the access policy", async () => {
    const order: Order = {
      say: ({ desktopId }) => rowsOf(desktopId ?? "", "alice", "bob"),
      list: ["d0"],
      input: { filters: { user: "BOB", profile: "lab" } },
    };
    const policy = (rule: object) => ({ ACCESS_POLICY: JSON.stringify([rule]) });
    const allowed = await sweep({ ...order, env: policy({ invoke: true, profiles: ["lab"] }) });
    expect(allowed.rows.map(({ user_name }) => user_name)).toEqual(["bob"]);
    expect(allowed.accessKeys).toEqual(["HPUALAB"]);
    const refused = await sweep({ ...order, env: policy({ iam: ["arn:aws:iam::111122223333:role/admin"] }) });
    expect(refused).toMatchObject({ error: STOPPED, failed: ["d0"], heard: [] });
  });

  it("takes the column desktop_id out of any table, and asks about no desktop twice in a batch", async () => {
    const { heard, rows } = await sweep({ list: "name,desktop_id,site\r\nA,d0,x\r\nB, d1 ,y\r\nA,d0,x\r\n" });
    expect(heard).toEqual(["d0", "d1"]);
    expect(idsOf(rows)).toEqual(["d0", "d1"]);
  });

  it("stops at once when there is no such column, or no such list", async () => {
    expect(await sweep({ list: "id\nd0\n" })).toMatchObject({
      error: "States.QueryEvaluationError",
      heard: [],
    });
    expect(await sweep({ input: { list: "none.csv" } })).toMatchObject({
      error: "States.ItemReaderFailed",
    });
  });

  it("does well with a list without desktops", async () => {
    expect(await sweep({})).toMatchObject({ error: null, rows: [], batches: [] });
  });

  it("makes batches small enough for what a state machine may carry, however many rows are wanted", async () => {
    const long = "ж".repeat(60);
    const { error, batches, rows } = await sweep({
      say: ({ desktopId }) =>
        rowsOf(desktopId ?? "", ...Array.from({ length: 120 }, (_, n) => `${long}${n}`)),
      list: idsUpTo(10).map((id) => `${id}-${"0".repeat(33)}`),
      input: { filters: { limit: 100 } },
    });
    expect({ error, batches, rows: rows.length }).toEqual({ error: null, batches: [4, 4, 2], rows: 1000 });
  });
});

describe("a sweep and the quota", () => {
  it("of a thousand desktops makes fifty calls of the function and takes four hundred seconds", async () => {
    const { batches, seconds, error } = await sweep({ list: idsUpTo(1000) });
    expect({ error, invocations: batches.length }).toEqual({ error: null, invocations: 50 });
    expect(seconds).toBeGreaterThanOrEqual(399);
    expect(seconds).toBeLessThan(401);
  });

  it.each([
    { pace: 150, input: {} },
    { pace: 40, input: { calls_per_minute: 40 } },
  ])("asks Huawei $pace times a minute, and never by more than a batch more", async ({ pace, input }) => {
    const { asked, error } = await sweep({ list: idsUpTo(3 * pace), input });
    expect(error).toBeNull();
    const inAMinute = asked.map((from) => asked.filter((at) => at >= from && at < from + 60_000).length);
    expect(Math.max(...inAMinute)).toBeGreaterThanOrEqual(pace);
    expect(Math.max(...inAMinute)).toBeLessThanOrEqual(pace + 20);
  });

  it("asks again about what was throttled, once and after the wait that Huawei tells", async () => {
    const { asked, batches, error, errors, rows } = await sweep({
      say: (one) => (one.number === 7 ? THROTTLED : answered(one)),
      list: idsUpTo(40),
    });
    expect({ error, errors }).toEqual({ error: null, errors: [] });
    expect(idsOf(rows).sort()).toEqual(idsUpTo(40).sort());
    expect(batches).toEqual([20, expect.any(Number), 20]);
    const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
    expect(Math.max(...pauses)).toBeGreaterThanOrEqual(45_000);
  });
});

describe("a sweep and failures", () => {
  it("asks again about what did not fit into the time of a call, and about nothing else", async () => {
    const { batches, error, heard, rows } = await sweep({
      say: (one, pass) => {
        pass(1000);
        return answered(one);
      },
      list: idsUpTo(20),
    });
    expect(error).toBeNull();
    expect(batches).toEqual([20, 12, 4]);
    expect(heard.toSorted()).toEqual(idsUpTo(20).sort());
    expect(rows).toHaveLength(20);
  });

  it("writes what Huawei does not answer in five rounds with the code of its error, and sweeps on", async () => {
    const found = await sweep({
      say: (one) => (one.desktopId === "d3" ? { status: 503 } : answered(one)),
      list: idsUpTo(22),
    });
    expect(found.error).toBeNull();
    expect(found.errors).toEqual([["d3", "UPSTREAM_UNAVAILABLE"]]);
    expect(found.rows).toHaveLength(22);
    expect(found.batches).toEqual([20, 1, 1, 1, 1, 2]);
    // 8 for the share of twenty, then 10, 20, 30 and 30; 1 for the share of two.
    expect(found.seconds).toBeGreaterThan(98);
  });

  it("asks only once about a desktop that Huawei does not know, and writes so", async () => {
    const found = await sweep({
      say: (one) =>
        one.desktopId === "d1" ? { status: 404, body: { error_code: "WKS.0404" } } : answered(one),
      list: idsUpTo(3),
    });
    expect(found.errors).toEqual([["d1", "DESKTOP_NOT_FOUND"]]);
    expect(found.heard).toEqual(idsUpTo(3));
    expect(found.rows.find(({ desktop_id }) => desktop_id === "d1")).toEqual({
      ...Object.fromEntries(UNBINDING_COLUMNS.map((column) => [column, null])),
      desktop_id: "d1",
      truncated: null,
      error_code: "DESKTOP_NOT_FOUND",
    });
  });

  it("writes what is no desktop ID as an error, and asks about those around it", async () => {
    const wrong = ["../d1", "d2#", "-d3", "", "x".repeat(129)];
    const found = await sweep({
      list: `desktop_id,n\n${["d0", ...wrong, "d9"].map((id) => `${id},1\n`).join("")}`,
    });
    expect(found.heard).toEqual(["d0", "d9"]);
    expect(found.errors).toEqual(wrong.map((id) => [id, "INVALID_REQUEST"]));
  });

  it("takes for a desktop ID exactly what the function takes for one", async () => {
    const odd = ["a", "a-", "a_b", "A-0", "a".repeat(128), "0", "_a", "a.b", "a b", "é"];
    const found = await sweep({ list: odd });
    expect(found.heard).toEqual(odd.filter((id) => DESKTOP_ID.test(id)));
    expect(found.errors.map(([id]) => id)).toEqual(odd.filter((id) => !DESKTOP_ID.test(id)));
  });

  it.each(["Lambda.TooManyRequestsException", "Sandbox.Timedout", "SECRET_UNAVAILABLE"])(
    "tries again after %s",
    async (name) => {
      const { error, rows } = await sweep({
        list: idsUpTo(25),
        lambda: (invocation) => {
          if (invocation === 1 || invocation === 3) throw named(name);
        },
      });
      expect(error).toBeNull();
      expect(rows).toHaveLength(25);
    },
  );

  it.each(["DEADLINE_EXCEEDED", "States.DataLimitExceeded"])(
    "writes the desktops of a batch that keeps ending with %s, and sweeps on",
    async (name) => {
      const found = await sweep({
        list: idsUpTo(25),
        lambda: (_, [first]) => {
          if (first === "d0") throw named(name);
        },
      });
      expect(found.error).toBeNull();
      expect(found.errors).toEqual(idsUpTo(20).map((id) => [id, name]));
      expect(found.rows.slice(20).map(({ user_name }) => user_name)).toEqual(Array(5).fill("alice"));
    },
  );

  it("stops at what the operator must mend, before the next batch, with every desktop in the files", async () => {
    const found = await sweep({
      say: (one) =>
        one.number < 20 ? answered(one) : { status: 403, body: { error_code: "PAP5.0001", error_msg: "no" } },
      list: idsUpTo(65),
    });
    expect(found.error).toBe(STOPPED);
    expect(found.causes).toEqual([expect.stringContaining("PERMISSION_DENIED")]);
    expect(found.batches).toEqual([20, 20]);
    expect(idsOf(found.rows)).toEqual(idsUpTo(20));
    expect([...found.failed, ...found.pending]).toEqual(idsUpTo(65).slice(20));
  });

  it("sweeps on when some of a batch are answered and others refused", async () => {
    const found = await sweep({
      say: (one) =>
        one.desktopId === "d1" ? { status: 403, body: { error_code: "PAP5.0001" } } : answered(one),
      list: idsUpTo(3),
    });
    expect(found).toMatchObject({ error: null, errors: [["d1", "PERMISSION_DENIED"]] });
  });

  it("stops at a filter that is not valid", async () => {
    const found = await sweep({ list: idsUpTo(25), input: { filters: { since: "yesterday" } } });
    expect(found).toMatchObject({ error: STOPPED, batches: [20], heard: [] });
    expect(found.causes).toEqual([expect.stringMatching(/INVALID_REQUEST.*since/)]);
  });

  it("stops when an answer is not about every desktop asked: it may be another function's", async () => {
    const found = await sweep({ list: ["d0"], lambda: () => ({ hello: "world" }) });
    expect(found).toMatchObject({ error: STOPPED, failed: ["d0"] });
  });
});
