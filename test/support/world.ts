import type { Composition, World } from "../../src/compose/service.ts";
import { compose } from "../../src/compose/service.ts";
import type { UpstreamAnswer, UpstreamRequest } from "../../src/net/transport.ts";

/** What the upstream says to one request: an answer's parts, or nothing for a good one without rows. */
export type Say = (heard: Heard) => ChatAnswer | Promise<ChatAnswer>;
export type ChatAnswer = { status?: number; headers?: Record<string, string>; body?: unknown } | undefined;

export interface Heard {
  /** Of the desktop, or `null` for a list. */
  desktopId: string | null;
  path: string;
  accessKey: string;
  /** 0 for the first. */
  number: number;
  remainingMs: number;
}

export const TWO_PROFILES = {
  default: "prod",
  profiles: { prod: profileOf("HPUAPROD"), lab: profileOf("HPUALAB") },
};

function profileOf(accessKey: string) {
  return {
    access_key: accessKey,
    secret_key: "made-up",
    project_id: "0123456789abcdef0123456789abcdef",
    region: "cn-north-4",
  };
}

export interface Play {
  say?: Say;
  /** The store's content at a time, by the secret's name. */
  secret?: (secretId: string) => unknown;
  env?: Record<string, string>;
}

export interface Stage {
  composition: Composition;
  /** What the composition was made of, for one of another kind. */
  env: Record<string, string>;
  world: World;
  heard: Heard[];
  log: Record<string, unknown>[];
  /** How often the secret was fetched. */
  fetches: () => number;
  /** How many requests were under way at once, at most. */
  mostAtOnce: () => number;
  pass: (ms: number) => void;
}

/** The service in a world where a test says what happens, and waiting takes no time but puts the clock forward. */
export function stage({ say = () => undefined, secret = () => TWO_PROFILES, env = {} }: Play = {}): Stage {
  const heard: Heard[] = [];
  const log: Record<string, unknown>[] = [];
  let passed = 0;
  let fetches = 0;
  let underWay = 0;
  let mostAtOnce = 0;
  const epoch = Date.parse("2026-03-01T09:00:00Z");

  async function send(request: UpstreamRequest): Promise<UpstreamAnswer> {
    const one: Heard = {
      desktopId: /\/desktops\/([^/?]+)\/detach-info/.exec(request.path)?.[1] ?? null,
      path: request.path,
      accessKey: /Access=(\w+)/.exec(request.headers["authorization"] ?? "")?.[1] ?? "",
      number: heard.length,
      remainingMs: request.deadline.remaining(),
    };
    heard.push(one);
    underWay += 1;
    mostAtOnce = Math.max(mostAtOnce, underWay);
    try {
      const { status = 200, headers = {}, body = { desktop_detach_infos: [] } } = (await say(one)) ?? {};
      return { status, headers, body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)) };
    } finally {
      underWay -= 1;
    }
  }

  const world: World = {
    send,
    fetchSecret: async (secretId) => {
      fetches += 1;
      return JSON.stringify(await secret(secretId));
    },
    write: (line) => log.push(JSON.parse(line)),
    now: () => passed,
    wallNow: () => epoch + passed,
    random: () => 0.5,
    sleep: async (ms) => {
      passed += ms;
    },
  };
  const environment = { WORKSPACE_SECRET_ID: "workspace/test", ...env };
  return {
    composition: compose(environment, world),
    env: environment,
    world,
    heard,
    log,
    fetches: () => fetches,
    mostAtOnce: () => mostAtOnce,
    pass: (ms) => {
      passed += ms;
    },
  };
}

/** One row of detach-info. */
export function rowOf(desktopId: string, userName: string, detachTime = "2026-02-10T08:15:30.000Z") {
  return {
    desktop_id: desktopId,
    desktop_name: `PC-${desktopId}`,
    user_id: `id-of-${userName}`,
    user_name: userName,
    user_group: "users",
    type: "USER",
    detach_time: detachTime,
  };
}

export const rowsOf = (desktopId: string, ...userNames: string[]) => ({
  body: { desktop_detach_infos: userNames.map((name) => rowOf(desktopId, name)) },
});
