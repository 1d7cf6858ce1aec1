import { AjvJsonSchemaValidator } from "@modelcontextprotocol/client/validators/ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Table } from "../../src/ledger/table.ts";
import { TOOLS } from "../../src/mcp/tools.ts";
import { DESKTOP } from "../support/api.ts";
import type { EventShape } from "../support/events.ts";
import { createMemoryTable } from "../support/memory-table.ts";
import { fillLedger, INJECTION, keepLoss } from "./ledger.ts";
import { anMcpServer, legacy, modern } from "./messages.ts";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const INSTANT = fc.constantFrom("2026-11-20T08:15:30Z", "2026-11-20T08:15:30+02:00", "30d", "12h", "45m");

async function aLedger() {
  const { table } = createMemoryTable(() => NOW);
  await fillLedger(table, NOW);
  return table;
}

function serverOn(ledger: Table, env: Record<string, string> = {}, shape: EventShape = "v2") {
  const server = anMcpServer(
    { env: { LEDGER_TABLE: "ledger", ...env }, world: { ledger, wallNow: () => NOW } },
    shape,
  );
  const call = async (name: string, input: object) => {
    const { body, headers } = modern("tools/call", { name, arguments: input });
    return server.send(body, { ...headers, "x-request-id": "request-0001" });
  };
  const problemOf = async (name: string, input: object) => {
    const { isError, structuredContent, content } = (await call(name, input)).body.result;
    expect([isError, structuredContent, content.length]).toEqual([true, undefined, 1]);
    return JSON.parse(content[0].text);
  };
  return { ...server, call, problemOf };
}

describe("the ledger's tools", () => {
  it("are listed and called only where there is a ledger", async () => {
    const without = anMcpServer();
    const names = async ({ send }: Pick<typeof without, "send">) => {
      const { tools } = (await send(legacy("tools/list").body)).body.result;
      return tools.map(({ name }: { name: string }) => name);
    };
    expect(await names(without)).toEqual(["find_unbindings", "find_unbindings_of_many"]);
    expect(await names(serverOn(await aLedger()))).toEqual([
      "find_unbindings",
      "find_unbindings_of_many",
      "find_unbindings_of_person",
      "find_holders",
    ]);
    for (const name of ["find_unbindings_of_person", "find_holders"]) {
      const { error } = (await without.send(legacy("tools/call", { name }).body)).body;
      expect(error).toEqual({ code: -32602, message: "Invalid params: unknown tool" });
    }
  });

  it.each([
    [
      "find_unbindings_of_person",
      { user: "ALICE", limit: 2, type: "user" },
      "/v1/unbindings?user=ALICE&limit=2&type=user",
    ],
    ["find_unbindings_of_person", { user: "nobody-known" }, "/v1/unbindings?user=nobody-known"],
    ["find_holders", { desktop_name: "win-old", at: "1h" }, "/v1/holders?desktop_name=win-old&at=1h"],
    [
      "find_holders",
      { desktop_id: DESKTOP, at: "2026-11-20T09:00:00+01:00" },
      `/v1/desktops/${DESKTOP}/holders?at=2026-11-20T09:00:00%2B01:00`,
    ],
  ])("tell the same as HTTP: %s %j", async (name, input, target) => {
    const { call, handle } = serverOn(await aLedger());
    const [path = "", query = ""] = target.split("?");
    const http = await handle({ path, query, headers: { "x-request-id": "request-0001" } });
    expect(http.statusCode).toBe(200);
    const { structuredContent, content } = (await call(name, input)).body.result;
    expect(structuredContent).toEqual(JSON.parse(http.body));
    expect(content).toEqual([{ type: "text", text: JSON.stringify(structuredContent) }]);
  });

  it("go on by the cursor until there is no more", async () => {
    const { call } = serverOn(await aLedger());
    const first = (await call("find_unbindings_of_person", { user: "alice", limit: 2 })).body.result;
    const { cursor, truncated } = first.structuredContent;
    expect(truncated).toBe(true);
    const rest = (await call("find_unbindings_of_person", { user: "alice", limit: 2, cursor })).body.result;
    expect(rest.structuredContent).toMatchObject({ count: 1, truncated: false, cursor: null });
  });

  it("never say 'nobody' where nothing is known", async () => {
    const { call } = serverOn(createMemoryTable(() => NOW).table);
    const { structuredContent } = (await call("find_unbindings_of_person", { user: "alice" })).body.result;
    expect(structuredContent).toMatchObject({ complete: false, note: expect.stringMatching(/^Not known/) });
  });

  it.each([
    ["find_unbindings_of_person", {}, ["user"]],
    [
      "find_unbindings_of_person",
      { user: "alice", limit: 0, since: "x", fresh: true },
      ["fresh", "limit", "since"],
    ],
    ["find_unbindings_of_person", { user: "alice", desktop_id: DESKTOP }, ["desktop_id"]],
    ["find_unbindings_of_person", { user: "alice", cursor: "forged" }, ["cursor"]],
    ["find_unbindings_of_person", { user: ["alice"] }, ["user"]],
    ["find_holders", { at: "1h" }, ["desktop_id"]],
    ["find_holders", { desktop_id: DESKTOP }, ["at"]],
    ["find_holders", { desktop_id: DESKTOP, at: "2026-11-20T09:00:00" }, ["at"]],
    ["find_holders", { desktop_id: DESKTOP, desktop_name: "x", at: "1h" }, ["desktop_name"]],
  ])("name what is wrong with a question: %s %j", async (name, input, fields) => {
    const { problemOf } = serverOn(await aLedger());
    const { code, errors } = await problemOf(name, input);
    expect(code).toBe("INVALID_REQUEST");
    expect(errors.map(({ field }: { field: string }) => field).sort()).toEqual(fields);
  });

  it.each([
    [
      "find_unbindings_of_person",
      { user: fc.constantFrom("alice", "李") },
      { limit: fc.integer({ min: 1, max: 1000 }), since: INSTANT, type: fc.constantFrom("USER", "group") },
      [{ limit: 0 }, { limit: 1001 }, { since: "x" }, { cursor: 1 }],
    ],
    [
      "find_holders",
      { desktop_id: fc.constant(DESKTOP), at: INSTANT },
      {},
      [{ at: "x" }, { limit: 1 }, { user: "alice" }],
    ],
  ] as const)(
    "read what their input schemas admit, and nothing else: %s",
    async (name, wanted, more, faulty) => {
      const { call, problemOf } = serverOn(await aLedger());
      const schema = TOOLS.find((tool) => tool.name === name)?.inputSchema ?? {};
      const admits = (input: unknown) => new AjvJsonSchemaValidator().getValidator(schema)(input).valid;
      const whole: Record<string, fc.Arbitrary<unknown>> = {
        ...wanted,
        ...more,
        profile: fc.constant("default"),
      };
      const inputs = fc.record(whole, { requiredKeys: Object.keys(wanted) });
      await fc.assert(
        fc.asyncProperty(inputs, async (input) => {
          expect(admits(input)).toBe(true);
          expect((await call(name, input)).body.result.isError ?? false).toBe(false);
        }),
        { numRuns: 50 },
      );
      const [asked] = fc.sample(fc.record({ ...wanted } as typeof whole), 1);
      for (const fault of faulty) {
        expect(admits({ ...asked, ...fault })).toBe(false);
        expect((await problemOf(name, { ...asked, ...fault })).code).toBe("INVALID_REQUEST");
      }
    },
  );

  it("know no desktop that the watch has not seen, and say so in the line", async () => {
    const { problemOf, lines } = serverOn(await aLedger());
    expect((await problemOf("find_holders", { desktop_id: "other", at: "1h" })).code).toBe(
      "DESKTOP_NOT_FOUND",
    );
    expect(lines.at(-1)).toMatchObject({ message: "request", route: "/mcp", code: "DESKTOP_NOT_FOUND" });
  });

  it("hold hostile names as data: in one text of JSON, and nowhere else", async () => {
    const { call, problemOf } = serverOn(await aLedger());
    for (const [name, input, list] of [
      ["find_holders", { desktop_id: DESKTOP, at: "1h" }, "holders"],
      ["find_unbindings_of_person", { user: "u-9" }, "unbindings"],
    ] as const) {
      const { result, ...envelope } = (await call(name, input)).body;
      const { content, structuredContent, ...rest } = result;
      expect(structuredContent[list]).toMatchObject([{ user_name: INJECTION }]);
      expect(content).toEqual([{ type: "text", text: JSON.stringify(structuredContent) }]);
      expect(JSON.stringify([envelope, rest, structuredContent.note])).not.toContain("Ignore");
    }
    const { candidates, ...problem } = await problemOf("find_holders", { desktop_name: INJECTION, at: "1h" });
    expect(problem.code).toBe("AMBIGUOUS_NAME");
    expect(candidates.map((each: { desktop_id: string }) => each.desktop_id).sort()).toEqual(["d-1", "d-2"]);
    expect(JSON.stringify(problem)).not.toContain("Ignore");
  });

  it("are refused to who may not see users, and to who is on no list", async () => {
    for (const policy of ['[{"hide_users":true}]', '[{"claims":{"sub":"alice@example.com"}}]']) {
      const { problemOf, lines } = serverOn(await aLedger(), { ACCESS_POLICY: policy });
      expect((await problemOf("find_unbindings_of_person", { user: "alice" })).code).toBe("FORBIDDEN");
      expect((await problemOf("find_holders", { desktop_id: DESKTOP, at: "1h" })).code).toBe("FORBIDDEN");
      const audits = lines.filter(({ message }) => message === "audit");
      expect(audits.map(({ code, route }) => [code, route])).toEqual(Array(2).fill(["FORBIDDEN", "/mcp"]));
    }
  });

  it("leave one audit line for each call, with the question and without the person", async () => {
    const { call, lines } = serverOn(await aLedger());
    await call("find_unbindings_of_person", { user: "alice" });
    await call("find_holders", { desktop_name: "WIN-OLD", at: "1h" });
    const audits = lines.filter(({ message }) => message === "audit");
    const shared = {
      caller: "unnamed",
      route: "/mcp",
      profile: "default",
      outcome: "ok",
      request_id: "request-0001",
    };
    expect(audits).toEqual([
      expect.objectContaining({ ...shared, question: "unbindings_of_person", rows: 3 }),
      expect.objectContaining({ ...shared, question: "holders", desktop_id: DESKTOP, rows: 1 }),
    ]);
    expect(lines.at(-1)).toMatchObject({
      message: "request",
      route: "/mcp",
      desktop_id: DESKTOP,
      outcome: "ok",
    });
    expect(JSON.stringify(lines)).not.toMatch(/"alice|ignore all/i);
  });

  it("keep a page within an ALB's 1 MB, and its cursor goes on where it ends", async () => {
    const table = await aLedger();
    // Quotes are the worst: escaped once in the answer, three times over in its text.
    const wide = { user_id: "u-7", user_name: '"'.repeat(2000), user_group: '"'.repeat(2000) };
    for (let at = 0; at < 700; at++) {
      await keepLoss(table, { ...wide, detach_time: new Date(NOW - at * 60_000).toISOString() });
    }
    const { call } = serverOn(table, {}, "alb");
    let seen = 0;
    let cursor: string | undefined;
    do {
      const answer = await call("find_unbindings_of_person", {
        user: "u-7",
        limit: 1000,
        ...(cursor && { cursor }),
      });
      expect(Buffer.byteLength(JSON.stringify(answer.text))).toBeLessThan(1_000_000);
      const { count, cursor: next, unbindings } = answer.body.result.structuredContent;
      expect(unbindings).toHaveLength(count);
      seen += count;
      cursor = next ?? undefined;
    } while (cursor);
    expect(seen).toBe(700);
  });
});
