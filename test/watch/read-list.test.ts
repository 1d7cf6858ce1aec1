import { describe, expect, it } from "vitest";
import { LookupError } from "../../src/contract/errors.ts";
import type { FleetPage } from "../../src/lookup/ports.ts";
import { readList } from "../../src/watch/read-list.ts";
import { readFleetPage } from "../../src/workspace/fleet.ts";

const ids = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `d${from + index}`);

/** @param listAt What the whole list is at that request. */
function list(
  listAt: (request: number) => readonly string[],
  page?: (request: number) => FleetPage | LookupError | null,
) {
  let request = -1;
  return readList({
    async fetchPage({ offset, limit }) {
      request += 1;
      const given = page?.(request) ?? null;
      if (given instanceof LookupError) throw given;
      if (given) return given;
      const all = listAt(request);
      const desktops = all
        .slice(offset, offset + limit)
        .map((id) => ({ desktop_id: id, desktop_name: id, bindings: [] }));
      return { desktops, total: all.length };
    },
    mayCall: () => true,
    wallNow: () => 1000,
  });
}

describe("a list", () => {
  it.each([0, 1, 499, 500, 501, 1998, 2500])("of %i desktops is complete", async (count) => {
    const { desktops, isComplete } = await list(() => ids(count));
    expect(desktops.size).toBe(count);
    expect(isComplete).toBe(true);
  });

  it("that moved while it was read is read again, and complete if it stands still by then", async () => {
    const moving = (request: number) => (request === 1 ? ids(1200).filter((id) => id !== "d3") : ids(1200));
    expect((await list(moving)).isComplete).toBe(true);
  });

  it("that never stands still is not complete, whatever its total says", async () => {
    // One goes at the front and one comes at the end: the total is the same, and a row is skipped.
    const { isComplete, desktops } = await list((request) => ids(1200, request));
    expect(isComplete).toBe(false);
    expect(desktops.size).toBeGreaterThan(0);
  });

  it("of which a page fails, is empty, or comes twice is not complete, and what was seen is kept", async () => {
    const failing = await list(
      () => ids(1200),
      (request) => (request === 1 ? new LookupError("UPSTREAM_UNAVAILABLE") : null),
    );
    expect(failing).toMatchObject({ isComplete: false, error: { code: "UPSTREAM_UNAVAILABLE" } });
    expect(failing.desktops.size).toBe(500);
    const empty = await list(
      () => ids(1200),
      (request) => (request % 2 === 1 ? { desktops: [], total: 1200 } : null),
    );
    expect(empty.isComplete).toBe(false);
    const first = ids(500).map((id) => ({ desktop_id: id, desktop_name: id, bindings: [] }));
    expect(
      (
        await list(
          () => ids(1200),
          () => ({ desktops: first, total: 1200 }),
        )
      ).isComplete,
    ).toBe(false);
  });

  it("without a total ends with a short page", async () => {
    const page = (request: number): FleetPage => ({
      desktops: ids(request === 0 ? 500 : 20, request * 499).map((id) => ({
        desktop_id: id,
        desktop_name: id,
        bindings: [],
      })),
      total: null,
    });
    expect(await list(() => [], page)).toMatchObject({ isComplete: true });
  });
});

describe("a page", () => {
  const desktop = (infos: unknown) => ({
    total_count: 1,
    desktops: [{ desktop_id: "d1", computer_name: "PC", attach_user_infos: infos }],
  });

  it("says who is bound, and tells nobody from not known", () => {
    const info = { user_id: "u1", user_name: "alice", user_group: "users", type: "USER", domain: "example" };
    expect(readFleetPage(desktop([info])).desktops[0]?.bindings).toEqual([
      { user_id: "u1", user_name: "alice", user_group: "users", type: "USER" },
    ]);
    expect(readFleetPage(desktop([])).desktops[0]?.bindings).toEqual([]);
    for (const unknown of [undefined, null, "", [null], [{}], [info, {}]]) {
      expect(readFleetPage(desktop(unknown)).desktops[0]?.bindings, JSON.stringify(unknown)).toBeNull();
    }
  });

  it("is unreadable where a desktop cannot be told from another", () => {
    for (const body of [
      {},
      { total_count: 1 },
      { desktops: "x" },
      { desktops: [null] },
      { desktops: [{ desktop_id: "a/b" }] },
    ]) {
      expect(() => readFleetPage(body)).toThrow();
    }
    expect(readFleetPage({ total_count: 0, desktops: null })).toEqual({ desktops: [], total: 0 });
  });
});
