import { type AccessPolicy, DEFAULT_POLICY, parseAccessPolicy } from "../access/policy.ts";
import type { Endpoint } from "../net/endpoint.ts";
import { parseEndpoint } from "../net/endpoint.ts";
import { LOG_LEVELS, type LogLevel } from "../observe/log.ts";
import { type Environment, EnvironmentReader, read } from "./environment.ts";

/** What an operator has set, checked and frozen. Times in milliseconds. */
export interface Config {
  workspaceSecretId: string;
  /** Overrides the endpoint of every profile. */
  workspaceEndpoint: Endpoint | null;
  secretTtlMs: number;
  resultTtlMs: number;
  secretsSource: "sdk" | "extension";
  requestBudgetMs: number;
  /** How many desktops of a batch are asked about at the same time. */
  batchConcurrency: number;
  /** Who may ask about which profile. */
  accessPolicy: AccessPolicy;
  /** Origins that browsers may call from; none by default. */
  corsOrigins: readonly string[];
  /** Whose tokens the gateway in front takes, if it takes tokens: OAuth clients are sent there. */
  jwtIssuer: string | null;
  /** The watch's ledger; without it, what it alone knows cannot be asked. */
  ledgerTable: string | null;
  logLevel: LogLevel;
  /** What metrics are told apart by; without it, none are taken. */
  stage: string | null;
}

export type ConfigReading = { config: Config; faults: null } | { config: null; faults: readonly string[] };

/** Reads the environment once. Never throws: all faults come together, none with a value. */
export function readConfig(env: Environment): ConfigReading {
  const from = new EnvironmentReader(env);
  const config: Config = {
    workspaceSecretId: from.required("WORKSPACE_SECRET_ID"),
    workspaceEndpoint: from.parsed<Endpoint | null>("WORKSPACE_ENDPOINT", null, parseEndpoint),
    secretTtlMs: from.integer("SECRET_TTL_SECONDS", 300, { min: 0, max: 86_400 }) * 1000,
    resultTtlMs: from.integer("RESULT_TTL_SECONDS", 30, { min: 0, max: 3600 }) * 1000,
    secretsSource: from.oneOf("SECRETS_SOURCE", "sdk", ["sdk", "extension"]),
    requestBudgetMs: from.integer("REQUEST_BUDGET_MS", 8000, { min: 100, max: 900_000 }),
    batchConcurrency: from.integer("BATCH_CONCURRENCY", 5, { min: 1, max: 20 }),
    accessPolicy: accessPolicy(from, "ACCESS_POLICY"),
    corsOrigins: origins(from, "CORS_ORIGINS"),
    jwtIssuer: from.parsed<string | null>("JWT_ISSUER", null, parseIssuer),
    ledgerTable: from.optional("LEDGER_TABLE"),
    logLevel: from.oneOf("LOG_LEVEL", "info", LOG_LEVELS),
    stage: stageOf(env),
  };
  const { faults } = from;
  return faults.length > 0 ? { config: null, faults } : { config: Object.freeze(config), faults: null };
}

/** The stage is known even while the rest of the configuration is faulty. */
export function stageOf(env: Environment): string | null {
  return read(env, "STAGE") ?? null;
}

/** Unlike other variables it can have several faults, each with its place. */
function accessPolicy(from: EnvironmentReader, name: string): AccessPolicy {
  const value = from.optional(name);
  if (value === null) return DEFAULT_POLICY;
  const { policy, faults } = parseAccessPolicy(value);
  for (const fault of faults ?? []) from.faults.push(`${name}${/^[.[]/.test(fault) ? "" : " "}${fault}`);
  return policy ?? [];
}

function origins(from: EnvironmentReader, name: string): string[] {
  const given = from.list(name);
  if (!given.every((value) => URL.canParse(value) && new URL(value).origin === value)) {
    from.faults.push(`${name} must be a comma-separated list of origins such as https://console.example.com`);
  }
  return given;
}

function parseIssuer(value: string): string {
  if (/^https:\/\/[^\s"]+$/.test(value)) return value;
  throw new Error("must be an https URL");
}
