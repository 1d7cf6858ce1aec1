import { describe, expect, it } from "vitest";
import { composeAsked } from "../../src/compose/asked.ts";
import { createInvokeFunction } from "../../src/invoke/invoke-function.ts";
import { openChanges } from "../../src/ledger/changes.ts";
import { addDesktop, type DesktopState, fileName, keepPastBinding } from "../../src/ledger/desktops.ts";
import { eventIdOf, type LedgerEvent } from "../../src/ledger/event.ts";
import { keepEvent } from "../../src/ledger/events.ts";
import { exportChanges } from "../../src/ledger/export.ts";
import { openHiding } from "../../src/ledger/hiding-key.ts";
import { keepCoverage, openProfile, scopeOf } from "../../src/ledger/profile-state.ts";
import type { Table } from "../../src/ledger/table.ts";
import { anApi, CONTEXT, SECRET } from "../support/api.ts";
import { createMemoryTable } from "../support/memory-table.ts";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const DAY_MS = 86_400_000;
const D1 = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";
const ask = (target: string, headers: Record<string, string> = {}) => {
  const [path = "", query = ""] = target.split("?");
  return { path, query, headers };
};

function anEvent(given: Partial<LedgerEvent>): LedgerEvent {
  const event: LedgerEvent = {
    event: "desktop.unbound",
    event_id: "",
    profile: "default",
    desktop_id: D1,
    desktop_name: "WIN-ALICE",
    user_id: "u-1",
    user_name: "Alice",
    user_group: "users",
    type: "USER",
    unbound_at: "2026-11-20T08:00:00.000Z",
    detach_time: "2026-11-20T08:00:00.000Z",
    observed_at: "2026-11-20T08:05:00.000Z",
    confirmed: true,
    schema_version: 1,
    ...given,
  };
  return { ...event, event_id: eventIdOf(event) };
}

const STATE: DesktopState = {
  name: "WIN-NEW",
  first_seen: NOW - 30 * DAY_MS,
  is_late: false,
  seen_at: NOW - 60_000,
  missed: 0,
  gone_at: null,
  checked_at: NOW - 60_000,
  tried_at: NOW - 60_000,
  digest: null,
  bindings: {},
  losses: [],
  unconfirmed: {},
};

async function aLedger({ isComplete = true, retentionDays = 400 } = {}) {
  const { table } = createMemoryTable(() => NOW);
  const profile = await openProfile(table, "default", "https://example.com/project", NOW - 30 * DAY_MS);
  if (!profile) throw new Error("no profile");
  await openHiding(table, (count) => Buffer.alloc(count, 7));
  await keepCoverage(table, "default", {
    watched_since: NOW - 30 * DAY_MS,
    desktops_known: 2,
    desktops_checked: 2,
    oldest_check_at: NOW - 3_600_000,
    complete: isComplete,
    at: NOW - 60_000,
    retention_days: retentionDays,
  });
  const changes = await openChanges(table, "default", 0);
  const scope = scopeOf("default", profile.data);
  return {
    table,
    scope,
    async happens(given: Partial<LedgerEvent>, isBaseline = false) {
      const event = anEvent(given);
      await keepEvent(table, { event, isBaseline }, null);
      if (!isBaseline) await changes.append({ kind: "unbound", event }, null);
      return event;
    },
  };
}

function apiOn(table: Table, env: Record<string, string> = {}) {
  const api = anApi({
    env: { LEDGER_TABLE: "ledger", ...env },
    world: { ledger: table, wallNow: () => NOW },
  });
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const { statusCode, body, headers: sent = {} } = await api.handle(ask(path, headers));
    return { status: statusCode, headers: sent, body, json: parsed(body) };
  };
  return { ...api, get };
}

function parsed(body: string): Record<string, unknown> {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}

describe("which desktops a person lost", () => {
  it("is asked by ID or name in any case, newest first, people of one name apart by their IDs, page by page", async () => {
    const ledger = await aLedger();
    for (let day = 1; day <= 5; day++) {
      const at = `2026-11-0${day}T08:00:00.000Z`;
      await ledger.happens({ user_id: day % 2 ? "u-1" : "u-2", unbound_at: at, detach_time: at });
    }
    await ledger.happens({ user_id: "u-3", user_name: "Ali\u200bce", detach_time: "other" });
    await ledger.happens({ unbound_at: null, detach_time: "no zone" }, true);
    const { get } = apiOn(ledger.table);

    const first = await get("/v1/unbindings?user=ALICE&limit=4");
    expect(first.status).toBe(200);
    const rowsOf = ({ json }: { json: { [name: string]: unknown } }) =>
      (json["unbindings"] as LedgerEvent[]).map(
        ({ user_id: id, unbound_at: at }) => `${id} ${at?.slice(0, 10)}`,
      );
    expect(rowsOf(first)).toEqual(["u-1 2026-11-05", "u-2 2026-11-04", "u-1 2026-11-03", "u-2 2026-11-02"]);
    expect(first.json).toMatchObject({ count: 4, truncated: true, complete: true, user: "ALICE" });
    const rest = await get(`/v1/unbindings?user=alice&limit=4&cursor=${first.json["cursor"]}`);
    expect(rowsOf(rest)).toEqual(["u-1 2026-11-01", "u-1 undefined"]);
    expect(rest.json).toMatchObject({ truncated: false, cursor: null });
    const byId = await get("/v1/unbindings?user=U-2&since=2026-11-03T00:00:00Z");
    expect(rowsOf(byId)).toEqual(["u-2 2026-11-04"]);
  });

  it("says 'not known' or 'none on record', never 'nobody', and in CSV too", async () => {
    const known = apiOn((await aLedger()).table);
    const unknown = apiOn((await aLedger({ isComplete: false })).table);
    const nothing = apiOn(createMemoryTable(() => NOW).table);
    expect((await known.get("/v1/unbindings?user=bob")).json["note"]).toMatch(
      /^None on record as of 2026-11-25T11:00:00.000Z\./,
    );
    for (const { get } of [unknown, nothing]) {
      const { json } = await get("/v1/unbindings?user=bob");
      expect([json["complete"], json["note"]]).toEqual([false, expect.stringMatching(/^Not known/)]);
      const { body } = await get("/v1/unbindings?user=bob", { accept: "text/csv" });
      const [header, row, end] = body.split("\r\n");
      expect(header).toMatch(/^desktop_id,.*,watched_since,.*,complete,note$/);
      expect([row, end]).toEqual([expect.stringMatching(/^,.*,false,Not known/), ""]);
    }
  });

  it("takes no cursor but its own, no fresh, and is the same byte for byte", async () => {
    const ledger = await aLedger();
    await ledger.happens({ detach_time: "1" });
    await ledger.happens({ detach_time: "2", user_name: "=cmd" });
    const { get } = apiOn(ledger.table);
    const { json } = await get("/v1/unbindings?user=u-1&limit=1");
    const forged = Buffer.from(JSON.stringify(["x", "user#lab#bob"])).toString("base64url");
    for (const path of [
      `/v1/unbindings?user=bob&cursor=${json["cursor"]}`,
      `/v1/unbindings?user=u-1&type=USER&cursor=${json["cursor"]}`,
      `/v1/changes?cursor=${json["cursor"]}`,
      `/v1/unbindings?user=u-1&cursor=${forged}`,
      `/v1/unbindings?user=u-1&cursor=${json["cursor"]}x`,
      "/v1/unbindings?user=u-1&cursor=",
      "/v1/unbindings?user=u-1&fresh=true",
      "/v1/unbindings?user=",
    ]) {
      const { status, json: problem } = await get(path);
      expect([path, status, problem["code"]]).toEqual([path, 400, "INVALID_REQUEST"]);
    }
    const one = await get("/v1/unbindings?user=u-1", { accept: "text/csv" });
    expect(one.body).toBe((await get("/v1/unbindings?user=u-1", { accept: "text/csv" })).body);
    expect(one.body).toContain(",'=cmd,");
    const tagged = await get("/v1/unbindings?user=u-1");
    const again = await get("/v1/unbindings?user=u-1", { "if-none-match": tagged.headers["etag"] as string });
    expect(again.status).toBe(304);
  });
});

describe("who held a desktop then", () => {
  async function held() {
    const ledger = await aLedger();
    const { table, scope } = ledger;
    const bob = { user_id: "u-2", user_name: "bob", user_group: "users", type: "USER" };
    const bindings = {
      "USER#u-2": { ...bob, from_after: NOW - 2 * DAY_MS, from_by: NOW - 2 * DAY_MS + 1000 },
    };
    await addDesktop(table, scope, D1, { ...STATE, bindings });
    await fileName(table, scope, "WIN-OLD", D1);
    const event = await ledger.happens({});
    const end = Date.parse("2026-11-20T08:00:00Z");
    const alice = { user_id: "u-1", user_name: "Alice", user_group: "users", type: "USER" };
    const bounds = { from_after: null, from_by: NOW - 30 * DAY_MS, until_after: end, until_by: end };
    await keepPastBinding(
      table,
      `bindings#default#${D1}`,
      { ...alice, ...bounds, event_id: event.event_id },
      null,
    );
    return ledger;
  }

  it("is answered by ID and by any name that it had, with bounds and how sure that is", async () => {
    const { get } = apiOn((await held()).table);
    const then = await get(`/v1/desktops/${D1}/holders?at=2026-11-10T09:00:00%2B01:00`);
    expect(then.json).toMatchObject({
      desktop_id: D1,
      desktop_name: "WIN-NEW",
      at: "2026-11-10T08:00:00.000Z",
      complete: true,
      holders: [{ user_id: "u-1", certainty: "certain", until_by: "2026-11-20T08:00:00.000Z" }],
    });
    const now = await get("/v1/holders?desktop_name=win-old&at=1h");
    expect(now.json).toMatchObject({ holders: [{ user_id: "u-2", certainty: "certain", until_by: null }] });
    const before = await get(`/v1/desktops/${D1}/holders?at=2025-01-01T00:00:00Z`);
    expect(before.json).toMatchObject({ complete: false, holders: [{ certainty: "possible" }] });
  });

  it("knows no desktop that the watch has not seen, and wants a time", async () => {
    const { get } = apiOn((await held()).table);
    expect((await get("/v1/desktops/other/holders?at=1h")).json["code"]).toBe("DESKTOP_NOT_FOUND");
    for (const query of ["", "?at=yesterday", "?at=2026-11-10T09:00:00", "?at=1h&user=bob"])
      expect((await get(`/v1/desktops/${D1}/holders${query}`)).json["code"]).toBe("INVALID_REQUEST");
    expect((await get("/v1/holders?at=1h")).json["code"]).toBe("INVALID_REQUEST");
  });
});

describe("what happened since", () => {
  it("is told in order, each once, and there is always a cursor", async () => {
    const ledger = await aLedger();
    await ledger.happens({ user_name: "old", detach_time: "0" }, true);
    for (const detach_time of ["1", "2", "3"]) await ledger.happens({ detach_time });
    const { get } = apiOn(ledger.table);
    const times: string[] = [];
    let cursor: unknown = "";
    for (const expected of [2, 1, 0]) {
      const { json } = await get(`/v1/changes?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
      expect(json["count"]).toBe(expected);
      times.push(...(json["changes"] as LedgerEvent[]).map(({ detach_time: text }) => text ?? ""));
      cursor = json["cursor"];
    }
    expect(times).toEqual(["1", "2", "3"]);
    await ledger.happens({ detach_time: "4" });
    expect((await get(`/v1/changes?cursor=${cursor}`)).json).toMatchObject({
      changes: [{ detach_time: "4" }],
    });
  });

  it("refuses a cursor that lies behind what is kept, and one that is ahead of a restored table", async () => {
    const ledger = await aLedger({ retentionDays: 1 });
    await ledger.happens({ observed_at: "2026-11-20T08:05:00.000Z", detach_time: "1" });
    await ledger.happens({ detach_time: "2" });
    const { get } = apiOn(ledger.table);
    const { json } = await get("/v1/changes?limit=1");
    const behind = await get(`/v1/changes?cursor=${json["cursor"]}`);
    expect(behind.json["errors"]).toEqual([
      { field: "cursor", message: expect.stringContaining("behind what is kept") },
    ]);
    const { json: all } = await get("/v1/changes");
    const restored = apiOn((await aLedger()).table);
    expect((await restored.get(`/v1/changes?cursor=${all["cursor"]}`)).json["errors"]).toEqual([
      { field: "cursor", message: expect.stringContaining("ahead of the ledger") },
    ]);
  });
});

it("is exported as it happened, since a time", async () => {
  const ledger = await aLedger();
  await ledger.happens({ observed_at: "2026-10-01T08:05:00.000Z", detach_time: "1" });
  for (const detach_time of ["2", "3"]) await ledger.happens({ detach_time });
  const exported = [];
  for await (const { detach_time: text } of exportChanges(ledger.table, "default", NOW - 30 * DAY_MS))
    exported.push(text);
  expect(exported).toEqual(["2", "3"]);
});

describe("who may not see users", () => {
  it("may not ask who it was, and gets the changes without", async () => {
    const ledger = await aLedger();
    const event = await ledger.happens({});
    const { get } = apiOn(ledger.table, { ACCESS_POLICY: '[{"hide_users":true}]' });
    expect((await get("/v1/unbindings?user=alice")).json["code"]).toBe("FORBIDDEN");
    expect((await get(`/v1/desktops/${D1}/holders?at=1h`)).json["code"]).toBe("FORBIDDEN");
    const { body, json } = await get("/v1/changes");
    expect(json["changes"]).toMatchObject([{ user_id: null, user_name: null, desktop_id: D1 }]);
    expect(body).not.toContain(event.event_id);
  });
});

it("writes an audit line for each question, and nobody's name into it", async () => {
  const ledger = await aLedger();
  await ledger.happens({});
  const { get, lines } = apiOn(ledger.table);
  await get("/v1/unbindings?user=alice");
  const [audit] = lines.filter(({ message }) => message === "audit");
  expect(audit).toMatchObject({
    question: "unbindings_of_person",
    outcome: "ok",
    rows: 1,
    profile: "default",
  });
  expect(JSON.stringify(lines).toLowerCase()).not.toContain("alice");
});

it("has no such question without a ledger", async () => {
  const api = anApi();
  const get = async (path: string) => JSON.parse((await api.handle(ask(path))).body);
  expect((await get("/v1/changes")).code).toBe("NOT_FOUND");
  expect((await get(`/v1/desktops/${D1}/holders?at=1h`)).code).toBe("NOT_FOUND");
  const person = await get("/v1/unbindings?user=alice");
  expect([person.code, person.detail]).toEqual(["INVALID_REQUEST", expect.stringContaining("watch is off")]);
});

it.each([
  ["ThrottlingException", "UPSTREAM_UNAVAILABLE"],
  ["AccessDeniedException", "INTERNAL"],
])("speaks the one vocabulary when the table answers %s", async (name, code) => {
  const broken: Table = {
    get: () => Promise.reject(Object.assign(new Error("made up"), { name })),
    put: () => Promise.reject(new Error("nobody writes")),
    remove: () => Promise.reject(new Error("nobody writes")),
    query: () => Promise.reject(Object.assign(new Error("made up"), { name })),
  };
  const { get } = apiOn(broken);
  expect((await get("/v1/unbindings?user=alice")).json["code"]).toBe(code);
});

it("answers the same by invoke", async () => {
  const ledger = await aLedger();
  await ledger.happens({});
  const composition = composeAsked(
    { WORKSPACE_SECRET_ID: "workspace", LEDGER_TABLE: "ledger" },
    {
      ledger: ledger.table,
      wallNow: () => NOW,
      fetchSecret: async () => JSON.stringify(SECRET),
      write: () => {},
    },
  );
  const invoke = createInvokeFunction(composition);
  const person = await invoke({ user: "alice", request_id: "request-0001" }, CONTEXT);
  const { json } = await apiOn(ledger.table).get("/v1/unbindings?user=alice", {
    "x-request-id": "request-0001",
  });
  expect(person).toEqual(json);
  expect(await invoke({ cursor: null }, CONTEXT)).toMatchObject({ count: 1 });
  await expect(invoke({ desktop_id: D1, at: "1h" }, CONTEXT)).rejects.toMatchObject({
    name: "DESKTOP_NOT_FOUND",
  });
});
