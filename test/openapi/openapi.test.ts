import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import {
  batchAnswerSchema,
  healthSchema,
  problemSchema,
  readinessSchema,
  resultSchema,
} from "../../src/contract/answers.ts";
import { ERROR_CODES } from "../../src/contract/errors.ts";
import { buildDocument } from "../../tools/openapi/document.ts";
import { type OperationId, SCENARIOS, show } from "../../tools/openapi/scenarios.ts";

const SCHEMAS: Record<OperationId, { parse(value: unknown): unknown }> = {
  getUnbindings: resultSchema,
  getUnbindingsByName: resultSchema,
  queryUnbindings: batchAnswerSchema,
  getHealth: healthSchema,
  getReadiness: readinessSchema,
};

/** Codes that no documented operation can answer, each with the reason. */
const ELSEWHERE = {
  UNAUTHENTICATED: "webhooks alone, with an empty body",
};

describe("the OpenAPI document", () => {
  it("is what the schemas and the handler say now; else run `npm run openapi`", async () => {
    expect(JSON.parse(await readFile("openapi.json", "utf8"))).toEqual(
      JSON.parse(JSON.stringify(await buildDocument())),
    );
  });

  it("has no complaint from the linter", async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["node_modules/@redocly/cli/bin/cli.js", "lint", "openapi.json", "--format", "json"],
      {
        env: { PATH: process.env["PATH"], REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
      },
    );
    expect(JSON.parse(stdout)).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] });
  }, 60_000);

  it("shows an example of every code that an operation can answer", async () => {
    const shown = await Promise.all(SCENARIOS.map(show));
    const codes = new Set(shown.map(({ body }) => (body as { code?: string }).code).filter(Boolean));
    const missing = Object.keys(ERROR_CODES).filter((code) => !codes.has(code) && !(code in ELSEWHERE));
    expect(missing).toEqual([]);
    for (const { scenario, body } of shown) {
      if (scenario.name in ERROR_CODES) expect((body as { code?: string }).code).toBe(scenario.name);
    }
  });

  it("shows nothing but answers that its schemas admit, not a key more", async () => {
    for (const scenario of SCENARIOS) {
      const { contentType, body } = await show(scenario);
      if (contentType === "text/csv") continue;
      const schema = contentType === "application/problem+json" ? problemSchema : SCHEMAS[scenario.operation];
      expect(schema.parse(body)).toEqual(body);
    }
  });

  it("gives every example a name of its own", () => {
    const names = SCENARIOS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
