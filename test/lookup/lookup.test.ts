import { describe, expect, it } from "vitest";
import { parseQuery } from "../../src/contract/query.ts";
import { createLookup } from "../../src/lookup/lookup.ts";
import { aCall } from "../support/call.ts";
import { stage } from "../support/world.ts";

const row = (name: string | null, time: string) => ({
  desktop_id: "d1",
  desktop_name: name,
  user_name: "alice",
  detach_time: time,
});

/** The lookup behind the guard, before an upstream that knows one desktop by name and ID. */
function setUp(
  rows: readonly object[],
  listed: readonly object[] = [{ desktop_id: "d1", computer_name: "WIN-BOB" }],
) {
  const world = stage({
    say: ({ desktopId }) => {
      if (desktopId === null) return { body: { total_count: listed.length, desktops: listed } };
      return desktopId === "d1"
        ? { body: { desktop_detach_infos: rows } }
        : { status: 404, body: { error_code: "WKS.0404" } };
    },
  });
  const { service } = world.composition;
  if (!service) throw new Error("not composed");
  const ask = async (question: Record<string, unknown>) => {
    const call = aCall();
    const outcome = await service.guard.lookup(parseQuery(question, 0), { kind: "invoke" }, call).then(
      (result) => ({ result }),
      (error) => ({ code: error.code }),
    );
    return { ...outcome, trace: call.trace };
  };
  return { ask, heard: world.heard };
}

describe("the name of a desktop in an answer", () => {
  const history = [row("WIN-ALICE", "2026-02-10T08:15:30Z"), row("WIN-OLD", "2025-02-10T08:15:30Z")];

  it("is the one asked for, as the upstream writes it today; the rows keep theirs", async () => {
    const { ask } = setUp(history);
    expect(await ask({ desktop_name: "win-bob" })).toMatchObject({
      result: {
        desktop_name: "WIN-BOB",
        unbindings: [{ desktop_name: "WIN-ALICE" }, { desktop_name: "WIN-OLD" }],
      },
    });
  });

  it("is the newest row's that has one when asked by ID", async () => {
    const { ask } = setUp([row(null, "2026-03-10T08:15:30Z"), ...history]);
    expect(await ask({ desktop_id: "d1" })).toMatchObject({ result: { desktop_name: "WIN-ALICE" } });
    expect(await setUp([row(null, "2026-03-10T08:15:30Z")]).ask({ desktop_id: "d1" })).toMatchObject({
      result: { desktop_name: null },
    });
  });
});

describe("what is answered from memory", () => {
  const twins = [
    { desktop_id: "d1", computer_name: "WIN-BOB" },
    { desktop_id: "d2", computer_name: "win-bob" },
  ];

  it.each([
    ["a result", { desktop_id: "d1" }, undefined],
    ["an unknown desktop", { desktop_id: "d7" }, undefined],
    ["a name", { desktop_name: "win-bob" }, undefined],
    ["an unknown name", { desktop_name: "win-never" }, undefined],
    ["an ambiguous name", { desktop_name: "win-bob" }, twins],
  ])("is counted as a hit: %s", async (_, question, listed) => {
    const { ask, heard } = setUp([], listed);
    const first = await ask(question);
    expect(first.trace).toMatchObject({ cache: "miss", cacheHits: 0, lookups: 1 });
    const calls = heard.length;
    const second = await ask(question);
    expect(second.trace).toMatchObject({ cache: "hit", cacheHits: 1, lookups: 1 });
    expect(heard).toHaveLength(calls);
    expect({ ...second, trace: null }).toEqual({ ...first, trace: null });
  });

  it("is no hit when only the name was remembered", async () => {
    let time = 0;
    const lookup = createLookup({
      findDesktops: async () => [{ desktop_id: "d1", desktop_name: "WIN-BOB" }],
      fetchHistory: async () => {
        if (time === 0) throw new Error("a bug");
        return { profile: "prod", rows: [], upstreamRequestId: null };
      },
      resultTtlMs: 30_000,
      now: () => time,
    });
    const query = parseQuery({ desktop_name: "win-bob" }, 0);
    await expect(lookup(query, aCall())).rejects.toThrow();
    time = 1;
    const call = aCall();
    await lookup(query, call);
    expect(call.trace).toMatchObject({ cache: "miss", cacheHits: 0 });
  });
});
