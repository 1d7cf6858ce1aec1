import { createGuard, type Guard } from "../access/guard.ts";
import type { Composed } from "../config/composed.ts";
import { type Config, type ConfigReading, readConfig, stageOf } from "../config/config.ts";
import type { Environment } from "../config/environment.ts";
import { createReadiness, type Readiness } from "../http/readiness.ts";
import type { Table } from "../ledger/table.ts";
import { createBatch } from "../lookup/batch.ts";
import { createLookup } from "../lookup/lookup.ts";
import type { ReadProfiles } from "../lookup/ports.ts";
import { createConnections } from "../net/connections.ts";
import { ATTEMPT_LIMITS, type AttemptLimits, createTransport, type Transport } from "../net/transport.ts";
import { createLog, type Log } from "../observe/log.ts";
import { withSubsegments } from "../observe/subsegment.ts";
import { xrayTraceId } from "../observe/xray.ts";
import type { OpenRecall } from "../recall/ports.ts";
import { createCredentials, type StoredCredentials } from "../secrets/credentials.ts";
import type { FetchSecret } from "../secrets/fetch-secret.ts";
import { createSecrets } from "../secrets/source.ts";
import { monotonicNow, sleep, wallNow } from "../time/clocks.ts";
import { createWorkspaceClient, type WorkspaceClient } from "../workspace/client.ts";
import { createWarmUp, type WarmUp } from "./warm-up.ts";

/** What stands in for the world in a test; each has the real thing for its default. */
export interface World {
  fetchSecret?: FetchSecret;
  send?: Transport;
  write?: (line: string) => void;
  now?: () => number;
  wallNow?: () => number;
  random?: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Of the ledger. */
  ledger?: Table;
}

/** The parts that a container makes once and every entry uses. */
export interface Service {
  config: Config;
  log: Log;
  guard: Guard;
  /** The store of secrets. */
  fetchSecret: FetchSecret;
  /** Who has something else to wait for reads them ahead, and the lookup finds the secret. */
  readProfiles: ReadProfiles;
  checkReadiness: Readiness;
  /** For the watch, which asks for itself. */
  upstream: { credentials: StoredCredentials; client: WorkspaceClient };
  /** The ledger's questions, loaded by the first who has one; `null` where there is no ledger, or nobody to ask it. */
  openRecall: OpenRecall | null;
  /** For a handler's module to do during init; nothing depends on it. */
  warmUp: WarmUp;
  now: () => number;
  wallNow: () => number;
}

export type Composition = Composed<Service>;

/**
 * Wires the real parts once per container. A faulty configuration does not throw: it is logged and handed on.
 *
 * @param limits How long an attempt may take; chat has its own.
 */
export function compose(
  env: Environment,
  world: World = {},
  limits: AttemptLimits = ATTEMPT_LIMITS,
): Composition {
  const reading: ConfigReading = readConfig(env);
  const clock = { now: world.now ?? monotonicNow, wallNow: world.wallNow ?? wallNow };
  const log = createLog({
    level: reading.config?.logLevel ?? "info",
    stage: stageOf(env),
    xrayTraceId: () => xrayTraceId(env),
    wallNow: clock.wallNow,
    ...(world.write && { write: world.write }),
  });
  if (!reading.config) {
    log.error("configuration_invalid", { faults: reading.faults.join("; ") });
    return { service: null, faults: reading.faults, log };
  }
  const { config } = reading;
  const fetchSecret = world.fetchSecret ?? createSecrets(config.secretsSource, env);
  const credentials = createCredentials({
    fetchSecret,
    secretId: config.workspaceSecretId,
    ttlMs: config.secretTtlMs,
    endpointOverride: config.workspaceEndpoint,
    warn: log.warn,
    ...clock,
  });
  const connections = createConnections();
  const send = world.send ?? createTransport({ connections, limits, now: clock.now });
  const client = createWorkspaceClient({
    credentials,
    send: withSubsegments(send, { env, wallNow: clock.wallNow }),
    warn: log.warn,
    random: world.random ?? Math.random,
    sleep: world.sleep ?? sleep,
    ...clock,
  });
  const lookup = createLookup({
    fetchHistory: client.fetchHistory,
    findDesktops: client.findDesktops,
    resultTtlMs: config.resultTtlMs,
    now: clock.now,
  });
  const lookupBatch = createBatch({ lookup, concurrency: config.batchConcurrency, now: clock.now });
  const guard = createGuard({
    policy: config.accessPolicy,
    lookup,
    lookupBatch,
    readProfiles: credentials.readProfiles,
    audit: log.audit,
  });
  const checkReadiness = createReadiness({
    defaultProfile: (call) => credentials.current(null, call),
    clockOffsetMs: (origin) => client.clocks.of(origin).offsetMs(),
    wallNow: clock.wallNow,
  });
  const warmUp = createWarmUp({
    config,
    credentials,
    openAhead: connections.openAhead,
    now: clock.now,
  });
  return {
    service: {
      config,
      log,
      guard,
      fetchSecret,
      readProfiles: credentials.readProfiles,
      checkReadiness,
      upstream: { credentials, client },
      openRecall: null,
      warmUp,
      ...clock,
    },
    faults: null,
    log,
  };
}
