import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** `npm start` in a process of its own. */
export interface Started {
  /** Such as `http://localhost:40123`. */
  api: string;
  /** What it has written so far. */
  stdout: () => string;
  /** Sends the signal and waits for the end. */
  stop: (signal: "SIGINT" | "SIGTERM") => Promise<{ code: number | null; signal: string | null }>;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

const READY = "Below: the log";
const API = /http:\/\/localhost:\d+/;

type Environment = Record<string, string>;

// Nothing of whoever runs the tests: neither variables of ours, nor AWS's, nor AWS's files.
const NOBODYS: Environment = {
  PATH: process.env["PATH"] ?? "",
  AWS_CONFIG_FILE: "/nonexistent/config",
  AWS_SHARED_CREDENTIALS_FILE: "/nonexistent/credentials",
};

function spawnStart(env: Environment, options: readonly string[] = []) {
  const child = spawn(process.execPath, ["sandbox/start.ts", ...options], {
    env: { ...NOBODYS, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const written = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    written.stderr += text;
  });
  return { child, written };
}

/** Starts on a free port, and waits until it says that it runs. */
export async function start(env: Environment = {}, options: readonly string[] = []): Promise<Started> {
  const { child, written } = spawnStart({ PORT: "0", ...env }, options);
  const ended = endOf(child);
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  while (!written.stdout.includes(READY)) {
    if (hasEnded) throw new Error(`it ended: ${written.stderr}`);
    await Promise.race([once(child.stdout, "data"), ended]);
  }
  return {
    api: API.exec(written.stdout)?.[0] ?? "",
    stdout: () => written.stdout,
    stop: async (signal) => {
      child.kill(signal);
      return await ended;
    },
  };
}

/** Starts what cannot start, and waits until it gives up. */
export async function startInVain(env: Environment): Promise<Ended> {
  const { child, written } = spawnStart(env);
  const { code } = await endOf(child);
  return { code, ...written };
}

async function endOf(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { code, signal };
}
