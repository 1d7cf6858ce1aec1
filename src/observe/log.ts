import { writeInstant } from "../time/instant.ts";
import { KNOWN, type LogField, type LogFields } from "./log-fields.ts";
import { embeddedMetrics } from "./metrics.ts";
import { redact } from "./redact.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

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

/** Writes a structured log line. Only the fields it knows are written. */
export type Warn = (event: string, fields?: Record<string, string | number | null>) => void;

export interface LogOptions {
  level: LogLevel;
  /** Of the deployment, such as `prod`: metrics are told apart by it. Without one, no metrics are taken. */
  stage?: string | null;
  /** The X-Ray trace of the invocation that is under way. */
  xrayTraceId?: () => string | null;
  /** Takes one line without its end. */
  write?: (line: string) => void;
  /** Milliseconds since the epoch. */
  wallNow?: () => number;
}

const SEVERITY: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * One flat JSON object per line. It goes to stdout directly: Lambda's `console` would nest it under `message`.
 */
export function createLog({
  level,
  stage = null,
  xrayTraceId = () => null,
  write = writeStdout,
  wallNow = Date.now,
}: LogOptions): Log {
  function put(now: number, lineLevel: LogLevel, event: string, members: string): void {
    const timestamp = writeInstant(now);
    write(`{"timestamp":"${timestamp}","level":"${lineLevel.toUpperCase()}","message":"${event}"${members}}`);
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
      const traced = membersOf({ xray_trace_id: xrayTraceId() });
      const metrics = stage === null ? "" : embeddedMetrics(outcome, stage, now);
      put(now, lineLevel, "request", membersOf(facts) + membersOf(outcome) + traced + metrics);
    },
    audit: (fields) => put(wallNow(), "info", "audit", membersOf(fields)),
  };
}

/** The fields as members of a JSON object, each after a comma. Text by text: an object would be made only to be written. */
function membersOf(fields: LogFields): string {
  let members = "";
  for (const name in fields) {
    const value = fields[name as LogField];
    if (value === undefined || value === null || !KNOWN.has(name)) continue;
    members += `,"${name}":${Number.isFinite(value) ? value : JSON.stringify(value)}`;
  }
  return members;
}

/** At once: a line that waits for the next tick is lost with a process that ends before it. */
function writeStdout(line: string): void {
  process.stdout.write(`${line}\n`);
}

// A path of the machine, up to the name of the file; the path of a URL follows a host.
const FOLDERS = /(?<![\w.:/-])(?:file:\/\/)?\/(?:[\w.@-]+\/)+(?=[\w.@-])/g;

/** An error and what caused it, in one redacted text: names and messages, no path of a machine. */
export function describeCause(error: unknown): string {
  const parts: string[] = [];
  let current = error;
  for (let depth = 0; current instanceof Error && depth < 5; depth++) {
    parts.push(`${current.name}: ${current.message}`);
    current = current.cause;
  }
  return redact(parts.join(" < ").replace(FOLDERS, "…/"), []);
}
