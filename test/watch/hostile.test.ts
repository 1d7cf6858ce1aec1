import { describe, expect, it } from "vitest";
import { createLog } from "../../src/observe/log.ts";
import { openChannel } from "../../src/watch/open-channels.ts";
import { watch } from "../../src/watch/watch.ts";
import type { StoredChannel } from "../../src/watch/watch-secret.ts";
import { createFleet } from "./support/fleet.ts";
import { createWorld } from "./support/world.ts";

/** What must be in no line of the log: names, addresses, keys, and what a name or a platform wrote to look like a line of ours. */
const NAME = 'Mallory"}\n{"level":"ERROR","message":"forged"}\u202e<at user_id="all">';
const KEY = "made-up-key-of-a-channel";
const SIGNING = "whsec_bWFkZS11cC1zaWduaW5n";
const ANSWERS: (() => { status: number; body: string })[] = [
  () => ({ status: 200, body: `{"errcode":310000,"errmsg":"${KEY} ${"Mallory"}"}` }),
  () => ({ status: 400, body: "invalid_blocks Mallory" }),
  () => ({ status: 500, body: "<html>Mallory" }),
  () => ({ status: 200, body: "" }),
  () => {
    throw new Error(`socket hang up at https://hooks.slack.com/services/${KEY}`);
  },
];

const aChannel = (to: StoredChannel["to"], url: string): StoredChannel => ({
  name: to,
  to,
  url,
  secret: to === "webhook" ? SIGNING : null,
  chatId: null,
  profiles: null,
  hidesUsers: false,
  language: "en",
  timeZone: "UTC",
});
const STORED = [
  aChannel("slack", `https://hooks.slack.com/services/${KEY}`),
  aChannel("teams", `https://x.environment.api.powerplatform.com/${KEY}`),
  aChannel("feishu", `https://open.feishu.cn/open-apis/bot/v2/hook/${KEY}`),
  aChannel("dingtalk", `https://oapi.dingtalk.com/robot/send?access_token=${KEY}`),
  aChannel("wecom", `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${KEY}`),
  aChannel("webhook", `https://siem.example.com/${KEY}`),
];

describe("no line of the watch", () => {
  it.each(ANSWERS.map((answer, index) => [index, answer] as const))(
    "holds a name, an address or a key, or is forged by one, when platforms answer in way %d",
    async (_, answer) => {
      const lines: string[] = [];
      const fleet = createFleet(2);
      fleet.bind(0, NAME);
      let now = Date.parse("2026-11-24T08:02:00Z");
      const channels = STORED.map((stored) =>
        openChannel(stored, null, {
          send: async () => {
            const { status, body } = answer();
            return { status, headers: {}, body: Buffer.from(body) };
          },
          now: () => now,
          wallNow: () => now,
          hosts: ["siem.example.com"],
        }),
      );
      const world = createWorld({ fleet });
      const log = createLog({ level: "debug", write: (line) => lines.push(line), wallNow: () => now });
      const run = async () => {
        const call = world.partsFor();
        const parts = {
          ...call.parts,
          log,
          openChannels: async () => channels,
        };
        await watch(parts, call.context, 270_000).catch(() => undefined);
        now += 300_000;
        world.pass(5);
        fleet.nextRun();
      };
      await run();
      for (const user of [...(fleet.desktops.get("d0")?.users ?? [])]) {
        fleet.desktops.get("d0")?.users.delete(user);
        fleet.desktops.get("d0")?.rows.push({ user, detachTime: NAME, visibleFrom: 0 });
      }
      await run();
      await run();
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        expect(line).not.toContain("\n");
        expect(JSON.parse(line).message).not.toBe("forged");
        expect(line).not.toMatch(/Mallory|d0-a|made-up|whsec|services\/|access_token|key=/);
      }
    },
  );
});
