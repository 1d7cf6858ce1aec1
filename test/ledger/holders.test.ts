import fc from "fast-check";
import { expect, it } from "vitest";
import { LookupError } from "../../src/contract/errors.ts";
import { toUnbindings } from "../../src/contract/unbinding.ts";
import { readDesktop } from "../../src/ledger/desktops.ts";
import { holdersAt } from "../../src/ledger/holders.ts";
import { readProfile, scopeOf } from "../../src/ledger/profile-state.ts";
import { readRecord } from "../../src/ledger/read-desktop.ts";
import type { Fleet } from "../watch/support/fleet.ts";
import { createWorld, START } from "../watch/support/world.ts";

/** The real watch over histories whose truth is known: who was really bound is always among the holders, and `certain` is true. */

const RUNS = Number(process.env["HOLDERS_RUNS"] ?? 400);
const SEED = Number(process.env["HOLDERS_SEED"] ?? 20_261_125);
/** Until then all late records are there, and all losses settled. */
const CALM_RUNS = 8;
const MINUTE_MS = 60_000;

interface Bound {
  user: string;
  from: number;
  until: number | null;
}

type Move =
  | { do: "bind" | "rename"; user: number; minutes: number }
  | { do: "unbind"; user: number; minutes: number; lag: number; hasZone: boolean };

interface Round {
  before: Move[];
  during: { at: number; move: Move }[];
  isMissed: boolean;
}

const USERS = ["alice", "bob", "staff"];
const typeOf = (user: string) => (user === "staff" ? "GROUP" : "USER");

/** One desktop, which people are bound to and unbound from at times that are known. */
function createTruth() {
  const desktop = { id: "d0", name: "WIN-0" };
  const bound: Bound[] = [];
  const names = new Map(USERS.map((user) => [user, user]));
  const rows: { user: string; at: number; number: number; hasZone: boolean; visibleFrom: number }[] = [];
  let runs = 0;
  let now = () => START;
  const current = (user: string) => bound.find((each) => each.user === user && each.until === null);
  const who = (user: string) => ({
    user_id: `id-${user}`,
    user_name: names.get(user) as string,
    user_group: "users",
    type: typeOf(user),
  });
  const fleet: Pick<Fleet, "ask" | "nextRun" | "page" | "history"> = {
    ask: () => {},
    nextRun: () => {
      runs += 1;
    },
    page: () => ({
      total: 1,
      desktops: [
        {
          desktop_id: desktop.id,
          desktop_name: desktop.name,
          bindings: bound.filter(({ until }) => until === null).map(({ user }) => who(user)),
        },
      ],
    }),
    history(id) {
      if (id !== desktop.id) throw new LookupError("DESKTOP_NOT_FOUND");
      return toUnbindings(
        rows
          .filter(({ visibleFrom }) => visibleFrom <= runs)
          .map(({ user, at, hasZone, number }) => ({
            desktop_id: id,
            desktop_name: desktop.name,
            ...who(user),
            detach_time: hasZone ? new Date(at).toISOString() : `#${number}, at a time without a zone`,
          })),
      );
    },
  };
  return {
    bound,
    fleet: fleet as Fleet,
    setClock(clock: () => number) {
      now = clock;
    },
    play(move: Move): void {
      const user = USERS[move.user % USERS.length] as string;
      const held = current(user);
      if (move.do === "rename") names.set(user, `${names.get(user)}x`);
      else if (move.do === "bind" && !held) bound.push({ user, from: now(), until: null });
      else if (move.do === "unbind" && held) {
        held.until = now();
        const { hasZone, lag } = move;
        rows.push({ user, at: now(), number: rows.length, hasZone, visibleFrom: runs + lag });
      }
    },
  };
}

const user = fc.nat(2);
const minutes = fc.constantFrom(0, 0.01, 0.5, 1, 2);
/** In the middle of a run, of a call even: no call takes longer than a minute. */
const shortened = (each: Move): Move => ({ ...each, minutes: each.minutes / 4 });
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("bind" as const), user, minutes }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("rename" as const), user, minutes }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("unbind" as const),
      user,
      minutes,
      lag: fc.constantFrom(0, 0, 0, 1, 2, 4),
      hasZone: fc.constantFrom(true, true, false),
    }),
  },
);
const round: fc.Arbitrary<Round> = fc.record({
  before: fc.array(move, { maxLength: 4 }),
  during: fc.array(fc.record({ at: fc.nat(25), move: move.map(shortened) }), { maxLength: 2 }),
  isMissed: fc.constantFrom(false, false, false, true),
});

async function playAll(rounds: readonly Round[]) {
  const truth = createTruth();
  const world = createWorld({ fleet: truth.fleet });
  let passed = 0;
  truth.setClock(() => START + passed * MINUTE_MS);
  const pass = (spent: number) => {
    passed += spent;
    world.pass(spent);
  };
  const act = (each: Move) => {
    pass(each.minutes / 2);
    truth.play(each);
    pass(each.minutes / 2);
  };
  async function run({ during, isMissed }: Round): Promise<void> {
    let step = -1;
    await world.next(({ kind, name }) => {
      step += 1;
      for (const each of during) if (each.at === step) act(each.move);
      return isMissed && kind === "upstream" && name === "list" ? "fails" : "fine";
    });
    passed += 5;
  }
  for (const each of rounds) {
    for (const one of each.before) act(one);
    await run(each);
  }
  for (let calm = 0; calm < CALM_RUNS; calm++) await run({ before: [], during: [], isMissed: false });
  return { truth, world };
}

it("has the one who really held the desktop among the holders, and is never wrong where it is certain", {
  timeout: 36_000_000,
}, async () => {
  const counted = { certain: 0, possible: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(round, { minLength: 1, maxLength: 6 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 12 }),
      async (rounds, probes) => {
        const { truth, world } = await playAll(rounds);
        const state = await readProfile(world.table, "prod");
        if (!state) throw new Error("no list was read");
        const scope = scopeOf("prod", state.data);
        const item = await readDesktop(world.table, scope, "d0");
        const since = state.data.first_complete_at;
        const until = item?.data.checked_at;
        if (!item || since == null || until == null) throw new Error("nothing was watched");
        const record = await readRecord(world.table, { profile: "prod", scope }, item);
        const edges = truth.bound.flatMap(({ from, until: end }) => [from, end ?? from, (end ?? from) - 1]);
        const times = [...probes.map((probe) => since + Math.floor(probe * (until - since))), ...edges];
        for (const at of times.filter((time) => time > since && time < until)) {
          const held = truth.bound.filter(
            (each) => each.from < at && (each.until === null || at < each.until),
          );
          const holders = holdersAt(record, at);
          const found = holders.map(({ user_id: id }) => id);
          for (const { user: name } of held) expect(found, `${name} at ${at}`).toContain(`id-${name}`);
          expect(new Set(found).size).toBe(found.length);
          for (const { user_id: id, certainty } of holders) {
            counted[certainty] += 1;
            const edge = truth.bound.some((each) => `id-${each.user}` === id && each.from === at);
            if (certainty === "certain" && !edge)
              expect(
                held.map((each) => `id-${each.user}`),
                `certain at ${at}`,
              ).toContain(id);
          }
        }
      },
    ),
    { numRuns: RUNS, seed: SEED },
  );
  // Neither is the rare case.
  expect(counted.certain).toBeGreaterThan(counted.possible / 10);
});
