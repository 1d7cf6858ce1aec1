import type { Config } from "../config/config.ts";
import type { Connections } from "../net/connections.ts";
import { ATTEMPT_LIMITS } from "../net/transport.ts";
import { openCall } from "../observe/call.ts";
import { SECRET_FETCH_MS } from "../secrets/cached-secret.ts";
import type { Credentials } from "../workspace/credentials.ts";

/** Init waits no longer; what is still under way goes on, and the first call joins it. */
const INIT_WAIT_MS = 1500;

export interface WarmUpParts {
  config: Config;
  credentials: Credentials;
  openAhead: Connections["openAhead"];
  /** Monotonic milliseconds. */
  now: () => number;
}

export type WarmUp = () => Promise<void>;

/**
 * Does during init what the first call would wait for: fetches the secret and opens the TLS session to the
 * upstream. Lambda gives init a whole CPU, and frees nobody from waiting for it. Whatever fails here is kept
 * nowhere and told nobody: the call tries again, and its error is the one that counts.
 */
export function createWarmUp({ config, credentials, openAhead, now }: WarmUpParts): WarmUp {
  const { workspaceEndpoint, secretsSource } = config;

  async function fetchSecret(): Promise<void> {
    const { endpoint } = await credentials.current(
      null,
      openCall({ requestId: "init", budgetMs: SECRET_FETCH_MS, now }),
    );
    if (!workspaceEndpoint) await openAhead(endpoint, ATTEMPT_LIMITS.connectMs);
  }

  return async () => {
    const steps: Promise<void>[] = [];
    if (workspaceEndpoint) steps.push(openAhead(workspaceEndpoint, ATTEMPT_LIMITS.connectMs));
    // The extension is not ready before an invocation.
    if (secretsSource === "sdk") steps.push(fetchSecret());
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, INIT_WAIT_MS);
    });
    await Promise.race([Promise.allSettled(steps), enough]);
    clearTimeout(timer);
  };
}
