import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFleet, unbindFrom, workspaceSecretOf } from "../../sandbox/fleet.ts";
import { serveSecretsManager } from "../../sandbox/secrets-manager.ts";
import type { Serving } from "../../sandbox/serve.ts";
import { LOCAL_LEDGER, serveLedger } from "../../sandbox/watch/ledger-table.ts";
import { type Received, serveReceivers, watchSecretOf } from "../../sandbox/watch/receivers.ts";
import { serveWorkspace } from "../../sandbox/workspace.ts";
import { bundle } from "../../tools/bundle.ts";

/** The function as it is deployed, in a process of its own, before the sandbox's stand-ins. */

const run = promisify(execFile);
const servings: Serving[] = [];
const told: Received[] = [];
const fleet = createFleet(Date.now());
let folder: string;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "watch-"));
  await bundle("handlers/watch.ts", folder);
  const workspace = await serveWorkspace({ fleet });
  const receivers = await serveReceivers((received) => told.push(received));
  const ledger = await serveLedger(null);
  const secrets = await serveSecretsManager((id) =>
    id === "watch" ? watchSecretOf(receivers.url) : workspaceSecretOf(fleet, workspace.url),
  );
  servings.push(workspace, receivers, ledger, secrets);
  environment = {
    WORKSPACE_SECRET_ID: "workspace",
    WATCH_SECRET_ID: "watch",
    LEDGER_TABLE: LOCAL_LEDGER,
    WATCH_EVENT_BUS: "bus",
    CHAT_REPLY_HOSTS: new URL(receivers.url).host,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "MADEUP",
    AWS_SECRET_ACCESS_KEY: "made-up",
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    AWS_ENDPOINT_URL_DYNAMODB: ledger.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: receivers.url,
  };
});
afterAll(async () => {
  await Promise.all(servings.map((serving) => serving.close()));
  await rm(folder, { recursive: true });
});

/** One invocation in a fresh container. */
async function invoke(): Promise<{ runs: object[] }> {
  const script = `import { handler } from ${JSON.stringify(join(folder, "index.mjs"))};
    const answer = await handler({}, { awsRequestId: "request-0001", getRemainingTimeInMillis: () => 60000 });
    process.stdout.write("\\nANSWER" + JSON.stringify(answer));
    process.exit();`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], {
    env: environment,
  });
  return JSON.parse(stdout.split("\nANSWER")[1] ?? "");
}

describe("the built function", () => {
  it("tells all seven receivers, which check its signatures and sizes", { timeout: 120_000 }, async () => {
    expect((await invoke()).runs).toMatchObject([
      { profile: "prod", desktops: 13, events: 0, complete: true },
    ]);
    told.length = 0;
    expect(unbindFrom(fleet, "win-alice", "alice", Date.now())).toBe(true);
    expect((await invoke()).runs).toMatchObject([{ lost: 1, complete: true, broken: 0, uncertain: 0 }]);
    expect([...new Set(told.map(({ channel }) => channel))].sort()).toEqual([
      "dingtalk",
      "eventbridge",
      "feishu",
      "slack",
      "teams",
      "webhook",
      "wecom",
    ]);
    expect(told.filter(({ summary }) => summary.startsWith("refused"))).toEqual([]);
  });
});
