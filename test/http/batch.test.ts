import type { Context } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { createHttpFunction } from "../../src/http/http-function.ts";
import { type Play, rowsOf, stage } from "../support/world.ts";

const JSON_TYPE = { "content-type": "application/json" };

async function post(body: unknown, { headers = {}, query = "", play = {} as Play } = {}) {
  const { composition, heard, log } = stage({
    say: ({ desktopId }) =>
      desktopId === "gone" ? { status: 404, body: {} } : rowsOf(desktopId ?? "", "alice", "=bob"),
    ...play,
  });
  const bytes = body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(asText(body));
  const reply = await createHttpFunction(composition)(
    {
      version: "2.0",
      rawPath: "/v1/unbindings/query",
      rawQueryString: query,
      headers: { ...JSON_TYPE, ...headers },
      requestContext: { http: { method: "POST" } },
      body: bytes.toString("base64"),
      isBase64Encoded: true,
    },
    { awsRequestId: "lambda-request-1" } as Context,
  );
  const isJson = reply.headers?.["content-type"]?.includes("json");
  return { ...reply, answer: isJson ? JSON.parse(reply.body) : null, heard, line: log.at(-1) };
}

const asText = (body: unknown) => (typeof body === "string" ? body : JSON.stringify(body));

describe("POST /v1/unbindings/query", () => {
  it("answers 200 and a result or a problem for each desktop, whatever became of them", async () => {
    const { statusCode, headers, answer, line } = await post({ desktop_ids: ["d0", "gone"], user: "ALICE" });
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({ "cache-control": "no-store", "x-request-id": "lambda-request-1" });
    expect(answer).toMatchObject({
      results: [
        { ok: true, desktop_id: "d0", count: 1, total: 1, last_user_name: "alice" },
        { ok: false, desktop_id: "gone", code: "DESKTOP_NOT_FOUND", type: "/errors/desktop-not-found" },
      ],
      succeeded: 1,
      failed: 1,
      request_id: "lambda-request-1",
    });
    expect(line).toMatchObject({ route: "/v1/unbindings/query", lookups: 2, attempts: 2, failed: 1 });
  });

  it("has a line with the worst code of its items, and how many failed, although its status is 200", async () => {
    const codes: Record<string, number> = { gone: 404, slow: 503, refused: 401 };
    const say: Play["say"] = ({ desktopId }) => ({ status: codes[desktopId ?? ""] ?? 200, body: {} });
    const asked = async (...ids: string[]) => (await post({ desktop_ids: ids }, { play: { say } })).line;
    expect(await asked("d0")).toMatchObject({ level: "INFO", status: 200, outcome: "ok", failed: 0 });
    expect(await asked("d0")).not.toHaveProperty("code");
    expect(await asked("d0", "gone")).toMatchObject({
      level: "INFO",
      status: 200,
      outcome: "error",
      code: "DESKTOP_NOT_FOUND",
      failed: 1,
    });
    expect(await asked("slow", "gone", "d0")).toMatchObject({
      level: "WARN",
      status: 200,
      code: "UPSTREAM_UNAVAILABLE",
      failed: 2,
    });
    expect(await asked("slow", "refused", "gone")).toMatchObject({
      level: "WARN",
      status: 200,
      code: "CREDENTIALS_REFUSED",
      failed: 3,
    });
  });

  it("takes JSON by any name that it rightly goes by", async () => {
    for (const type of [
      "application/json; charset=utf-8",
      'Application/JSON;charset="UTF-8"',
      "application/json;",
    ]) {
      const { statusCode } = await post({ desktop_ids: ["d0"] }, { headers: { "content-type": type } });
      expect(statusCode, type).toBe(200);
    }
  });

  it("takes no other media type, charset or encoding", async () => {
    for (const headers of [
      { "content-type": "" },
      { "content-type": "text/plain" },
      { "content-type": "application/jsonp" },
      { "content-type": "application/json; charset=iso-8859-1" },
      { "content-encoding": "gzip" },
    ]) {
      const { statusCode, answer, heard } = await post({ desktop_ids: ["d0"] }, { headers });
      expect(statusCode, JSON.stringify(headers)).toBe(415);
      expect(answer.code).toBe("UNSUPPORTED_MEDIA_TYPE");
      expect(heard).toEqual([]);
    }
  });

  it("names the body when that is no JSON object in UTF-8", async () => {
    const bodies = [
      "",
      "{",
      "[]",
      "null",
      '"d0"',
      new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    ];
    for (const body of bodies) {
      const { statusCode, answer } = await post(body);
      expect(statusCode, String(body)).toBe(400);
      expect(answer.errors.map(({ field }: { field: string }) => field)).toEqual(["body"]);
    }
  });

  it("names every fault of the question, and what stands in the URL besides", async () => {
    const { statusCode, answer, heard } = await post(
      { desktop_ids: ["d0", "d 1", "d0"], limit: 101, colour: "red" },
      { query: "limit=5&limit=6" },
    );
    expect(statusCode).toBe(400);
    expect(answer.errors.map(({ field }: { field: string }) => field)).toEqual([
      "limit",
      "desktop_ids[1]",
      "limit",
      "colour",
      "desktop_ids[2]",
    ]);
    expect(heard).toEqual([]);
  });

  it("refuses a body over 64 kB before it looks at anything else", async () => {
    const { statusCode } = await post(" ".repeat(65_537), { headers: { accept: "image/png" } });
    expect(statusCode).toBe(413);
  });

  it("has no other method", async () => {
    const { composition } = stage();
    const reply = await createHttpFunction(composition)(
      { version: "2.0", rawPath: "/v1/unbindings/query", requestContext: { http: { method: "GET" } } },
      {} as Context,
    );
    expect(reply).toMatchObject({ statusCode: 405, headers: { allow: "POST" } });
  });
});

describe("a batch as CSV", () => {
  const csv = (body: unknown) => post(body, { headers: { accept: "text/csv" } });
  const COLUMNS = "desktop_id,desktop_name,user_id,user_name,user_group,type,unbound_at,detach_time";
  const time = "2026-02-10T08:15:30.000Z";

  it("is one table over all desktops", async () => {
    const { headers, body } = await csv({ desktop_ids: ["d1", "d0"], limit: 1 });
    expect(headers?.["content-type"]).toBe("text/csv; charset=utf-8; header=present");
    expect(body.split("\r\n")).toEqual([
      COLUMNS,
      `d1,PC-d1,id-of-alice,alice,users,USER,${time},${time}`,
      `d0,PC-d0,id-of-alice,alice,users,USER,${time},${time}`,
      "",
    ]);
  });

  it("shows a desktop that was not answered, in a row of its own with the code of its error", async () => {
    const { statusCode, body } = await csv({ desktop_ids: ["gone", "d0"] });
    expect(statusCode).toBe(200);
    expect(body.split("\r\n")).toEqual([
      `${COLUMNS},error_code`,
      "gone,,,,,,,,DESKTOP_NOT_FOUND",
      `d0,PC-d0,id-of-alice,alice,users,USER,${time},${time},`,
      `d0,PC-d0,id-of-=bob,'=bob,users,USER,${time},${time},`,
      "",
    ]);
  });
});
