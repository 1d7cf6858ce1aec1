import { describe, expect, it } from "vitest";
import { checkWatch } from "../../src/doctor/watch.ts";
import { changeChannel, readChannel } from "../../src/ledger/channels.ts";
import { keepRun, type RunOfProfile, type RunRecord } from "../../src/ledger/runs.ts";
import type { UpstreamRequest } from "../../src/net/transport.ts";
import type { refOf } from "../../src/workspace/profile.ts";
import { createMemoryTable } from "../support/memory-table.ts";

const NOW = Date.parse("2026-11-25T08:00:00Z");
const MINUTE = 60_000;
const ENV = {
  LEDGER_TABLE: "ledger",
  WATCH_SECRET_ID: "watch",
  CHAT_REPLY_HOSTS: "siem.example.com",
};
const CHANNELS = [
  { name: "helpdesk", to: "slack", url: "https://hooks.slack.com/services/T0/B0/made-up-key" },
  { name: "audit", to: "webhook", url: "https://siem.example.com/in", secret: "whsec_bWFkZS11cA==" },
];
const SUMMARY: RunOfProfile = {
  profile: "prod",
  desktops: 2000,
  lost: 0,
  checked: 240,
  events: 0,
  told: 0,
  uncertain: 0,
  broken: 0,
  calls: 245,
  complete: true,
};
const aRun = (changes: Partial<RunRecord> = {}): RunRecord => ({
  run: 7,
  request_id: "request-0001",
  started_at: NOW - 3 * MINUTE,
  ended_at: NOW - 2 * MINUTE,
  runs: [SUMMARY],
  error: null,
  ...changes,
});

const key = { secretKey: "made-up", securityToken: null, expiresAt: null };
const endpoint = {
  origin: "https://w.example",
  protocol: "https:",
  host: "w.example",
  hostname: "w.example",
  port: 443,
};
const profile = (name: string) =>
  ({ ...key, name, endpoint, projectId: name, accessKey: "MADEUP" }) as Parameters<typeof refOf>[0];

interface SetUp {
  env?: Record<string, string>;
  run?: RunRecord | null;
  channels?: unknown;
  saysHello?: boolean;
  body?: string;
  profiles?: string[];
  failing?: string;
  isDenied?: boolean;
}

async function examine({
  env = {},
  run = aRun(),
  channels = CHANNELS,
  saysHello = false,
  body = "ok",
  ...more
}: SetUp = {}) {
  const { table } = createMemoryTable(() => NOW);
  const requests: UpstreamRequest[] = [];
  if (run) await keepRun(table, run);
  if (more.failing !== undefined) {
    const item = await readChannel(table, `c:${more.failing}`);
    await changeChannel(table, item, { ...item.data, failures: 3, failing_since: NOW - 90 * MINUTE });
  }
  const denied = () => {
    throw Object.assign(new Error("no"), { name: "AccessDeniedException" });
  };
  const findings = await checkWatch(
    { ...ENV, ...env },
    { profile: null, desktopId: null, saysHello },
    (more.profiles ?? ["prod"]).map(profile),
    {
      fetchSecret: async () => JSON.stringify({ watch: { channels } }),
      table: more.isDenied ? { ...table, query: denied } : table,
      send: async (request) => {
        requests.push(request);
        return { status: 200, headers: {}, body: Buffer.from(body) };
      },
      now: () => 0,
      wallNow: () => NOW,
    },
  );
  const said = Object.fromEntries(
    findings.map(({ check, status, detail }) => [check, `${status}: ${detail}`]),
  );
  return { said, requests, text: JSON.stringify(findings) };
}

describe("the doctor, of a watch that runs", () => {
  it("says when it ran, what its channels do, and how large a fleet its share is enough for", async () => {
    const { said, requests } = await examine();
    expect(said).toEqual({
      watch: "ok: run 7, 3 min ago: 1 profile(s), 2000 desktop(s), lists complete",
      channels: "ok: 2 in the secret, none failing",
      share: "ok: 50 calls a minute: answers can be complete for 45651 desktops with one key; there are 2000",
    });
    expect(requests).toEqual([]);
  });

  it("sends a test message where people read, when it is asked to", async () => {
    const { said, requests } = await examine({ saysHello: true });
    expect(said["channels"]).toMatch(/^ok: .*1 took a test message/);
    expect(requests.map(({ endpoint: { host } }) => host)).toEqual(["hooks.slack.com"]);
    expect(String(requests[0]?.body)).toContain("This is a test message.");
  });

  it("says which channel did not take it, and shows no address", async () => {
    const { said, text } = await examine({ saysHello: true, body: "invalid_token" });
    expect(said["channels"]).toMatch(
      /^failed: helpdesk did not take the test message: \w+, hooks\.slack\.com: /,
    );
    expect(text).not.toContain("made-up-key");
  });
});

describe("the doctor finds of a watch", () => {
  it.each<[string, SetUp, string, RegExp]>([
    ["a faulty configuration", { env: { WATCH_MINUTES: "7" } }, "watch", /^failed: WATCH_MINUTES must be/],
    [
      "a ledger that cannot be read",
      { isDenied: true },
      "watch",
      /^failed: The ledger cannot be read \(AccessDeniedException\)/,
    ],
    ["no run at all", { run: null }, "watch", /^warning: It has not run yet/],
    [
      "no run for three intervals",
      { run: aRun({ started_at: NOW - 15 * MINUTE }) },
      "watch",
      /^failed: The last run began 15 min ago/,
    ],
    [
      "a run that ended in an error",
      { run: aRun({ error: "SECRET_INVALID" }) },
      "watch",
      /^failed: .*ended with SECRET_INVALID/,
    ],
    [
      "a run that died",
      { run: aRun({ started_at: NOW - 6 * MINUTE, ended_at: null }) },
      "watch",
      /^warning: .*did not come to its end/,
    ],
    [
      "a list that was not read",
      { run: aRun({ runs: [{ ...SUMMARY, complete: false }] }) },
      "watch",
      /^failed: .*not read to its end.*: prod/,
    ],
    [
      "a secret that is not valid",
      { channels: [{ name: "x", to: "pager" }] },
      "channels",
      /^failed: .*watch\.channels\.0\.to must be one of/,
    ],
    [
      "a channel that fails",
      { failing: "helpdesk" },
      "channels",
      /^failed: helpdesk has failed since 2026-11-25T06:30:00\.000Z, 0 message/,
    ],
    [
      "a share that leaves nothing for people",
      { env: { WATCH_CALLS_PER_MINUTE: "190" } },
      "share",
      /^warning: .*have 10\.$/,
    ],
    [
      "more desktops than the share is enough for, counted by key",
      {
        profiles: ["prod", "lab"],
        run: aRun({
          runs: [
            { ...SUMMARY, desktops: 30_000 },
            { ...SUMMARY, profile: "lab", desktops: 30_000 },
          ],
        }),
      },
      "share",
      /^warning: .*and there are 60000\.$/,
    ],
  ])("%s", async (_, setUp, check, expected) => {
    expect((await examine(setUp)).said[check]).toMatch(expected);
  });

  it("that a run is under way", async () => {
    expect((await examine({ run: aRun({ ended_at: null }) })).said["watch"]).toBe("ok: a run is under way");
  });
});
