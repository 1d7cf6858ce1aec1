import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** What one invocation of a built function came to. */
export interface Invocation {
  /** What it answered, if it did. */
  result?: { statusCode?: number; body?: string; runs?: object[] };
  /** The name of what it threw. */
  error?: string;
  /** What it wrote to stdout meanwhile, line by line. */
  lines: string[];
  durationMs: number;
}

export interface Container {
  /** What was written during init. */
  initLines: string[];
  invoke: (event: unknown) => Promise<Invocation>;
  stop: () => void;
}

/** Runs in the process: takes events, and hands back what came of each with the lines that it wrote. */
const PROGRAM = `
  const written = [];
  process.stdout.write = (text) => written.push(...String(text).split("\\n").filter(Boolean)) > 0;
  const { handler } = await import(process.env.HANDLER);
  const timeoutMs = Number(process.env.TIMEOUT_MS);
  const wallNow = Date.now;
  Date.now = () => wallNow() + Number(process.env.CLOCK_AHEAD_MS ?? 0);
  process.on("message", async (event) => {
    const startedAt = performance.now();
    const context = {
      awsRequestId: "request-0001",
      getRemainingTimeInMillis: () => timeoutMs - (performance.now() - startedAt),
    };
    const outcome = await handler(event, context).then((result) => ({ result }), ({ name }) => ({ error: name }));
    process.send({ ...outcome, lines: written.splice(0), durationMs: performance.now() - startedAt });
  });
  process.send({ lines: written.splice(0) });`;

/** A process with a built function in it, which takes one event at a time. */
export async function startContainer(
  handler: string,
  env: Readonly<Record<string, string>>,
  timeoutMs = 10_000,
): Promise<Container> {
  const child: ChildProcess = spawn(process.execPath, ["--input-type=module", "--eval", PROGRAM], {
    env: { ...env, HANDLER: handler, TIMEOUT_MS: String(timeoutMs) },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [{ lines }] = await once(child, "message");
  return {
    initLines: lines,
    invoke: async (event) => {
      const answered = once(child, "message");
      child.send(event as object);
      const [invocation] = await answered;
      return invocation;
    },
    stop: () => child.kill(),
  };
}
