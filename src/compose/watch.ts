import { randomBytes } from "node:crypto";
import type { Composed } from "../config/composed.ts";
import type { Environment } from "../config/environment.ts";
import { LookupError } from "../contract/errors.ts";
import { createDynamoTable } from "../ledger/aws/dynamodb-table.ts";
import type { Table } from "../ledger/table.ts";
import type { AttemptLimits, Transport } from "../net/transport.ts";
import type { CallContext } from "../observe/call.ts";
import { createCachedSecret } from "../secrets/cached-secret.ts";
import type { StoredCredentials } from "../secrets/credentials.ts";
import { sleep } from "../time/clocks.ts";
import { readWatchConfig, type WatchConfig } from "../watch/config.ts";
import { openBus } from "../watch/open-bus.ts";
import { type ChannelWorld, openChannel } from "../watch/open-channels.ts";
import type { OpenChannels, ResolveProfiles, WatchedProfile, WatchParts } from "../watch/ports.ts";
import { parseFeishuApp, parseWatchSecret } from "../watch/watch-secret.ts";
import { createListFleet } from "../workspace/fleet.ts";
import { refOf } from "../workspace/profile.ts";
import { createPlatformTransport } from "./platform-transport.ts";
import { compose, type Service, type World } from "./service.ts";

/** What stands in for the world in a test of the watch. */
export interface WatchWorld extends World {
  table?: Table;
  sendToPlatform?: Transport;
}

/** A page of 500 desktops takes longer than one desktop's unbindings, and nobody's request waits. */
const PATIENT_ATTEMPTS: AttemptLimits = { connectMs: 2000, headersMs: 8000, totalMs: 10_000 };
const CALL_BUDGET_MS = 20_000;

/** Wires the parts of the watch once per container. A faulty configuration is logged and handed on. */
export function composeWatch(env: Environment, world: WatchWorld = {}): Composed<WatchParts> {
  const { service, log, faults } = compose(env, world, PATIENT_ATTEMPTS);
  const reading = readWatchConfig(env);
  if (reading.faults) log.error("configuration_invalid", { faults: reading.faults.join("; ") });
  if (!service || !reading.config) return { service: null, faults: faults ?? reading.faults ?? [], log };
  const { config } = reading;
  const { now, wallNow, upstream } = service;
  return {
    faults: null,
    log,
    service: {
      table: world.table ?? createDynamoTable({ table: config.ledgerTable, wallNow }),
      listFleet: createListFleet(upstream.client.execute),
      fetchHistory: upstream.client.fetchHistory,
      resolveProfiles: profilesOf(config, service),
      openChannels: channelsOf(config, service, world),
      settings: { ...config, callBudgetMs: CALL_BUDGET_MS },
      log,
      now,
      wallNow,
      sleep: world.sleep ?? sleep,
      randomBytes,
    },
  };
}

function profilesOf({ profiles: wanted }: WatchConfig, { readProfiles, upstream }: Service): ResolveProfiles {
  return async (call) => {
    const profiles = await readProfiles(call);
    const chosen = wanted === "*" ? profiles.names() : (wanted ?? [profiles.defaultName]);
    const found: WatchedProfile[] = [];
    for (const name of chosen) {
      const profile = await resolve(upstream.credentials, name, call);
      const isKnown = profile.place !== null && found.some(({ place }) => place === profile.place);
      if (!isKnown) found.push(profile);
    }
    return found;
  };
}

/** What is wrong with one profile harms that one alone: it is not seen, which the watch says. */
async function resolve(
  credentials: StoredCredentials,
  name: string,
  call: CallContext,
): Promise<WatchedProfile> {
  try {
    const profile = await credentials.current(name, call);
    const { endpoint, projectId, accessKey } = profile;
    return { name, ref: refOf(profile), place: `${endpoint.origin}/${projectId}`, accessKey };
  } catch (error) {
    if (!(error instanceof LookupError)) throw error;
    return { name, ref: null, place: null, accessKey: null };
  }
}

/** The bus, and the channels of the secret: the same ones as long as the secret is the same. */
function channelsOf(config: WatchConfig, service: Service, world: WatchWorld): OpenChannels {
  const { now, wallNow, fetchSecret, log } = service;
  const bus = config.eventBus === null ? [] : [openBus(config.eventBus, config.eventBusHidesUsers)];
  const channelWorld: ChannelWorld = {
    send: world.sendToPlatform ?? createPlatformTransport(now),
    now,
    wallNow,
    hosts: config.hosts,
  };
  const secretOf = <V>(secretId: string, parse: (text: string) => V) =>
    createCachedSecret({
      fetchSecret,
      secretId,
      parse,
      ttlMs: service.config.secretTtlMs,
      warn: log.warn,
      now,
    });
  const { watchSecretId, chatSecretId, hosts, presentation } = config;
  const stored =
    watchSecretId === null
      ? null
      : secretOf(watchSecretId, (text) => ({
          channels: parseWatchSecret(text, hosts, presentation),
          app: parseFeishuApp(text),
        }));
  const chat =
    chatSecretId === null || chatSecretId === watchSecretId ? null : secretOf(chatSecretId, parseFeishuApp);

  return async (call) => {
    if (!stored) return bus;
    const { value } = await stored.latest(call.deadline);
    const needsApp = value.channels.some(({ chatId }) => chatId !== null);
    const app = value.app ?? (needsApp && chat ? (await chat.latest(call.deadline)).value : null);
    return [...bus, ...value.channels.map((channel) => openChannel(channel, app, channelWorld))];
  };
}
