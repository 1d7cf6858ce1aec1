import { readFileSync } from "node:fs";
import { type Config, readConfig } from "../src/config/config.ts";
import type { Environment } from "../src/config/environment.ts";
import { LookupError } from "../src/contract/errors.ts";
import { parseWorkspaceSecret } from "../src/secrets/workspace-secret.ts";
import { BadSetup } from "./bad-setup.ts";
import { type ChatSource, readChatSource } from "./chat/setup.ts";
import type { Source } from "./source.ts";

export interface Setup {
  port: number;
  source: Source;
  /** Where the keys of chat come from; `null` when chat is not served. */
  chat: ChatSource | null;
}

const DEFAULT_PORT = 3000;

/** The name under which the local Secrets Manager knows the Workspace secret. */
export const LOCAL_SECRET_ID = "workspace-unbindings/local";

/** @throws BadSetup */
export async function readSetup(env: Environment): Promise<Setup> {
  const port = readPort(env["PORT"]);
  const secretId = env["WORKSPACE_SECRET_ID"]?.trim() || LOCAL_SECRET_ID;
  const { config, faults } = readConfig({ ...env, WORKSPACE_SECRET_ID: secretId });
  if (!config) throw new BadSetup(`${faults.join("; ")}.`);
  const source = await readSource(env, config);
  return { port, source, chat: readChatSource(env, source.kind) };
}

function readPort(text = ""): number {
  if (text === "") return DEFAULT_PORT;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new BadSetup("PORT must be a whole number from 0 to 65535 (0 takes any free one).");
}

async function readSource(env: Environment, config: Config): Promise<Source> {
  const secretId = env["WORKSPACE_SECRET_ID"]?.trim();
  const path = env["WORKSPACE_SECRET_FILE"]?.trim();
  if (config.secretsSource === "extension") {
    throw new BadSetup("SECRETS_SOURCE=extension works on Lambda only; leave it unset here.");
  }
  if (secretId && path) throw new BadSetup("Set WORKSPACE_SECRET_ID or WORKSPACE_SECRET_FILE, not both.");
  if (secretId) return { kind: "secret-id", secretId, region: await readRegion() };
  if (path) {
    checkSecretFile(path, config);
    return { kind: "secret-file", path };
  }
  if (config.workspaceEndpoint) {
    throw new BadSetup(
      "WORKSPACE_ENDPOINT is for real credentials: set WORKSPACE_SECRET_ID or WORKSPACE_SECRET_FILE too.",
    );
  }
  return { kind: "sandbox" };
}

/** As the SDK will find it: in the environment, or in the AWS profile. */
async function readRegion(): Promise<string> {
  const { SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  try {
    return await new SecretsManagerClient().config.region();
  } catch {
    // Whatever the SDK misses there, the remedy is the same.
    throw new BadSetup(
      "WORKSPACE_SECRET_ID needs an AWS region: set AWS_REGION, or AWS_PROFILE to a profile that has one.",
    );
  }
}

function checkSecretFile(path: string, { workspaceEndpoint }: Config): void {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new BadSetup(
      `WORKSPACE_SECRET_FILE cannot be read (${(error as NodeJS.ErrnoException).code}): ${path}`,
    );
  }
  try {
    parseWorkspaceSecret(text, workspaceEndpoint);
  } catch (error) {
    if (error instanceof LookupError) throw new BadSetup(`WORKSPACE_SECRET_FILE (${path}): ${error.detail}`);
    throw error;
  }
}
