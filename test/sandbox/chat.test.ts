import { execFile } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CHAT_PLATFORMS } from "../../sandbox/chat/requests.ts";
import { serve } from "../../sandbox/serve.ts";
import { type Started, start } from "../support/start.ts";

// Every test starts a process, some of them wait for a slow desktop.
vi.setConfig({ testTimeout: 30_000 });

let started: Started;

beforeAll(async () => {
  started = await start();
});

afterAll(() => started.stop("SIGTERM"));

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** `npm run chat -- …`, with the seconds taken out. */
function chat(args: readonly string[], port = new URL(started.api).port): Promise<Ended> {
  const env = { PATH: process.env["PATH"], TZ: "UTC", PORT: port };
  return new Promise((resolve) => {
    execFile(process.execPath, ["tools/chat.ts", ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout: stdout.replaceAll(/\d+\.\d s:/g, "… s:"), stderr });
    });
  });
}

const ALICE = ["alice (administrators)", "2026-02-10 08:15:30 UTC"];
const DESIGN = ["Design team", "2025-12-19 11:05:12 UTC"];
const BOB = ["bob (users)", "2025-11-03 16:40:00 UTC"];

describe("npm run chat", () => {
  it("is what npm start tells of, with the port to use", () => {
    const { port } = new URL(started.api);
    expect(started.stdout()).toContain(`\n  PORT=${port} npm run chat -- slack "/unbound WIN-ALICE"\n`);
  });

  it.each([
    ["slack", "Slack to you alone, in the response"],
    ["teams", "Teams to everybody there, in the response"],
    ["feishu", "Feishu to everybody there, in a message"],
    ["dingtalk", "DingTalk to everybody there, in the response"],
    ["wecom", "WeCom to you alone, in the response"],
    ["webhook", "The webhook to the program, in the response"],
  ])("shows what a person on %s would see", async (platform, heading) => {
    const { code, stdout } = await chat([platform, "/unbound WIN-ALICE"]);
    expect(stdout.split("\n")[0]).toBe(`${heading} after … s:`);
    expect(stdout).toContain("4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55");
    const rows = stdout.split("\n").filter((line) => line.startsWith("  • "));
    expect(rows).toEqual([ALICE, DESIGN, BOB].map((parts) => expect.stringContaining(parts[0] as string)));
    expect(rows).toEqual([ALICE, DESIGN, BOB].map((parts) => expect.stringContaining(parts[1] as string)));
    expect(code).toBe(0);
  });

  it.each([
    ["slack", "Slack to you alone"],
    ["feishu", null],
    ["dingtalk", "DingTalk to everybody there"],
  ])("shows on %s the answer that came too late for the response", async (platform, announced) => {
    const { code, stdout } = await chat([platform, "/unbound WIN-LATE fresh=true"]);
    const [response, message] = stdout.split(/^(?=.* in a message after … s:$)/m);
    if (announced !== null) {
      expect(response).toBe(
        `${announced}, in the response after … s:\n\n  Still looking; the answer follows here.\n\n`,
      );
    }
    expect(announced === null ? response : message).toMatch(
      /^\w+ to (?:you alone|everybody there), in a message after … s:\n\n {2}Who was unbound\n\n {2}WIN-LATE .*\n {2}1 unbinding\n {2}• carla \(sudo\).* 2026-06-06 06:06:06 UTC\n/,
    );
    expect(code).toBe(0);
    // It was the worker that answered; its line may be here later than its message.
    await vi.waitFor(() => {
      const functions = started.stdout().matchAll(/"message":"request".*?"function":"([^"]+)"/g);
      expect(Array.from(functions, ([, name]) => name).slice(-2)).toEqual(["chat", "chat-worker"]);
    });
  });

  it.each(CHAT_PLATFORMS)(
    "shows on %s names as their users wrote them, and nothing that acts",
    async (platform) => {
      const { code, stdout } = await chat([platform, "/unbound WIN-NAMES"]);
      const names = stdout.split("\n").flatMap((line) => /^ {2}• (.*) \(users\) /.exec(line)?.[1] ?? []);
      // WeCom has no escape for its one tag, nor for a bare URL.
      const inWecom = (name: string) =>
        name.replaceAll("<", "＜").replaceAll(">", "＞").replaceAll("://", "[:]//");
      const shown = platform === "wecom" ? inWecom : String;
      expect(names).toEqual(
        [
          '=HYPERLINK("https://evil.example","free")',
          "+1+1",
          "-2+3",
          "@SUM(A1:A9)",
          "<script>alert(1)</script>",
          "<!channel> *bold* [link](https://evil.example)",
          'says "hello", twice',
          "line break",
          "ecila",
          "O'Brien \u5F20\u4F1F \u{1F980}",
        ].map(shown),
      );
      expect(code).toBe(0);
    },
  );

  it("says who sees a public answer", async () => {
    const { stdout } = await chat(["slack", "/unbound", "WIN-ALICE", "WIN-NEVER", "public"]);
    expect(stdout).toMatch(/^Slack to everybody there, in the response/);
    expect(stdout).toContain("\n  2 of 2 found\n");
  });

  it("shows a program the result of each desktop", async () => {
    const { stdout } = await chat(["webhook", "WIN-NEVER no-such-desktop"]);
    expect(stdout).toContain("  WIN-NEVER 0f6d2a91-7c44-4b0a-b5f3-1e8c9d7a2b10\n  0 of 0, profile prod\n\n");
    expect(stdout).toContain("  no-such-desktop\n  DESKTOP_NOT_FOUND: ");
  });

  it("alone prints how it is used, with every platform", async () => {
    const { code, stdout } = await chat([]);
    expect(stdout).toContain('npm run chat -- <platform> "<text>"');
    expect(stdout).toContain(`Platforms: ${CHAT_PLATFORMS.join(", ")}.`);
    expect(code).toBe(0);
    expect(await chat(["slack"])).toEqual({ code: 1, stdout, stderr: "" });
  });
});

describe("npm run chat that cannot work", () => {
  async function expectOneLine(ended: Promise<Ended>, line: string): Promise<void> {
    expect(await ended).toEqual({ code: 1, stdout: "", stderr: `npm run chat: ${line}\n` });
  }

  it("says that it does not know the platform", async () => {
    await expectOneLine(
      chat(["skype", "WIN-ALICE"]),
      "There is no platform skype. Platforms: slack, teams, feishu, dingtalk, wecom, webhook.",
    );
  });

  it("says that nothing runs there", async () => {
    const { url, close } = await serve(() => undefined);
    await close();
    const { port } = new URL(url);
    await expectOneLine(
      chat(["slack", "WIN-ALICE"], port),
      `Nothing answers at http://localhost:${port}. Start it in another terminal: npm start`,
    );
  });

  it("says that what runs there is not the sandbox", async () => {
    const { url, close } = await serve((_, response) => response.end("<h1>Hello</h1>"));
    const { port } = new URL(url);
    await expectOneLine(
      chat(["slack", "WIN-ALICE"], port),
      `What runs at http://localhost:${port} has not the sandbox's chat keys: start it with npm start alone.`,
    );
    await close();
  });

  it("says which error a program would get", async () => {
    await expectOneLine(
      chat(["webhook", "no-such-desktop"]),
      "The webhook would get 404 DESKTOP_NOT_FOUND: No desktop bears this name.",
    );
    await expectOneLine(
      chat(["webhook", "WIN-ALICE sinc=30d"]),
      "The webhook would get 400 INVALID_REQUEST: args “sinc=30d” is not an option. Did you mean “since=”?",
    );
  });
});
