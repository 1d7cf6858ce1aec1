import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { serveLateChannels } from "../../sandbox/chat/late-channels.ts";
import { type ChatRequest, chatSecretOf, signedRequest } from "../../sandbox/chat/requests.ts";
import { createFleet, workspaceSecretOf } from "../../sandbox/fleet.ts";
import { serveSecretsManager } from "../../sandbox/secrets-manager.ts";
import { type Serving, serve } from "../../sandbox/serve.ts";
import { serveWorkspace } from "../../sandbox/workspace.ts";
import { type Started, start, startInVain } from "../support/start.ts";

const ALICE = "/v1/desktops/4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55/unbindings";

// Every test starts a process, some of them several.
vi.setConfig({ testTimeout: 30_000 });

let folder: string;
let started: Started | undefined;
const servings: Serving[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "start-test-"));
});

afterAll(() => rm(folder, { recursive: true }));

afterEach(async () => {
  await started?.stop("SIGTERM");
  started = undefined;
  await Promise.all(servings.splice(0).map((serving) => serving.close()));
});

async function opened<T extends Serving>(opening: Promise<T>): Promise<T> {
  const serving = await opening;
  servings.push(serving);
  return serving;
}

async function get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${started?.api}${path}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** A file with a secret that opens the fleet of a Workspace stand-in: as real as a cloud gets without one. */
async function secretFile(): Promise<string> {
  const fleet = createFleet(Date.now());
  const { url } = await opened(serveWorkspace({ fleet }));
  const path = join(folder, "secret.json");
  await writeFile(path, workspaceSecretOf(fleet, url));
  return path;
}

describe("npm start", () => {
  it("ends for good when npm itself is told to", async () => {
    const npm = spawn("npm", ["start"], {
      env: { ...process.env, PORT: "0" },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let stdout = "";
    // Read to the end: what writes into a closed pipe would end of that.
    npm.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
    });
    const hasEnded = once(npm.stdout, "close");
    await vi.waitFor(() => expect(stdout).toContain("Below: the log"), { timeout: 20_000 });
    npm.kill("SIGTERM");
    await hasEnded;
    await expect(fetch(`${/http:\/\/localhost:\d+/.exec(stdout)?.[0]}/health`)).rejects.toThrow();
  });

  it("answers with the real handler, before the sandbox, with no account anywhere", async () => {
    started = await start();
    expect(started.stdout()).toContain("everything on this machine, all of it made up");
    expect(await get("/ready")).toMatchObject({ status: 200, body: { status: "ready" } });
    expect(await get(ALICE)).toMatchObject({
      status: 200,
      body: { desktop_name: "WIN-ALICE", profile: "prod", count: 3, last_user_name: "alice" },
    });
  });

  it("writes the log below what it says of itself", async () => {
    started = await start();
    await get(ALICE);
    // The answer may be here before the line is.
    await vi.waitFor(() => {
      const [, log = ""] = started?.stdout().split("one line per request.\n\n") ?? [];
      const lines = log.trim().split("\n");
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({ message: "audit", caller: "unnamed", desktop_id: ALICE.split("/")[3] }),
        expect.objectContaining({ message: "request", status: 200, desktop_id: ALICE.split("/")[3] }),
      ]);
    });
  });

  it("prints lines to paste that get what they promise", async () => {
    started = await start();
    const printed = started.stdout().matchAll(/^ {2}# (.+)\n {2}curl -s (.*)"http:\/\/localhost:\d+(.+)"$/gm);
    const answers: string[] = [];
    for (const [, comment, options, path] of printed) {
      const headers = options?.includes("text/csv") ? { accept: "text/csv" } : undefined;
      const response = await fetch(`${started.api}${path}`, headers && { headers });
      const text = await response.text();
      const code = text.startsWith("{") ? JSON.parse(text)["code"] : undefined;
      answers.push(`${response.status} ${code ?? "OK"} ${comment}`);
    }
    expect(answers).toEqual([
      "200 OK WIN-ALICE: three unbindings, users and a group",
      "200 OK WIN-TODAY: unbound a moment ago: try since=1h",
      "200 OK WIN-NEVER: nobody was ever unbound from it",
      "200 OK LINUX-BUILD: bears the same name as the next",
      "200 OK linux-build: bears the same name as the last",
      "200 OK WIN-TIMES: a time in every form that the service writes",
      "200 OK WIN-POOL: 250 unbindings",
      "200 OK WIN-NAMES: names that spreadsheets, browsers and chats would act on",
      "200 OK WIN-SLOW: answers after a second",
      "200 OK WIN-LATE: answers after two seconds, for which some chats do not wait",
      "503 UPSTREAM_UNAVAILABLE WIN-DOWN: the service is down",
      "502 UPSTREAM_INVALID_RESPONSE WIN-GARBLED: the service answers with a web page",
      "502 PERMISSION_DENIED WIN-DENIED: our user lacks the permission",
      "200 OK LAB-ALICE: one unbinding, in the other project",
      "429 UPSTREAM_THROTTLED LAB-THROTTLED: too many calls; the whole project is left alone for 30 seconds",
      "200 OK by name, in any case",
      "409 AMBIGUOUS_NAME a name that two desktops bear",
      "404 DESKTOP_NOT_FOUND a desktop that is not there",
      "200 OK filters",
      "400 INVALID_REQUEST mistakes, all named at once",
      "200 OK as CSV",
      "200 OK only if it changed: the second line answers 304",
      "200 OK is it set up well?",
    ]);
  });

  it("with --sign-in asks for tokens of a provider of its own, which the console knows", async () => {
    started = await start({}, ["--sign-in"]);
    const [, issuer] =
      /(http:\/\/127\.0\.0\.1:\d+) +sandbox: an OpenID provider/.exec(started.stdout()) ?? [];
    const page = await (await fetch(`${started.api}/`)).text();
    expect(page).toContain(`<meta name="sign-in-issuer" content="${issuer}">`);
    expect(await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()).toMatchObject({
      issuer,
    });
    expect((await fetch(`${started.api}${ALICE}`)).status).toBe(401);
    expect((await fetch(`${started.api}/docs`)).status).toBe(200);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("closes on %s", async (signal) => {
    const running = await start();
    await fetch(`${running.api}/health`);
    expect(await running.stop(signal)).toEqual({ code: 0, signal: null });
    await expect(fetch(`${running.api}/health`)).rejects.toThrow();
  });

  it("takes the real cloud's secret from a file, and says so", async () => {
    const path = await secretFile();
    started = await start({ WORKSPACE_SECRET_FILE: path, AWS_PROFILE: "not-there" });
    expect(started.stdout()).toContain(`THE REAL HUAWEI CLOUD, with the secret from the file ${path}`);
    expect(await get(ALICE)).toMatchObject({ status: 200, body: { count: 3 } });
  });

  it("takes the real cloud's secret from AWS, and says so", async () => {
    const fleet = createFleet(Date.now());
    const workspace = await opened(serveWorkspace({ fleet }));
    const secret = workspaceSecretOf(fleet, workspace.url);
    const aws = await opened(serveSecretsManager((id) => (id === "team/workspace" ? secret : null)));
    started = await start({
      WORKSPACE_SECRET_ID: "team/workspace",
      AWS_REGION: "eu-central-1",
      AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
      AWS_ACCESS_KEY_ID: "made-up",
      AWS_SECRET_ACCESS_KEY: "made-up",
    });
    expect(started.stdout()).toContain(
      "THE REAL HUAWEI CLOUD, with the secret from team/workspace in AWS Secrets Manager, eu-central-1",
    );
    expect(await get(ALICE)).toMatchObject({ status: 200, body: { count: 3 } });
  });
});

describe("npm start with the real cloud", () => {
  const asked = (replyUrl?: string) =>
    signedRequest("slack", { text: "/unbound WIN-LATE", replyUrl }, Date.now());

  async function ask({ path, ...request }: ChatRequest): Promise<Response> {
    return await fetch(`${started?.api}${path}`, request);
  }

  it("serves no chat unless its keys are given, and says how", async () => {
    started = await start({ WORKSPACE_SECRET_FILE: await secretFile() });
    expect(started.stdout()).toContain("Chat is not served: set CHAT_SECRET_ID or CHAT_SECRET_FILE");
    expect((await ask(asked())).status).toBe(404);
    expect(started.stdout()).not.toContain("npm run chat");
  });

  it("serves chat with the keys in a file, and runs its worker here", async () => {
    const lateChannels = await opened(serveLateChannels());
    const path = join(folder, "chat.json");
    await writeFile(path, JSON.stringify(chatSecretOf()));
    started = await start({
      WORKSPACE_SECRET_FILE: await secretFile(),
      CHAT_SECRET_FILE: path,
      CHAT_REPLY_HOSTS: new URL(lateChannels.url).host,
    });
    expect(started.stdout()).toContain(`chat, with the keys of ${path}`);
    const response = await ask(asked(`${lateChannels.url}/slack/1`));
    expect(await response.json()).toMatchObject({ text: "Still looking; the answer follows here." });
    const kept = async () => (await (await fetch(`${lateChannels.url}/kept/1`)).json()) as string[];
    await vi.waitFor(async () => expect(await kept()).toHaveLength(1), { timeout: 10_000 });
    expect((await kept())[0]).toContain("carla");
    // Nobody is to sign with the sandbox's keys here.
    expect((await fetch(`${started.api}/sandbox/chat`)).status).toBe(404);
  });

  it("serves chat with the keys in AWS", async () => {
    const fleet = createFleet(Date.now());
    const workspace = await opened(serveWorkspace({ fleet }));
    const secrets = new Map([
      ["team/workspace", workspaceSecretOf(fleet, workspace.url)],
      ["team/chat", JSON.stringify(chatSecretOf())],
    ]);
    const aws = await opened(serveSecretsManager((id) => secrets.get(id) ?? null));
    started = await start({
      WORKSPACE_SECRET_ID: "team/workspace",
      CHAT_SECRET_ID: "team/chat",
      AWS_REGION: "eu-central-1",
      AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
      AWS_ACCESS_KEY_ID: "made-up",
      AWS_SECRET_ACCESS_KEY: "made-up",
    });
    expect(started.stdout()).toContain("chat, with the keys of team/chat");
    const response = await ask(signedRequest("slack", { text: "/unbound WIN-ALICE" }, Date.now()));
    expect(await response.text()).toContain("alice");
  });
});

describe("npm start with a set-up that cannot work", () => {
  async function expectOneLine(env: Record<string, string>, line: string): Promise<void> {
    expect(await startInVain(env)).toEqual({ code: 1, stdout: "", stderr: `npm start: ${line}\n` });
  }

  it("says that the port is taken", async () => {
    const { url } = await opened(serve((_, response) => response.end()));
    const { port } = new URL(url);
    await expectOneLine({ PORT: port }, `Port ${port} is taken. Choose another one: PORT=3001 npm start`);
  });

  it.each(["65536", "-1", "http", "3000.5"])("says that PORT=%s is none", async (port) => {
    await expectOneLine(
      { PORT: port },
      "PORT must be a whole number from 0 to 65535 (0 takes any free one).",
    );
  });

  it("names every variable that is faulty", async () => {
    await expectOneLine(
      { LOG_LEVEL: "loud", RESULT_TTL_SECONDS: "-1" },
      "RESULT_TTL_SECONDS must be a whole number from 0 to 3600; LOG_LEVEL must be one of debug, info, warn, error.",
    );
  });

  it("says that a secret in AWS needs a region", async () => {
    await expectOneLine(
      { WORKSPACE_SECRET_ID: "team/workspace" },
      "WORKSPACE_SECRET_ID needs an AWS region: set AWS_REGION, or AWS_PROFILE to a profile that has one.",
    );
  });

  it("says that two secrets are one too many", async () => {
    await expectOneLine(
      { WORKSPACE_SECRET_ID: "team/workspace", WORKSPACE_SECRET_FILE: "secret.json" },
      "Set WORKSPACE_SECRET_ID or WORKSPACE_SECRET_FILE, not both.",
    );
  });

  it("says that the secret's file is not there", async () => {
    const path = join(folder, "none.json");
    await expectOneLine(
      { WORKSPACE_SECRET_FILE: path },
      `WORKSPACE_SECRET_FILE cannot be read (ENOENT): ${path}`,
    );
  });

  it("names the faults of the secret in the file, and never its values", async () => {
    const path = join(folder, "faulty.json");
    await writeFile(
      path,
      JSON.stringify({ access_key: "KEY", secret_key: "SECRET", project_id: "not one!" }),
    );
    await expectOneLine(
      { WORKSPACE_SECRET_FILE: path },
      `WORKSPACE_SECRET_FILE (${path}): The secret is not valid: region is missing (or endpoint); project_id must be a project ID (32 hex digits).`,
    );
  });

  it("says which chat secret goes with which Workspace secret", async () => {
    await expectOneLine(
      { CHAT_SECRET_ID: "team/chat" },
      "CHAT_SECRET_ID goes with WORKSPACE_SECRET_ID; without it, set CHAT_SECRET_FILE.",
    );
    await expectOneLine(
      { WORKSPACE_SECRET_ID: "team/workspace", AWS_REGION: "eu-central-1", CHAT_SECRET_FILE: "chat.json" },
      "CHAT_SECRET_FILE does not go with WORKSPACE_SECRET_ID; set CHAT_SECRET_ID.",
    );
    await expectOneLine(
      { CHAT_SECRET_ID: "team/chat", CHAT_SECRET_FILE: "chat.json" },
      "Set CHAT_SECRET_ID or CHAT_SECRET_FILE, not both.",
    );
  });

  it("names the faults of the chat secret in the file, and never its values", async () => {
    const path = join(folder, "faulty-chat.json");
    await expectOneLine({ CHAT_SECRET_FILE: path }, `CHAT_SECRET_FILE cannot be read (ENOENT): ${path}`);
    await writeFile(path, JSON.stringify({ slack: { signing_secrets: "SECRET", allow: "all" } }));
    await expectOneLine(
      { CHAT_SECRET_FILE: path },
      `CHAT_SECRET_FILE (${path}): The chat secret is not valid: slack.signing_secrets must be a list of texts.`,
    );
    await expectOneLine(
      { CHAT_TIME_ZONE: "Mars/Olympus" },
      "CHAT_TIME_ZONE must be an IANA time zone such as Asia/Shanghai.",
    );
  });

  it("says what only makes sense with real credentials, or on Lambda", async () => {
    await expectOneLine(
      { WORKSPACE_ENDPOINT: "https://workspace.example.com" },
      "WORKSPACE_ENDPOINT is for real credentials: set WORKSPACE_SECRET_ID or WORKSPACE_SECRET_FILE too.",
    );
    await expectOneLine(
      { SECRETS_SOURCE: "extension" },
      "SECRETS_SOURCE=extension works on Lambda only; leave it unset here.",
    );
  });
});
