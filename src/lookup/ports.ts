import type { Candidate } from "../contract/errors.ts";
import type { TimedUnbinding } from "../contract/unbinding.ts";
import type { Deadline } from "../time/deadline.ts";

/** Where an upstream is: the parts of an origin, taken apart once. */
export interface Endpoint {
  /** Scheme, host and port, without a trailing slash. */
  origin: string;
  protocol: "https:" | "http:";
  hostname: string;
  port: number;
  /** The value of the Host header: with the port unless it is the scheme's own. */
  host: string;
}

/** One Huawei Cloud project with its credentials. */
export interface Profile {
  name: string;
  endpoint: Endpoint;
  projectId: string;
  accessKey: string;
  secretKey: string;
  /** Only temporary credentials have one. */
  securityToken: string | null;
  /** Milliseconds since the epoch, or `null` when the credentials do not expire. */
  expiresAt: number | null;
}

/** What one call did, for its log line. Filled in along the way; holds nothing secret and no user name. */
export interface Trace {
  profile: string | null;
  cache: "hit" | "miss" | "shared" | null;
  /** Questions about a desktop that were put. */
  lookups: number;
  /** How many of them were answered from memory. */
  cacheHits: number;
  attempts: number;
  upstreamStatus: number | null;
  upstreamCode: string | null;
  upstreamRequestId: string | null;
  /** The upstream's own words for an error, redacted and cut. */
  upstreamText: string | null;
  /** Opaque; an operator decodes it through STS. */
  encodedAuthorizationMessage: string | null;
  /** How often the upstream limited us. */
  throttles: number;
  /** How often it refused our key. */
  refusals: number;
  /** Rows whose time is there but cannot be read. */
  unreadableTimes: number;
  upstreamMs: number;
  secretMs: number;
  /** How long ago the secret that was used was fetched. */
  secretAgeMs: number | null;
}

export function newTrace(): Trace {
  return {
    profile: null,
    cache: null,
    lookups: 0,
    cacheHits: 0,
    attempts: 0,
    upstreamStatus: null,
    upstreamCode: null,
    upstreamRequestId: null,
    upstreamText: null,
    encodedAuthorizationMessage: null,
    throttles: 0,
    refusals: 0,
    unreadableTimes: 0,
    upstreamMs: 0,
    secretMs: 0,
    secretAgeMs: null,
  };
}

/** Adds what a part of a call did to what the whole did; of the upstream's words, the last about an error stay. */
export function addTrace(whole: Trace, part: Trace): void {
  whole.profile ??= part.profile;
  whole.lookups += part.lookups;
  whole.cacheHits += part.cacheHits;
  whole.attempts += part.attempts;
  whole.throttles += part.throttles;
  whole.refusals += part.refusals;
  whole.unreadableTimes += part.unreadableTimes;
  whole.upstreamMs += part.upstreamMs;
  whole.secretMs += part.secretMs;
  whole.secretAgeMs = part.secretAgeMs ?? whole.secretAgeMs;
  const isError = part.upstreamStatus !== null && part.upstreamStatus >= 300;
  if (!isError && whole.upstreamStatus !== null) return;
  whole.upstreamStatus = part.upstreamStatus;
  whole.upstreamCode = part.upstreamCode;
  whole.upstreamRequestId = part.upstreamRequestId;
  whole.upstreamText = part.upstreamText;
  whole.encodedAuthorizationMessage = part.encodedAuthorizationMessage;
}

/** What accompanies one piece of work: its name, its time, its stop signal, its trace. */
export interface CallContext {
  requestId: string;
  deadline: Deadline;
  signal?: AbortSignal;
  trace: Trace;
  /** A valid W3C trace context of the caller's, passed on. */
  traceparent: string | null;
}

/** The text of a secret. */
export type FetchSecret = (secretId: string, options: FetchSecretOptions) => Promise<string>;

export interface FetchSecretOptions {
  signal: AbortSignal;
  /** Past every cache on the way. */
  fresh: boolean;
}

/** What the profiles are called; for those who decide who may use which. */
export type NameProfiles = (call: CallContext) => Promise<ProfileNames>;

export interface ProfileNames {
  defaultName: string;
  names: ReadonlySet<string>;
}

/** Where profiles come from, and who is told how their keys fared. */
export interface Credentials {
  /** The profile of that name, or the default one. */
  current(name: string | null, call: CallContext): Promise<Profile>;
  /**
   * Takes the profile's key for one signed request. Where it is in doubt and out often enough, there is a promise instead,
   * which tells when to ask for the profile again.
   *
   * @param isForced Takes it all the same.
   */
  take(profile: Profile, isForced: boolean): Lease | Promise<void>;
  /** The upstream refused this profile's key. Answers with the store's newer key, or `null` if it has none. */
  refused(profile: Profile, call: CallContext): Promise<Profile | null>;
}

/** A key that is out with one signed request. */
export interface Lease {
  /** @param wasAccepted Whether the upstream accepted the key. If not, it may have said nothing of it. */
  end(wasAccepted: boolean): void;
}

/** All that the upstream knows of one desktop's unbindings, newest first. */
export interface DesktopHistory {
  profile: string;
  rows: readonly TimedUnbinding[];
  upstreamRequestId: string | null;
}

/** Asks the upstream what it knows of a desktop. */
export type FetchHistory = (
  profile: string | null,
  desktopId: string,
  call: CallContext,
) => Promise<DesktopHistory>;

/** Asks the upstream which desktops bear a name: exactly, but in any case. */
export type FindDesktops = (
  profile: string | null,
  name: string,
  call: CallContext,
) => Promise<readonly Candidate[]>;

/** Writes a structured log line. Only the fields it knows are written. */
export type Warn = (event: string, fields?: Record<string, string | number | null>) => void;
