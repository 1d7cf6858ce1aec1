import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createChatSecretParser } from "../../src/chat/chat-secret.ts";
import { readChatConfig } from "../../src/chat/config.ts";
import { PLATFORMS } from "../../src/chat/platforms.ts";
import type { Environment } from "../../src/config/environment.ts";
import { LookupError } from "../../src/contract/errors.ts";
import { monotonicNow, wallNow } from "../../src/time/clocks.ts";
import { BadSetup } from "../bad-setup.ts";
import type { Source } from "../source.ts";

/** Where the keys of chat come from: made up, from AWS, or from a file. */
export type ChatSource =
  | { kind: "sandbox" }
  | { kind: "secret-id"; secretId: string }
  | { kind: "secret-file"; path: string };

/** The name under which the local Secrets Manager knows the chat secret. */
export const LOCAL_CHAT_SECRET_ID = "workspace-unbindings/local-chat";

/**
 * With made-up desktops, chat has made-up keys unless a file brings real ones; with real desktops, it is served only when
 * keys are given.
 *
 * @throws BadSetup
 */
export function readChatSource(env: Environment, desktops: Source["kind"]): ChatSource | null {
  const secretId = env["CHAT_SECRET_ID"]?.trim();
  const path = env["CHAT_SECRET_FILE"]?.trim();
  const { faults } = readChatConfig({ ...env, CHAT_SECRET_ID: secretId || LOCAL_CHAT_SECRET_ID });
  if (faults) throw new BadSetup(`${faults.join("; ")}.`);
  if (secretId && path) throw new BadSetup("Set CHAT_SECRET_ID or CHAT_SECRET_FILE, not both.");
  // One store has both secrets: AWS, or this machine.
  if (secretId && desktops !== "secret-id") {
    throw new BadSetup("CHAT_SECRET_ID goes with WORKSPACE_SECRET_ID; without it, set CHAT_SECRET_FILE.");
  }
  if (path && desktops === "secret-id") {
    throw new BadSetup("CHAT_SECRET_FILE does not go with WORKSPACE_SECRET_ID; set CHAT_SECRET_ID.");
  }
  if (secretId) return { kind: "secret-id", secretId };
  if (path) {
    checkSecretFile(path);
    return { kind: "secret-file", path };
  }
  return desktops === "sandbox" ? { kind: "sandbox" } : null;
}

function checkSecretFile(path: string): void {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new BadSetup(`CHAT_SECRET_FILE cannot be read (${(error as NodeJS.ErrnoException).code}): ${path}`);
  }
  // Nothing is sent or drawn here: each platform only looks at its section.
  const post = async () => ({ kind: "lost" as const, reason: "nothing is sent here" });
  const tools = { post, now: monotonicNow, wallNow, randomBytes };
  const parse = createChatSecretParser(PLATFORMS, tools);
  for (const platform of PLATFORMS) {
    try {
      parse(text).channelOf(platform);
    } catch (error) {
      if (!(error instanceof LookupError)) throw error;
      // A platform that is not set up is no fault.
      if (error.code !== "NOT_FOUND") throw new BadSetup(`CHAT_SECRET_FILE (${path}): ${error.detail}`);
    }
  }
}
