import type { LogLevel } from "../config.ts";
import { redact } from "../redact.ts";
import { embeddedMetrics } from "./metrics.ts";

/**
 * The fields that a log line may have. There is no way to write any other, so nothing secret or personal can
 * slip in by way of an object that happened to be at hand.
 */
const FIELDS = [
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

export type LogField = (typeof FIELDS)[number];
export type LogFields = Partial<Record<LogField, string | number | boolean | null>>;

export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** The one line of a request, written whatever the level: metrics are taken out of it. */
  request(level: LogLevel, fields: LogFields): void;
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
  function put(lineLevel: LogLevel, event: string, fields: LogFields, hasMetrics: boolean): void {
    const now = wallNow();
    let line = `{"timestamp":"${new Date(now).toISOString()}","level":"${lineLevel.toUpperCase()}","message":${JSON.stringify(event)}`;
    // Field by field: an object that is built only to be written takes half as long again.
    for (const name of FIELDS) {
      const value = fields[name];
      if (value !== undefined && value !== null) line += `,"${name}":${JSON.stringify(value)}`;
    }
    if (hasMetrics) line += `,"_aws":${JSON.stringify(embeddedMetrics(fields, now))}`;
    write(`${line}}`);
  }

  function at(lineLevel: LogLevel) {
    return (event: string, fields: LogFields = {}) => {
      if (SEVERITY[lineLevel] >= SEVERITY[level]) put(lineLevel, event, fields, false);
    };
  }

  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    request: (lineLevel, fields) => put(lineLevel, "request", { requests: 1, ...fields }, true),
    audit: (fields) => put("info", "audit", fields, false),
  };
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
