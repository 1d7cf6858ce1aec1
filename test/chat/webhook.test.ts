import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CHAT_KEYS, type ChatRequest, signedRequest } from "../../sandbox/chat/requests.ts";
import { type ChatPlay, chatStage } from "../support/chat.ts";
import { rowsOf } from "../support/world.ts";

const ID = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";
const GONE = ID.replace("4", "5");

const PLAY: ChatPlay = {
  say: ({ desktopId, path }) => {
    if (desktopId === GONE) return { status: 404, body: { error_code: "WKS.0202", error_msg: "x" } };
    if (desktopId !== null) return rowsOf(desktopId, "alice", "bob");
    const isKnown = path.toLowerCase().includes("front");
    const desktops = isKnown ? [{ desktop_id: ID, computer_name: "Front desk" }] : [];
    return { body: { total_count: desktops.length, desktops } };
  },
};

/** The body, signed as GitHub signs it. */
function hub(body: object | string, headers: Record<string, string> = {}): ChatRequest {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const signature = createHmac("sha256", CHAT_KEYS.hubSecret).update(text).digest("hex");
  return {
    method: "POST",
    path: "/chat/webhook",
    query: "",
    headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}`, ...headers },
    body: text,
  };
}

async function answerTo(body: object | string, headers: Record<string, string> = {}) {
  const stage = chatStage(PLAY);
  const reply = await stage.ask(hub(body, headers));
  return { status: reply.statusCode, headers: reply.headers, json: JSON.parse(reply.body), stage };
}

const ask = (...args: string[]) => answerTo({ command: "unbound", args });

describe("a signed webhook", () => {
  it("is answered the result that every entry gives", async () => {
    const { status, json } = await ask(ID, "limit=1");
    expect(status).toBe(200);
    expect(json).toMatchObject({
      desktop_id: ID,
      count: 1,
      total: 2,
      truncated: true,
      last_user_name: "alice",
    });
  });

  it("is answered no more than its way can carry", async () => {
    const rows = Array.from({ length: 500 }, (_, n) => ({
      desktop_id: ID,
      user_name: `${n}${'"'.repeat(2000)}`,
    }));
    const stage = chatStage({ ...PLAY, say: () => ({ body: { desktop_detach_infos: rows } }) });
    for (const args of [
      [ID, "limit=1000"],
      [ID, GONE, "limit=1000"],
    ]) {
      const reply = await stage.ask(hub({ command: "unbound", args }), { shape: "alb" });
      expect(reply.statusCode).toBe(200);
      expect(Buffer.byteLength(JSON.stringify(reply))).toBeLessThan(1_000_000);
      const answer = JSON.parse(reply.body);
      expect(answer.truncated ?? answer.results[0].truncated).toBe(true);
    }
  });

  it("takes an argument for one word, whatever is in it", async () => {
    const { json } = await ask("Front desk", "user=alice smith");
    expect(json).toMatchObject({ desktop_id: ID, total: 0, last_user_name: "alice" });
  });

  it("is answered the problem that every entry gives", async () => {
    const { status, headers, json } = await ask(GONE);
    expect(status).toBe(404);
    expect(headers?.["content-type"]).toContain("application/problem+json");
    expect(json).toMatchObject({ code: "DESKTOP_NOT_FOUND", upstream_code: "WKS.0202" });
  });

  it("about several desktops is answered like a batch, each well or with a problem of its own", async () => {
    const { status, json } = await ask(ID, GONE, "WIN-GONE");
    expect(status).toBe(200);
    expect(json).toMatchObject({ succeeded: 1, failed: 2, request_id: "lambda-request-0001" });
    expect(json.results).toMatchObject([
      { ok: true, desktop_id: ID, count: 2 },
      { ok: false, desktop_id: GONE, code: "DESKTOP_NOT_FOUND" },
      { ok: false, desktop_id: null, desktop_name: "WIN-GONE", code: "DESKTOP_NOT_FOUND" },
    ]);
  });

  it("asks for help", async () => {
    const { status, json } = await answerTo({ command: "help" });
    expect([status, json.usage]).toEqual([200, expect.stringMatching(/^unbound </)]);
  });

  it.each<[string, object | string, object[]]>([
    [
      "a command that is not known",
      { command: "bound", args: [] },
      [{ field: "command", message: "must be unbound or help" }],
    ],
    [
      "an address to answer to, which this channel does not take",
      { command: "unbound", args: [ID], response_url: "https://evil.example" },
      [{ field: "body", message: "has a key that is not known" }],
    ],
    [
      "arguments that are no list",
      { command: "unbound", args: "x" },
      [{ field: "args", message: "must be a list of texts" }],
    ],
    [
      "an argument that is no text",
      { command: "unbound", args: [1] },
      [{ field: "args.0", message: "must be text" }],
    ],
    ["no arguments", { command: "unbound" }, [{ field: "args", message: "must name a desktop" }]],
    ["a body that is no JSON", "{", [{ field: "body", message: "is no JSON" }]],
    ["a body that is no object", "[]", [{ field: "body", message: "must be a JSON object" }]],
  ])("is told of %s", async (_, body, errors) => {
    const { status, json, stage } = await answerTo(body);
    expect([status, json.code]).toEqual([400, "INVALID_REQUEST"]);
    expect(json.errors).toEqual(errors);
    expect(stage.heard).toEqual([]);
  });

  it("is told of every option that is wrong", async () => {
    const { json } = await ask(ID, "sinse=30d", "limit=1", "limit=2", "a/b");
    expect(json.errors.map(({ field }: { field: string }) => field)).toEqual(["args", "args", "args"]);
    expect((await ask(ID, "limit=0")).json.errors).toEqual([
      { field: "args", message: "limit must be a whole number from 1 to 1000." },
    ]);
  });

  it("in GitHub's manner is known again by its delivery, and not at all without one", async () => {
    const stage = chatStage(PLAY);
    const request = hub({ command: "unbound", args: [ID] }, { "x-github-delivery": "delivery-1" });
    expect((await stage.ask(request)).body).toContain("alice");
    expect((await stage.ask(request)).body).toBe("");
    const anonymous = hub({ command: "unbound", args: [ID] });
    for (let time = 0; time < 2; time++) expect((await stage.ask(anonymous)).body).toContain("alice");
  });

  it("without any signature is refused", async () => {
    const stage = chatStage(PLAY);
    const { "x-hub-signature-256": _none, ...headers } = hub({ command: "help" }).headers;
    expect((await stage.ask({ ...hub({ command: "help" }), headers })).statusCode).toBe(401);
    const { headers: standard, ...rest } = signedRequest("webhook", { text: ID }, stage.wallNow());
    expect(
      (await stage.ask({ ...rest, headers: { ...standard, "webhook-signature": "v1," } })).statusCode,
    ).toBe(401);
  });
});
