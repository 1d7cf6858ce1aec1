import { expect, vi } from "vitest";
import { leaksIn } from "./canaries.ts";
import { takeOpened } from "./opened.ts";

const lines: string[] = [];
const answers: string[] = [];
const strays: unknown[] = [];

process.on("unhandledRejection", (reason) => strays.push(reason));

/** Everything that a service under test wrote or answered goes through here. */
export const produced = {
  line: (line: string) => void lines.push(line),
  answer: (text: string) => void answers.push(text),
};

/**
 * After every fault test: no socket is left open but those kept alive for reuse, no handle once the servers have
 * gone, no rejection that nobody handled, and no secret in any log line or answer.
 */
export async function leaveNothingBehind(): Promise<void> {
  const servers = takeOpened();
  try {
    await vi.waitFor(() =>
      expect(servers.map(({ unanswered }) => unanswered())).toEqual(servers.map(() => 0)),
    );
  } finally {
    await Promise.all(servers.map(({ close }) => close()));
    vi.unstubAllEnvs();
  }
  await vi.waitFor(() => expect(networkHandles()).toEqual([]));
  expect(strays.splice(0)).toEqual([]);
  expect(leaksIn(lines.splice(0), answers.splice(0))).toEqual([]);
}

function networkHandles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /^(?:TCP|TLS|GetAddrInfo)/.test(name));
}
