import type { Verdict } from "../chat/verdict.ts";
import type { Environment } from "../config/environment.ts";
import { asLookupError } from "../contract/errors.ts";
import { createDynamoTable } from "../ledger/aws/dynamodb-table.ts";
import { readChannel } from "../ledger/channels.ts";
import { readOutbox } from "../ledger/outbox.ts";
import { type RunRecord, readRuns } from "../ledger/runs.ts";
import type { Table } from "../ledger/table.ts";
import type { FetchSecret } from "../secrets/fetch-secret.ts";
import { startDeadline } from "../time/deadline.ts";
import type { Channel } from "../watch/channel.ts";
import { readWatchConfig, type WatchConfig } from "../watch/config.ts";
import { largestFleet } from "../watch/coverage.ts";
import { openChannel } from "../watch/open-channels.ts";
import { parseFeishuApp, parseWatchSecret } from "../watch/watch-secret.ts";
import type { Profile } from "../workspace/profile.ts";
import type { Caller } from "./call.ts";
import type { DoctorQuestion } from "./question.ts";
import { type Finding, failed, ok, warning } from "./report.ts";

const SECRET_MS = 5000;
const HELLO_MS = 8000;
const MINUTE_MS = 60_000;
/** Without a run for so many intervals, something is wrong. */
const SILENT_INTERVALS = 3;
/** A run that has not ended by then has died: its function's time-out is 290 s. */
const LONGEST_RUN_MS = 5 * MINUTE_MS;
/** Of the 200 calls a minute that Huawei Cloud allows by default, those that people need. */
const MOST_CALLS_PER_MINUTE = 150;

const LOOK_AT_THE_SCHEDULE = "Look at the schedule WatchSchedule, and at the queue WatchFailed.";

export interface WatchedParts extends Caller {
  fetchSecret: FetchSecret;
  /** The ledger, if not the one that the environment names. */
  table?: Table;
}

/** Whether the watch runs, whether its channels take messages, and whether its share of the quota is enough. */
export async function checkWatch(
  env: Environment,
  { saysHello }: DoctorQuestion,
  profiles: Iterable<Profile>,
  parts: WatchedParts,
): Promise<Finding[]> {
  const { config, faults } = readWatchConfig(env);
  if (!config) return [failed("watch", faults.join("; "), "Set them as parameters of the deployment.")];
  const { wallNow } = parts;
  const table = parts.table ?? createDynamoTable({ table: config.ledgerTable, wallNow });
  let last: RunRecord | null;
  try {
    [last = null] = await readRuns(table, 1);
  } catch (error) {
    const mend = "Check LEDGER_TABLE, and allow dynamodb:GetItem and dynamodb:Query on the table.";
    return [failed("watch", `The ledger cannot be read (${(error as Error).name}).`, mend)];
  }
  return [
    checkRuns(last, config, wallNow()),
    await checkChannels(config, { table, saysHello, parts }),
    checkShare(last, config, profiles),
  ];
}

function checkRuns(last: RunRecord | null, { minutes }: WatchConfig, now: number): Finding {
  if (last === null)
    return warning("watch", "It has not run yet.", `Wait for one interval. ${LOOK_AT_THE_SCHEDULE}`);
  const ago = `${Math.round((now - last.started_at) / MINUTE_MS)} min ago`;
  if (now - last.started_at >= SILENT_INTERVALS * minutes * MINUTE_MS)
    return failed(
      "watch",
      `The last run began ${ago}, and there should be one every ${minutes} minutes.`,
      LOOK_AT_THE_SCHEDULE,
    );
  if (last.error !== null)
    return failed(
      "watch",
      `The last run, ${ago}, ended with ${last.error}.`,
      "The log of watch has the cause.",
    );
  if (last.ended_at === null)
    return now - last.started_at < LONGEST_RUN_MS
      ? ok("watch", "a run is under way")
      : warning(
          "watch",
          `The last run, ${ago}, did not come to its end.`,
          "The log of watch says what became of it; the next run goes on.",
        );
  const unread = last.runs.filter(({ complete }) => !complete).map(({ profile }) => profile);
  if (unread.length > 0)
    return failed(
      "watch",
      `The list of desktops was not read to its end in the last run, ${ago}: ${unread.join(", ")}.`,
      "If it stays so, the log of watch has the code. The user needs workspace:desktops:list.",
    );
  const desktops = last.runs.reduce((sum, run) => sum + run.desktops, 0);
  return ok(
    "watch",
    `run ${last.run}, ${ago}: ${last.runs.length} profile(s), ${desktops} desktop(s), lists complete`,
  );
}

interface ChannelCheck {
  table: Table;
  saysHello: boolean;
  parts: WatchedParts;
}

async function checkChannels(config: WatchConfig, check: ChannelCheck): Promise<Finding> {
  const bus = config.eventBus === null ? "" : "; the bus gets no test message";
  if (config.watchSecretId === null) return ok("channels", `no secret, so none${bus}`);
  let channels: readonly Channel[];
  try {
    channels = await openAll(config, config.watchSecretId, check.parts);
  } catch (thrown) {
    const { detail, code } = asLookupError(thrown);
    return failed(
      "channels",
      code === "SECRET_INVALID" ? detail : `The watch secret cannot be read: ${code}.`,
      "Mend the secret that WATCH_SECRET_ID names; docs/watch.md shows what it must look like.",
    );
  }
  const troubles: string[] = [];
  let greeted = 0;
  for (const channel of channels) {
    const { data } = await readChannel(check.table, channel.key);
    const waiting = (await readOutbox(check.table, channel.key)).length;
    if (data.failing_since !== null)
      troubles.push(
        `${channel.name} has failed since ${new Date(data.failing_since).toISOString()}, ${waiting} message(s) wait`,
      );
    if (!check.saysHello || !channel.hasReaders) continue;
    const verdict = await sayHello(channel, check.parts.now);
    if (verdict.kind === "sent") greeted += 1;
    else troubles.push(`${channel.name} did not take the test message: ${verdict.kind}, ${verdict.reason}`);
  }
  if (troubles.length > 0)
    return failed(
      "channels",
      `${troubles.join("; ")}.`,
      "Look at the webhook or robot on the platform, and put its address into the watch secret.",
    );
  const said = check.saysHello ? `, ${greeted} took a test message (webhooks get events alone)` : "";
  return ok("channels", `${channels.length} in the secret, none failing${said}${bus}`);
}

async function openAll(
  { chatSecretId, hosts, presentation }: WatchConfig,
  watchSecretId: string,
  { fetchSecret, send, now, wallNow }: WatchedParts,
): Promise<Channel[]> {
  const fetch = (id: string) => fetchSecret(id, { signal: AbortSignal.timeout(SECRET_MS), fresh: true });
  const text = await fetch(watchSecretId);
  const stored = parseWatchSecret(text, hosts, presentation);
  const needsApp = stored.some(({ chatId }) => chatId !== null);
  const elsewhere = needsApp && chatSecretId !== null && chatSecretId !== watchSecretId;
  const app = parseFeishuApp(text) ?? (elsewhere ? parseFeishuApp(await fetch(chatSecretId)) : null);
  return stored.map((channel) => openChannel(channel, app, { send, now, wallNow, hosts }));
}

async function sayHello(channel: Channel, now: () => number): Promise<Verdict> {
  const notices = [{ profile: "", notice: { kind: "hello" as const } }];
  const message = { id: `hello-${now()}`, events: [], notices, isPlain: false };
  const given = await channel.send(message, startDeadline(HELLO_MS, undefined, now));
  const [verdict] = [given].flat();
  return verdict ?? { kind: "lost", reason: "nothing was said of it" };
}

/** For each key, whatever profiles share it. */
function checkShare(last: RunRecord | null, config: WatchConfig, profiles: Iterable<Profile>): Finding {
  const { callsPerMinute } = config;
  const most = largestFleet(config);
  const desktopsOf = new Map(last?.runs.map(({ profile, desktops }) => [profile, desktops]));
  const fleets = [...Map.groupBy(profiles, ({ accessKey }) => accessKey).values()].map((group) =>
    group.reduce((sum, { name }) => sum + (desktopsOf.get(name) ?? 0), 0),
  );
  const largest = Math.max(0, ...fleets);
  const detail = `${callsPerMinute} calls a minute: answers can be complete for ${most} desktops with one key`;
  if (largest > most)
    return warning(
      "share",
      `${detail}, and there are ${largest}.`,
      "Raise watchMinutes, or watchCallsPerMinute if Huawei has raised your quota.",
    );
  if (callsPerMinute > MOST_CALLS_PER_MINUTE)
    return warning(
      "share",
      `${detail}. Of Huawei's 200 a minute, people who ask have ${Math.max(0, 200 - callsPerMinute)}.`,
      "Lower watchCallsPerMinute, unless Huawei has raised your quota.",
    );
  return ok("share", `${detail}; there are ${largest}`);
}
