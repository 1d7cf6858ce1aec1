import { readFile } from "node:fs/promises";
import { devNull } from "node:os";
import type { Environment } from "../src/config/environment.ts";
import { serveLateChannels } from "./chat/late-channels.ts";
import { chatSecretOf } from "./chat/requests.ts";
import { LOCAL_CHAT_SECRET_ID } from "./chat/setup.ts";
import { type Project, workspaceSecretOf } from "./fleet.ts";
import { type LambdaFunction, serveLambda } from "./lambda.ts";
import { type ReadSecret, serveSecretsManager } from "./secrets-manager.ts";
import type { Serving } from "./serve.ts";
import { LOCAL_SECRET_ID, type Setup } from "./setup.ts";
import { watchSecretOf } from "./watch/receivers.ts";
import { LOCAL_WATCH_SECRET_ID } from "./watch/watching.ts";
import { serveWorkspace } from "./workspace.ts";

/** The addresses of what runs on this machine in place of a cloud; what the real cloud does is not among them. */
export interface StandIns {
  workspace?: string;
  secretsManager?: string;
  lambda?: string;
  lateChannels?: string;
}

/** What the worker has per invocation. */
const WORKER_TIMEOUT_MS = 30_000;
const WORKER = "chat-worker";

/** @param opened Takes what was opened, so that it can be closed however far this came. */
export async function openStandIns(
  { source, chat }: Setup,
  fleet: readonly Project[],
  loadWorker: LambdaFunction["load"],
  opened: (serving: Serving) => Serving,
  watch: { receivers: string } | null = null,
): Promise<StandIns> {
  const urls: StandIns = {};
  const secrets = new Map<string, () => ReturnType<ReadSecret>>();
  // A file is read anew every time: whoever edits it sees the change once the cached secret is too old.
  if (source.kind === "secret-file") secrets.set(LOCAL_SECRET_ID, () => readFile(source.path, "utf8"));
  if (source.kind === "sandbox") {
    const { url } = opened(await serveWorkspace({ fleet }));
    secrets.set(LOCAL_SECRET_ID, () => workspaceSecretOf(fleet, url));
    urls.workspace = url;
  }
  if (chat?.kind === "secret-file") secrets.set(LOCAL_CHAT_SECRET_ID, () => readFile(chat.path, "utf8"));
  if (chat?.kind === "sandbox") {
    const { url } = opened(await serveLateChannels());
    secrets.set(LOCAL_CHAT_SECRET_ID, () => JSON.stringify(chatSecretOf({ feishuApi: url })));
    urls.lateChannels = url;
  }
  if (watch) secrets.set(LOCAL_WATCH_SECRET_ID, () => watchSecretOf(watch.receivers));
  if (secrets.size > 0) {
    urls.secretsManager = opened(await serveSecretsManager((id) => secrets.get(id)?.() ?? null)).url;
  }
  if (chat) {
    const worker = { name: WORKER, load: loadWorker, timeoutMs: WORKER_TIMEOUT_MS };
    urls.lambda = opened(await serveLambda([worker])).url;
  }
  return urls;
}

/**
 * What the environment must say for the functions, and for the AWS SDK in them, to find the stand-ins; `undefined` takes a
 * variable away.
 */
export function environmentFor(
  { chat }: Setup,
  { secretsManager, lambda, lateChannels }: StandIns,
  env: Environment,
): Environment {
  return {
    ...(secretsManager !== undefined && noAwsBut(secretsManager)),
    ...(lambda !== undefined && { CHAT_WORKER_FUNCTION: WORKER, AWS_ENDPOINT_URL_LAMBDA: lambda }),
    ...(chat && { CHAT_SECRET_ID: chat.kind === "secret-id" ? chat.secretId : LOCAL_CHAT_SECRET_ID }),
    ...(lateChannels !== undefined && {
      CHAT_REPLY_HOSTS: [env["CHAT_REPLY_HOSTS"], new URL(lateChannels).host].filter(Boolean).join(","),
    }),
  };
}

/** The SDK asks our own Secrets Manager, and nothing that is set for the real one matters. */
function noAwsBut(secretsManager: string): Environment {
  return {
    AWS_PROFILE: undefined,
    AWS_SESSION_TOKEN: undefined,
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: undefined,
    // It would be in a cloud that is not there.
    CHAT_DEDUPE_TABLE: undefined,
    WORKSPACE_SECRET_ID: LOCAL_SECRET_ID,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "MADEUPBYTHESANDBOX00",
    AWS_SECRET_ACCESS_KEY: "made-up-by-the-sandbox",
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
}
