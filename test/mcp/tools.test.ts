import { readFile } from "node:fs/promises";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/client/validators/ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { composeAsked } from "../../src/compose/asked.ts";
import {
  batchAnswerSchema,
  problemSchema,
  resultSchema,
  unbindingSchema,
} from "../../src/contract/answers.ts";
import { LookupError } from "../../src/contract/errors.ts";
import {
  holderSchema,
  holdersAnswerSchema,
  personAnswerSchema,
  personRowSchema,
} from "../../src/contract/ledger-answers.ts";
import {
  holdersByIdSchema,
  holdersByNameSchema,
  personQuerySchema,
} from "../../src/contract/ledger-questions.ts";
import { parseBatchQuery, parseQuery } from "../../src/contract/query.ts";
import { batchQuerySchema, queryByIdSchema, queryByNameSchema } from "../../src/contract/questions.ts";
import { createInvokeFunction } from "../../src/invoke/invoke-function.ts";
import { TOOLS } from "../../src/mcp/tools.ts";
import { buildSchemas } from "../../tools/agents/schemas.ts";
import { buildAgentCoreTools, buildFunctions } from "../../tools/agents/tools.ts";
import { SECRET } from "../support/api.ts";
import { createMemoryTable } from "../support/memory-table.ts";
import { rowsOf, stage } from "../support/world.ts";
import { fillLedger } from "./ledger.ts";
import { anMcpServer, legacy } from "./messages.ts";

type Json = Record<string, unknown>;

/** As the official clients check. */
const validator = new AjvJsonSchemaValidator();
const isValid = (schema: Json, value: unknown) => validator.getValidator(schema)(value).valid;

const read = async (path: string) => JSON.parse(await readFile(path, "utf8"));
type Tool = (typeof TOOLS)[number];
const [one, many, person, holders] = TOOLS as unknown as [Tool, Tool, Tool, Tool];
const NOW = Date.UTC(2027, 0, 1);
const keysOf = (schema: Json) => Object.keys(schema["properties"] as Json).sort();
const shapeOf = ({ shape }: { shape: object }) => Object.keys(shape);
const itemsOf = (schema: Json, name: string) =>
  ((schema["properties"] as Record<string, Json>)[name] as Json)["items"] as Json;

describe("what is checked in", () => {
  it.each([
    ["src/mcp/schemas.json", buildSchemas],
    ["agents/agentcore-tools.json", buildAgentCoreTools],
    ["agents/tools.json", buildFunctions],
  ])("is what the schemas say now: %s; else run `npm run agents`", async (path, build) => {
    expect(await read(path)).toEqual(JSON.parse(JSON.stringify(build())));
  });
});

describe("the tools", () => {
  it("are listed in one order, with all that a client shows or checks", async () => {
    const { table: ledger } = createMemoryTable(() => NOW);
    const { send } = anMcpServer({ env: { LEDGER_TABLE: "ledger" }, world: { ledger } });
    const { body, headers } = legacy("tools/list");
    const { tools } = (await send(body, headers)).body.result;
    expect(tools).toEqual(JSON.parse(JSON.stringify(TOOLS)));
    expect((await send(body, headers)).body.result.tools).toEqual(tools);
    for (const tool of tools) {
      expect(tool.name).toMatch(/^[a-z_]{1,64}$/);
      expect(tool.title.length * tool.description.length).toBeGreaterThan(0);
      expect(tool.annotations).toMatchObject({ readOnlyHint: true });
      for (const schema of [tool.inputSchema, tool.outputSchema]) {
        expect(schema.type).toBe("object");
        expect(isValid(schema, [])).toBe(false);
        // Some makers of models take none of these.
        expect(JSON.stringify(schema)).not.toMatch(/"(?:anyOf|oneOf|allOf|\$ref|x-mcp-header)"/);
      }
    }
  });

  it("ask for what the schemas of HTTP read, each part described", () => {
    const single = new Set([...shapeOf(queryByIdSchema()), ...shapeOf(queryByNameSchema())]);
    expect(keysOf(one.inputSchema)).toEqual([...single].sort());
    expect(keysOf(many.inputSchema)).toEqual(shapeOf(batchQuerySchema()).sort());
    expect(keysOf(person.inputSchema)).toEqual(shapeOf(personQuerySchema()).sort());
    const atATime = new Set([...shapeOf(holdersByIdSchema()), ...shapeOf(holdersByNameSchema())]);
    expect(keysOf(holders.inputSchema)).toEqual([...atATime].sort());
    for (const { inputSchema } of TOOLS) {
      expect(inputSchema["additionalProperties"]).toBe(false);
      for (const part of Object.values(inputSchema["properties"] as Record<string, Json>)) {
        expect(part["description"]).toBeTypeOf("string");
      }
    }
  });

  it("answer with what the schemas of HTTP answer with", () => {
    expect(keysOf(one.outputSchema)).toEqual(shapeOf(resultSchema).sort());
    expect(one.outputSchema["required"]).toEqual(shapeOf(resultSchema));
    expect(keysOf(itemsOf(one.outputSchema, "unbindings"))).toEqual(shapeOf(unbindingSchema).sort());
    expect(keysOf(many.outputSchema)).toEqual(shapeOf(batchAnswerSchema).sort());
    const item = itemsOf(many.outputSchema, "results");
    const parts = new Set(["ok", ...shapeOf(resultSchema), ...shapeOf(problemSchema)]);
    expect(keysOf(item)).toEqual([...parts].sort());
    expect(keysOf(itemsOf(item, "unbindings"))).toEqual(shapeOf(unbindingSchema).sort());
    for (const [{ outputSchema }, answer, list, row] of [
      [person, personAnswerSchema, "unbindings", personRowSchema],
      [holders, holdersAnswerSchema, "holders", holderSchema],
    ] as const) {
      expect(outputSchema["required"]).toEqual(shapeOf(answer));
      expect(itemsOf(outputSchema, list)["required"]).toEqual(shapeOf(row));
    }
  });
});

describe("what a tool's input schema admits", () => {
  const instant = fc.constantFrom("2026-02-10T08:15:30Z", "30d", "12h", "45m");
  const filters = {
    until: instant,
    user: fc.constantFrom("alice", "李"),
    type: fc.constantFrom("USER", "GROUP"),
    profile: fc.constant("default"),
    fresh: fc.boolean(),
  };
  const some = (parts: Record<string, fc.Arbitrary<unknown>>, requiredKeys: string[]) =>
    fc.record(parts, { requiredKeys });

  it.each([
    ["find_unbindings", parseQuery, 1000, { desktop_name: fc.constantFrom("WIN-ALICE", "b u i l d") }],
    ["find_unbindings", parseQuery, 1000, { desktop_id: fc.constantFrom("a", "4ba8bea4-1b8d") }],
    [
      "find_unbindings_of_many",
      parseBatchQuery,
      100,
      { desktop_ids: fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1 }) },
    ],
  ] as const)("is read as a question: %s", (name, parse, most, desktop) => {
    const schema = TOOLS.find((tool) => tool.name === name)?.inputSchema as Json;
    const admits = (input: unknown) => isValid(schema, input);
    const input = some(
      { ...desktop, ...filters, limit: fc.integer({ min: 1, max: most }) },
      Object.keys(desktop),
    );
    fc.assert(
      fc.property(input, (input) => {
        expect(admits(input)).toBe(true);
        expect(() => parse(input, Date.UTC(2027, 0, 1))).not.toThrow();
      }),
      { numRuns: 500 },
    );
    for (const limit of [0, most + 1, 1.5]) {
      const [asked] = fc.sample(some(desktop, Object.keys(desktop)), 1);
      expect(admits({ ...asked, limit })).toBe(false);
      expect(() => parse({ ...asked, limit }, 0)).toThrow(LookupError);
    }
  });
});

describe("agents/agentcore-tools.json", () => {
  it("says no more of a schema than AgentCore takes", async () => {
    const words = new Set(["type", "properties", "required", "items", "description"]);
    const look = (schema: Json): void => {
      expect(Object.keys(schema).filter((key) => !words.has(key))).toEqual([]);
      for (const part of Object.values((schema["properties"] ?? {}) as Record<string, Json>)) look(part);
      if (schema["items"]) look(schema["items"] as Json);
    };
    const tools = await read("agents/agentcore-tools.json");
    expect(tools.map(({ name }: { name: string }) => name)).toEqual(TOOLS.map(({ name }) => name));
    for (const tool of tools) {
      expect(Object.keys(tool)).toEqual(["name", "description", "inputSchema"]);
      look(tool.inputSchema);
    }
  });

  it("describes what the function `invoke` takes for its event", async () => {
    const { table: ledger } = createMemoryTable(() => NOW);
    await fillLedger(ledger, NOW);
    const { env, world } = stage({ say: () => rowsOf("desktop-1", "alice") });
    const composition = composeAsked(
      { ...env, WORKSPACE_SECRET_ID: "workspace", LEDGER_TABLE: "ledger" },
      { ...world, ledger, wallNow: () => NOW, fetchSecret: async () => JSON.stringify(SECRET) },
    );
    const invoke = createInvokeFunction(composition);
    const events: Record<string, object> = {
      find_unbindings: { desktop_id: "desktop-1", type: "USER", limit: 5, fresh: true },
      find_unbindings_of_many: { desktop_ids: ["desktop-1", "desktop-2"], limit: 5 },
      find_unbindings_of_person: { user: "alice", since: "30d", limit: 2 },
      find_holders: { desktop_name: "win-old", at: "1h" },
    };
    for (const { name, inputSchema } of await read("agents/agentcore-tools.json")) {
      const event = events[name] as object;
      expect(isValid(inputSchema, event)).toBe(true);
      const tool = TOOLS.find((each) => each.name === name);
      expect(isValid(tool?.outputSchema as Json, await invoke(event, {} as never))).toBe(true);
    }
  });
});

describe("agents/tools.json", () => {
  it("has every tool as a function with the same input", async () => {
    expect(await read("agents/tools.json")).toEqual(
      TOOLS.map(({ name, description, inputSchema }) => ({
        type: "function",
        function: { name, description, parameters: inputSchema },
      })),
    );
  });
});
