import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/config.ts";

const read = (env: Record<string, string>) => readConfig({ WORKSPACE_SECRET_ID: "workspace", ...env });

describe("the configuration", () => {
  it("has the documented defaults, and is frozen", () => {
    const { config } = read({});
    expect(config).toMatchObject({
      workspaceSecretId: "workspace",
      workspaceEndpoint: null,
      secretTtlMs: 300_000,
      resultTtlMs: 30_000,
      secretsSource: "sdk",
      requestBudgetMs: 8000,
      corsOrigins: [],
      logLevel: "info",
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it("takes an empty variable for an unset one, and blanks for nothing", () => {
    expect(read({ WORKSPACE_ENDPOINT: " ", SECRET_TTL_SECONDS: "", LOG_LEVEL: " " }).config).toEqual(
      read({}).config,
    );
    expect(read({ WORKSPACE_SECRET_ID: " workspace \n" }).config?.workspaceSecretId).toBe("workspace");
  });

  it("is read as it is set", () => {
    expect(
      read({
        WORKSPACE_ENDPOINT: "https://workspace.example.com",
        SECRET_TTL_SECONDS: "60",
        RESULT_TTL_SECONDS: "0",
        SECRETS_SOURCE: "Extension",
        REQUEST_BUDGET_MS: "2500",
        CORS_ORIGINS: "https://a.example.com, http://localhost:5173",
        LOG_LEVEL: "WARN",
      }).config,
    ).toMatchObject({
      workspaceEndpoint: { origin: "https://workspace.example.com" },
      secretTtlMs: 60_000,
      resultTtlMs: 0,
      secretsSource: "extension",
      requestBudgetMs: 2500,
      corsOrigins: ["https://a.example.com", "http://localhost:5173"],
      logLevel: "warn",
    });
  });

  it.each([
    ["WORKSPACE_SECRET_ID", " ", "is not set"],
    ["WORKSPACE_ENDPOINT", "http://example.com", "must be https"],
    ["WORKSPACE_ENDPOINT", "example.com", "must be a URL"],
    ["SECRET_TTL_SECONDS", "-1", "must be a whole number from 0 to 86400"],
    ["SECRET_TTL_SECONDS", "1.5", "must be a whole number"],
    ["SECRET_TTL_SECONDS", "86401", "must be a whole number"],
    ["RESULT_TTL_SECONDS", "3601", "must be a whole number from 0 to 3600"],
    ["RESULT_TTL_SECONDS", "0x10", "must be a whole number"],
    ["REQUEST_BUDGET_MS", "99", "must be a whole number from 100 to 900000"],
    ["SECRETS_SOURCE", "vault", "must be one of sdk, extension"],
    ["LOG_LEVEL", "loud", "must be one of debug, info, warn, error"],
    ["CORS_ORIGINS", "*", "must be a comma-separated list of origins"],
    ["CORS_ORIGINS", "https://a.example.com/", "must be a comma-separated list of origins"],
  ])("names %s=%s as faulty", (name, value, words) => {
    const { config, faults } = read({ [name]: value });
    expect(config).toBeNull();
    expect(faults).toEqual([expect.stringContaining(`${name} ${words}`)]);
  });

  it("has all its faults named at once, none with its value", () => {
    const { faults } = readConfig({
      WORKSPACE_ENDPOINT: "CANARY",
      LOG_LEVEL: "CANARY",
      SECRETS_SOURCE: "CANARY",
    });
    expect(faults).toHaveLength(4);
    expect(faults?.join()).not.toContain("CANARY");
  });
});
