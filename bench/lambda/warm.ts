import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** What a piece of work cost in a container that stays. */
export interface Cost {
  /** How many calls it was. */
  calls: number;
  cpuUs: number;
  wallMs: number;
  /** The most memory that the container has held so far, in kB. */
  peakKb: number;
  bytes: number;
  failures: number;
}

export interface WarmContainer {
  run: (events: readonly object[], concurrency?: number) => Promise<Cost>;
  stop: () => void;
}

const CONTAINER = new URL("warm.mjs", import.meta.url);

export interface WarmOptions {
  /** Of Node.js. */
  flags?: string[];
  /** Whether an error is an answer like any other. */
  mayFail?: boolean;
}

/** A container that has been started, to be measured while it is warm; no runtime client, the handler alone. */
export async function startWarm(
  bundle: string,
  env: Record<string, string>,
  { flags = [], mayFail = false }: WarmOptions = {},
): Promise<WarmContainer> {
  const child: ChildProcess = fork(CONTAINER, {
    env: { ...env, BENCH_BUNDLE: bundle },
    execArgv: flags,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await once(child, "message");
  return {
    async run(events, concurrency = 1) {
      child.send({ events: events.map((event) => JSON.stringify(event)), concurrency });
      const [cost] = (await once(child, "message")) as [Cost];
      if (!mayFail && cost.failures > 0)
        throw new Error(`${bundle}: ${cost.failures} of ${events.length} calls failed`);
      return cost;
    },
    stop: () => child.disconnect(),
  };
}
