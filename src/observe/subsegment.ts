import { type SampledTrace, sampledTrace, type Variables } from "./xray.ts";
import type { Outgoing, TellDaemon } from "./xray-daemon.ts";

export interface SubsegmentParts {
  env: Variables;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
  /** Connects to the daemon at an address such as `169.254.100.1:2000`; for tests. */
  connect?: (address: string) => Promise<TellDaemon>;
}

/** Loads the socket only in an invocation that is sampled, while Huawei's answer is waited for. */
async function connectLazily(address: string): Promise<TellDaemon> {
  const { connectDaemon } = await import("./xray-daemon.ts");
  return connectDaemon(address);
}

/**
 * A transport whose requests show on the X-Ray map: where the invocation is sampled, each is a subsegment. Tracing never
 * fails a call.
 */
export function withSubsegments<Q extends Outgoing, A extends { status: number }>(
  send: (request: Q) => Promise<A>,
  { env, wallNow, connect = connectLazily }: SubsegmentParts,
): (request: Q) => Promise<A> {
  let daemon: Promise<TellDaemon | null> | undefined;

  async function sendTraced(request: Q, trace: SampledTrace, address: string): Promise<A> {
    daemon ??= connect(address).catch(() => null);
    const startedAt = wallNow();
    let status: number | null = null;
    try {
      const answer = await send(request);
      status = answer.status;
      return answer;
    } finally {
      (await daemon)?.(request, trace, { startedAt, endedAt: wallNow(), status });
    }
  }

  return (request) => {
    const trace = sampledTrace(env);
    const address = env["AWS_XRAY_DAEMON_ADDRESS"];
    return trace && address ? sendTraced(request, trace, address) : send(request);
  };
}
