import type { LogLevel } from "../config/config.ts";
import { writeInstant } from "../time/instant.ts";
import { embeddedMetrics } from "./metrics.ts";
import { redact } from "./redact.ts";

/**
 * The fields that a log line may have. There is no way to write any other, so nothing secret or personal can
 * slip in by way of an object that happened to be at hand.
 */
const NAMES = [
  "request_id",
  "traceparent",
  "function",
  "route",
  "method",
  "status",
  "profile",
  "desktop_id",
  "desktop_name",
  "desktops",
  "caller",
  "succeeded",
  "failed",
  "outcome",
  "code",
  "cache",
  "requests",
  "lookups",
  "cache_hits",
  "attempts",
  "upstream_status",
  "upstream_code",
  "upstream_request_id",
  "upstream_text",
  "encoded_authorization_message",
  "duration_ms",
  "upstream_ms",
  "secret_ms",
  "throttles",
  "refusals",
  "unreadable_times",
  "secret_age_seconds",
  "cause",
  "faults",
  "host",
  "reason",
  "offset_ms",
  "age_seconds",
] as const;

export type LogField = (typeof NAMES)[number];

const KNOWN: ReadonlySet<string> = new Set(NAMES);
export type LogFields = Partial<Record<LogField, string | number | boolean | null>>;

export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /**
   * The one line of a request, written whatever the level: metrics are taken out of it.
   *
   * @param outcome What `outcomeFields` says of it.
   */
  request(level: LogLevel, facts: LogFields, outcome: LogFields): void;
  /** Who asked for what, written whatever the level. */
  audit(fields: LogFields): void;
}

export interface LogOptions {
  level: LogLevel;
  /** Takes one line without its end. */
  write?: (line: string) => void;
  /** Milliseconds since the epoch. */
  wallNow?: () => number;
}

const SEVERITY: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * One flat JSON object per line. It goes to stdout directly: Lambda's `console` would nest it under `message`.
 */
export function createLog({ level, write = writeStdout, wallNow = Date.now }: LogOptions): Log {
  function put(now: number, lineLevel: LogLevel, event: string, ...members: readonly string[]): void {
    const timestamp = writeInstant(now);
    const level = lineLevel.toUpperCase();
    write(
      `{"timestamp":"${timestamp}","level":"${level}","message":${JSON.stringify(event)}${members.join("")}}`,
    );
  }

  function at(lineLevel: LogLevel) {
    return (event: string, fields: LogFields = {}) => {
      if (SEVERITY[lineLevel] >= SEVERITY[level]) put(wallNow(), lineLevel, event, membersOf(fields));
    };
  }

  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    request(lineLevel, facts, outcome) {
      const now = wallNow();
      const metrics = `,"requests":1,"_aws":${embeddedMetrics(outcome, now)}`;
      put(now, lineLevel, "request", membersOf(facts), membersOf(outcome), metrics);
    },
    audit: (fields) => put(wallNow(), "info", "audit", membersOf(fields)),
  };
}

/** The fields as members of a JSON object, each after a comma. Text by text: an object would be made only to be written. */
function membersOf(fields: LogFields): string {
  let members = "";
  for (const name in fields) {
    const value = fields[name as LogField];
    if (value !== undefined && value !== null && KNOWN.has(name))
      members += `,"${name}":${JSON.stringify(value)}`;
  }
  return members;
}

function writeStdout(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** An error and what caused it, in one redacted text: names and messages, and our own frames for a bug. */
export function describeCause(error: unknown): string {
  const parts: string[] = [];
  let current = error;
  for (let depth = 0; current instanceof Error && depth < 5; depth++) {
    parts.push(`${current.name}: ${current.message}`);
    current = current.cause;
  }
  return redact(parts.join(" < "), []);
}
