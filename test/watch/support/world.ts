import type { Verdict } from "../../../src/chat/verdict.ts";
import { LookupError } from "../../../src/contract/errors.ts";
import type { DesktopState } from "../../../src/ledger/desktops.ts";
import type { LedgerEvent } from "../../../src/ledger/event.ts";
import type { ProfileState } from "../../../src/ledger/profile-state.ts";
import type { Table } from "../../../src/ledger/table.ts";
import { newTrace } from "../../../src/observe/call.ts";
import { createLog } from "../../../src/observe/log.ts";
import type { Channel, Message } from "../../../src/watch/channel.ts";
import type { WatchParts, WatchSettings } from "../../../src/watch/ports.ts";
import { watch } from "../../../src/watch/watch.ts";
import { createMemoryTable } from "../../support/memory-table.ts";
import type { Fleet, Known } from "./fleet.ts";

const MINUTE_MS = 60_000;
const PROD = { name: "prod", identity: "prod" };
export const START = Date.parse("2026-11-24T08:02:00Z");

/** What happens to a step that reaches out of the process. */
export type Fate = "fine" | "fails" | "answer-lost" | "killed-before" | "killed-after";
export type Step = { kind: "table" | "upstream" | "channel"; name: string };

class Killed extends Error {
  override readonly name = "Killed";
}

export interface Received {
  events: LedgerEvent[];
  notices: Message["notices"][number][];
  messages: Message[];
}

export interface Receiver {
  channel: Channel;
  received: Received;
  /** What it answers next; the last one from then on. */
  verdicts: Verdict[];
}

export function aReceiver(name: string, options: Partial<Channel> & { verdicts?: Verdict[] } = {}): Receiver {
  const { verdicts = [{ kind: "sent" }], ...channelOptions } = options;
  const received: Received = { events: [], notices: [], messages: [] };
  const receiver: Receiver = {
    received,
    verdicts,
    channel: {
      key: name,
      name,
      watches: () => true,
      hidesUsers: false,
      hasReaders: true,
      isIdempotent: false,
      most: { events: Number.POSITIVE_INFINITY, atOnce: 1 },
      async send(message) {
        const verdict = (
          receiver.verdicts.length > 1 ? receiver.verdicts.shift() : receiver.verdicts[0]
        ) as Verdict;
        received.messages.push(message);
        if (verdict.kind === "sent" || verdict.kind === "lost") {
          received.events.push(...message.events);
          received.notices.push(...message.notices);
        }
        return verdict;
      },
      ...channelOptions,
    },
  };
  return receiver;
}

export interface WorldOptions {
  fleet: Fleet;
  receivers?: readonly Receiver[];
  settings?: Partial<WatchSettings>;
  table?: (wallNow: () => number) => Table;
}

/** The real watch, on a table in memory unless another is given, over a fleet and receivers that a test decides about. */
export function createWorld({ fleet, receivers = [], settings = {}, table: openTable }: WorldOptions) {
  let now = 0;
  let fateOf: (step: Step) => Fate = () => "fine";
  const memory = createMemoryTable(() => START + now);
  const table = openTable?.(() => START + now) ?? memory.table;
  const log: Record<string, unknown>[] = [];
  fleet.ask((id) => knownOf(memory.dataOf, id));

  /** Each run has its own ends of everything: once it is killed, none of them does anything any more. */
  function partsOf(life: { isOver: boolean }): WatchParts {
    async function through<T>(step: Step, work: () => Promise<T>, lost: () => Error): Promise<T> {
      const die = () => {
        life.isOver = true;
        return new Killed();
      };
      if (life.isOver) throw new Killed();
      const fate = fateOf(step);
      if (fate === "killed-before") throw die();
      if (fate === "fails") throw lost();
      const value = await work();
      if (fate === "killed-after") throw die();
      if (life.isOver) throw new Killed();
      if (fate === "answer-lost") throw lost();
      return value;
    }
    const throttled = () => Object.assign(new Error("slow down"), { name: "ThrottlingException" });
    const ofTable = <T>(name: string, work: () => Promise<T>) =>
      through({ kind: "table", name }, work, throttled);
    const unavailable = () => new LookupError("UPSTREAM_UNAVAILABLE");
    return {
      table: {
        get: (key) => ofTable("get", () => table.get(key)),
        put: (item, expected) => ofTable("put", () => table.put(item, expected)),
        remove: (key, expected) => ofTable("remove", () => table.remove(key, expected)),
        query: (query) => ofTable("query", () => table.query(query)),
      },
      listFleet: (_, page, call) => {
        call.trace.attempts += 1;
        return through({ kind: "upstream", name: "list" }, async () => fleet.page(page), unavailable);
      },
      fetchHistory: (_, desktopId, call) => {
        call.trace.attempts += 1;
        return through(
          { kind: "upstream", name: "history" },
          async () => ({ rows: fleet.history(desktopId), bytes: 1, upstreamRequestId: null }),
          unavailable,
        );
      },
      resolveProfiles: async () => [
        { name: "prod", ref: PROD, place: "https://example.com/project", accessKey: "MADEUP" },
      ],
      openChannels: async () =>
        receivers.map(({ channel }) => ({
          ...channel,
          async send(message, time) {
            const step: Step = { kind: "channel", name: channel.name };
            const lost = () => new Error("lost");
            try {
              return await through(step, async () => channel.send(message, time), lost);
            } catch (error) {
              if (error instanceof Killed) throw error;
              return { kind: "lost", reason: "made up" };
            }
          },
        })),
      settings: { minutes: 5, callsPerMinute: 50, retentionDays: 400, callBudgetMs: 8000, ...settings },
      log: createLog({
        level: "info",
        write: (line) => log.push(JSON.parse(line)),
        wallNow: () => START + now,
      }),
      now: () => now,
      wallNow: () => START + now,
      sleep: async (ms) => {
        now += ms;
      },
      randomBytes: (count) => Buffer.alloc(count, 7),
    };
  }

  /** What a run is called with. */
  function partsFor(remainingMs = 270_000) {
    const context = {
      requestId: "request-0001",
      deadline: { remaining: () => remainingMs },
      trace: newTrace(),
      traceparent: null,
    };
    return { parts: partsOf({ isOver: false }), context };
  }

  async function run(remainingMs = 270_000) {
    const { parts, context } = partsFor(remainingMs);
    try {
      return await watch(parts, context, remainingMs);
    } catch (error) {
      return error as Error;
    }
  }

  return {
    table,
    memory,
    log,
    run,
    partsFor,
    pass: (minutes: number) => {
      now += minutes * MINUTE_MS;
    },
    /** One run, the next interval, and what it did. */
    async next(fate: (step: Step) => Fate = () => "fine") {
      fleet.nextRun();
      fateOf = fate;
      const outcome = await run();
      fateOf = () => "fine";
      now += 5 * MINUTE_MS;
      return outcome;
    },
    during(fate: (step: Step) => Fate) {
      fateOf = fate;
    },
  };
}

function knownOf(dataOf: (prefix: string) => unknown[], id: string): Known {
  const states = dataOf("fleet#") as DesktopState[];
  const state = states.find(({ name }) => name === `PC-${id}`);
  const [profile] = dataOf("profile#") as Partial<ProfileState>[];
  const hasCompleteList = (profile?.first_complete_at ?? null) !== null;
  return {
    users: new Set(Object.values(state?.bindings ?? {}).map(({ user_name: name }) => name ?? "")),
    isWatched: state ? state.checked_at !== null || state.is_late : hasCompleteList,
  };
}
