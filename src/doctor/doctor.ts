import { type Environment, read } from "../config/environment.ts";
import { VERSION } from "../contract/version.ts";
import type { Table } from "../ledger/table.ts";
import type { FetchSecret } from "../secrets/fetch-secret.ts";
import { provesKey } from "../workspace/answer.ts";
import { desktopsQuery, readDesktopPage } from "../workspace/desktops.ts";
import { readHistory } from "../workspace/history.ts";
import { detachInfoPath, listDesktopsPath } from "../workspace/paths.ts";
import type { Profile } from "../workspace/profile.ts";
import { type Caller, type Told, tell } from "./call.ts";
import { decodeAuthorizationMessage } from "./decode.ts";
import type { Network } from "./network.ts";
import { checkDns, checkEnvironment, checkSecret, checkTls, type Step } from "./prerequisites.ts";
import { checkPrivileges } from "./privileges.ts";
import type { DoctorQuestion } from "./question.ts";
import { complete, type DoctorReport, type Finding, type Observations, ok, shapeOf } from "./report.ts";
import { checkAccess, checkChat, checkKeys } from "./settings.ts";
import {
  checkClock,
  checkNameLookUp,
  checkPermission,
  checkQuota,
  checkSignature,
  describeAnswer,
} from "./verdicts.ts";

export interface DoctorParts extends Caller {
  fetchSecret: FetchSecret;
  /** Where secrets come from, if it is not the store that the environment names. */
  source?: "file";
  network: Network;
  /** The ledger, if not the one that the environment names. */
  table?: Table;
}

/** No desktop has it. What the upstream says of it tells credentials, permission and not-found apart. */
const IMPOSSIBLE_DESKTOP = "00000000-0000-0000-0000-000000000000";
/** No desktop bears it: only the permission is of interest. */
const IMPOSSIBLE_NAME = "workspace-unbindings-doctor";

const NO_WATCH = ["watch", "channels", "share"] as const;

/** What has been found so far. */
interface Examination {
  findings: Finding[];
  profile: Profile | null;
  observations: Observations;
  decodedAuthorizationMessage: string | null;
}

/**
 * Examines an installation, step by step, and says what to mend. It makes a handful of calls to Huawei Cloud, each
 * once: a key that is refused is not tried again.
 */
export async function examine(
  env: Environment,
  question: DoctorQuestion,
  parts: DoctorParts,
): Promise<DoctorReport> {
  const examination: Examination = {
    findings: [],
    profile: null,
    observations: { detach_time_shapes: [], unknown_desktop: null, throttling_headers: null },
    decodedAuthorizationMessage: null,
  };
  await walk(examination, env, question, parts);
  const findings = complete(examination.findings);
  return {
    ok: findings.every(({ status }) => status === "ok" || status === "warning"),
    version: VERSION,
    node: process.version,
    profile: examination.profile?.name ?? null,
    endpoint: examination.profile?.endpoint.origin ?? null,
    findings,
    observations: examination.observations,
    decoded_authorization_message: examination.decodedAuthorizationMessage,
  };
}

async function walk(
  examination: Examination,
  env: Environment,
  question: DoctorQuestion,
  parts: DoctorParts,
): Promise<void> {
  const { network, wallNow } = parts;
  function note<T>([finding, value]: Step<T>): T | null {
    examination.findings.push(finding);
    return value;
  }
  const config = note(checkEnvironment(env, parts.source));
  if (!config) return;
  examination.findings.push(checkAccess(env, config), await checkChat(env, parts.fetchSecret));
  const opened = note(await checkSecret(config, question.profile, parts.fetchSecret, wallNow()));
  if (!opened) return;
  const { profile, profiles } = opened;
  examination.profile = profile;
  examination.findings.push(checkKeys(profiles.byName.values(), wallNow()));
  if (read(env, "LEDGER_TABLE") === undefined) {
    examination.findings.push(...NO_WATCH.map((check) => ok(check, "not configured")));
  } else {
    // Most installations have none, and need not load what it takes.
    const { checkWatch } = await import("./watch.ts");
    examination.findings.push(...(await checkWatch(env, question, profiles.byName.values(), parts)));
  }
  if (!note(await checkDns(profile.endpoint, network))) return;
  if (!note(await checkTls(profile.endpoint, network, wallNow()))) return;
  await checkUpstream(examination, profile, question.desktopId, parts);
}

async function checkUpstream(
  examination: Examination,
  profile: Profile,
  desktopId: string | null,
  parts: DoctorParts,
): Promise<void> {
  const { findings, observations } = examination;
  const probe = await askForHistory(parts, profile, IMPOSSIBLE_DESKTOP);
  observations.unknown_desktop = describeAnswer(probe);
  const clock = checkClock(probe);
  const signature = checkSignature(probe, clock);
  findings.push(clock, signature);
  if (signature.status === "failed") return;
  findings.push(checkPermission(probe));
  const list = await tell(parts, profile, {
    endpoint: profile.endpoint,
    method: "GET",
    path: listDesktopsPath(profile.endpoint, profile.projectId, ""),
    query: desktopsQuery(IMPOSSIBLE_NAME, 0),
    read: readDesktopPage,
  });
  findings.push(checkNameLookUp(list), checkQuota([probe, list]));
  if (probe.verdict.ok || provesKey(probe.verdict)) findings.push(await checkPrivileges(parts, profile));
  const encoded = [probe, list].map(encodedMessageOf).find((message) => message !== null);
  if (encoded) {
    examination.decodedAuthorizationMessage = await decodeAuthorizationMessage(parts, profile, encoded);
  }
  const throttled = [probe, list].find(({ answer }) => answer?.status === 429)?.answer;
  if (throttled) observations.throttling_headers = Object.keys(throttled.headers).sort();
  if (desktopId !== null) observations.detach_time_shapes = await timeShapesOf(parts, profile, desktopId);
}

function encodedMessageOf({ verdict }: Told<unknown>): string | null {
  return verdict.ok ? null : verdict.encodedAuthorizationMessage;
}

function askForHistory(parts: DoctorParts, profile: Profile, desktopId: string) {
  return tell(parts, profile, {
    endpoint: profile.endpoint,
    method: "GET",
    path: detachInfoPath(profile.projectId, desktopId),
    read: readHistory,
  });
}

async function timeShapesOf(parts: DoctorParts, profile: Profile, desktopId: string): Promise<string[]> {
  const { verdict }: Told<Awaited<ReturnType<typeof readHistory>>> = await askForHistory(
    parts,
    profile,
    desktopId,
  );
  if (!verdict.ok) return [];
  return [
    ...new Set(
      verdict.value.flatMap(({ row }) => (row.detach_time === null ? [] : shapeOf(row.detach_time))),
    ),
  ];
}
