import { type AccessPolicy, DEFAULT_POLICY, parseAccessPolicy } from "../access/policy.ts";
import type { Endpoint } from "../net/endpoint.ts";
import { parseEndpoint } from "../net/endpoint.ts";
import { LOG_LEVELS, type LogLevel } from "../observe/log.ts";
import { type Environment, integer, oneOf, read, required } from "./environment.ts";

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
  logLevel: LogLevel;
}

export type ConfigReading = { config: Config; faults: null } | { config: null; faults: readonly string[] };

/** Reads the environment once. Never throws: all faults come together, none with a value. */
export function readConfig(env: Environment): ConfigReading {
  const faults: string[] = [];
  const config: Config = {
    workspaceSecretId: required(env, "WORKSPACE_SECRET_ID", faults),
    workspaceEndpoint: endpoint(env, "WORKSPACE_ENDPOINT", faults),
    secretTtlMs: integer(env, "SECRET_TTL_SECONDS", 300, 0, 86_400, faults) * 1000,
    resultTtlMs: integer(env, "RESULT_TTL_SECONDS", 30, 0, 3600, faults) * 1000,
    secretsSource: oneOf(env, "SECRETS_SOURCE", ["sdk", "extension"], "sdk", faults),
    requestBudgetMs: integer(env, "REQUEST_BUDGET_MS", 8000, 100, 900_000, faults),
    batchConcurrency: integer(env, "BATCH_CONCURRENCY", 5, 1, 20, faults),
    accessPolicy: accessPolicy(env, "ACCESS_POLICY", faults),
    corsOrigins: origins(env, "CORS_ORIGINS", faults),
    jwtIssuer: issuer(env, "JWT_ISSUER", faults),
    logLevel: oneOf(env, "LOG_LEVEL", LOG_LEVELS, "info", faults),
  };
  return faults.length > 0 ? { config: null, faults } : { config: Object.freeze(config), faults: null };
}

function endpoint(env: Environment, name: string, faults: string[]): Endpoint | null {
  const value = read(env, name);
  if (value === undefined) return null;
  try {
    return parseEndpoint(value);
  } catch (error) {
    faults.push(`${name} ${(error as Error).message}`);
    return null;
  }
}

function accessPolicy(env: Environment, name: string, faults: string[]): AccessPolicy {
  const value = read(env, name);
  if (value === undefined) return DEFAULT_POLICY;
  const { policy, faults: found } = parseAccessPolicy(value);
  for (const fault of found ?? []) faults.push(`${name}${/^[.[]/.test(fault) ? "" : " "}${fault}`);
  return policy ?? [];
}

function origins(env: Environment, name: string, faults: string[]): string[] {
  const values = (read(env, name) ?? "").split(",").map((value) => value.trim());
  const given = values.filter((value) => value !== "");
  for (const value of given) {
    if (!URL.canParse(value) || new URL(value).origin !== value) {
      faults.push(`${name} must be a comma-separated list of origins such as https://console.example.com`);
      break;
    }
  }
  return given;
}

function issuer(env: Environment, name: string, faults: string[]): string | null {
  const value = read(env, name) ?? null;
  if (value === null || /^https:\/\/[^\s"]+$/.test(value)) return value;
  faults.push(`${name} must be an https URL`);
  return null;
}
