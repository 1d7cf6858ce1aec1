import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import {
  batchAnswerSchema,
  healthSchema,
  problemSchema,
  profileListSchema,
  readinessSchema,
  resultSchema,
} from "../../src/contract/answers.ts";
import { ERROR_CODES } from "../../src/contract/errors.ts";
import { parseBatchQuery, parseQuery } from "../../src/contract/query.ts";
import { buildDocument } from "../../tools/openapi/document.ts";
import { type OperationId, SCENARIOS, show } from "../../tools/openapi/scenarios.ts";

const SCHEMAS: Record<OperationId, { parse(value: unknown): unknown }> = {
  getUnbindings: resultSchema,
  getUnbindingsByName: resultSchema,
  queryUnbindings: batchAnswerSchema,
  getProfiles: profileListSchema,
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

  it("asks as the handler does: its patterns refuse nothing that is taken, and hardly more", async () => {
    const document = JSON.parse(await readFile("openapi.json", "utf8"));
    const parameters = document.paths["/v1/desktops/{desktop_id}/unbindings"].get.parameters as {
      name: string;
      example?: unknown;
      schema: { pattern: string };
    }[];
    const patternOf = (wanted: string) =>
      new RegExp(parameters.find(({ name }) => name === wanted)?.schema.pattern ?? "$^");
    const takes = (name: string, value: string) => {
      try {
        parseQuery({ desktop_id: "d1", [name]: value }, Date.parse("2026-03-01T09:00:00Z"));
        return true;
      } catch {
        return false;
      }
    };
    for (const [name, values] of Object.entries(ASKED)) {
      for (const value of values)
        expect(patternOf(name).test(value), `${name}=${value}`).toBe(takes(name, value));
    }
    const { desktop_ids: ids } =
      document.paths["/v1/unbindings/query"].post.requestBody.content["application/json"].schema.properties;
    expect(ids).toMatchObject({ minItems: 1, maxItems: 100, uniqueItems: true });
  });

  it("gives examples of parameters that can be asked together, by every operation", async () => {
    const { paths } = JSON.parse(await readFile("openapi.json", "utf8"));
    for (const path of ["/v1/desktops/{desktop_id}/unbindings", "/v1/unbindings"]) {
      const examples = paths[path].get.parameters.map(
        ({ name, example }: { name: string; example: unknown }) => [name, example],
      );
      const question = Object.fromEntries(
        examples.filter(([, example]: [string, unknown]) => example !== undefined),
      );
      for (const year of [2026, 2030]) expect(() => parseQuery(question, Date.UTC(year))).not.toThrow();
    }
    const { properties } = paths["/v1/unbindings/query"].post.requestBody.content["application/json"].schema;
    const fields = Object.entries(properties as Record<string, { examples?: unknown[] }>);
    const body = Object.fromEntries(
      fields.flatMap(([name, { examples }]) => (examples ? [[name, examples[0]]] : [])),
    );
    expect(() => parseBatchQuery(body, Date.UTC(2030))).not.toThrow();
  });

  it("documents for every operation what can come of any: too large a body, a faulty configuration", async () => {
    const { paths } = JSON.parse(await readFile("openapi.json", "utf8"));
    for (const [path, operations] of Object.entries<Record<string, { responses: object }>>(paths)) {
      for (const { responses } of Object.values(operations)) {
        expect(Object.keys(responses), path).toEqual(
          expect.arrayContaining(["200", "405", "413", path === "/ready" ? "503" : "500"]),
        );
      }
    }
  });
});

const ASKED = {
  since: [
    "30d",
    "12h",
    "999999m",
    "2026-02-10T08:15:30Z",
    "2026-02-10t08:15:30.123456789z",
    "2026-02-10 08:15:30+02:00",
    "",
    "1000000d",
    "30",
    "30D",
    "-1d",
    "yesterday",
    "2026-02-10",
    "2026-02-10T08:15:30",
    "2026-02-10T08:15Z",
    "2026-02-10T08:15:30.Z",
    "2026-02-10T08:15:30+0200",
    "2026-02-10T08:15:30:599000Z",
  ],
  type: ["USER", "user", "User", "GROUP", "group", "gRoup", "", "ROBOT", "USERS", " USER"],
};
