import { fork } from "node:child_process";
import { once } from "node:events";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { CANARY } from "./support/canaries.ts";
import { leaveNothingBehind } from "./support/left-behind.ts";
import { outcomeOf, ROWS, setUp } from "./support/service.ts";
import { answer, type Reaction, serveUpstream } from "./support/upstream.ts";

afterEach(leaveNothingBehind);

const ok = answer(200, ROWS);
const good = JSON.stringify(ROWS);
const HTML = "<!DOCTYPE html><html><body>Sign in to the network</body></html>";
const UNREADABLE_TWICE = { code: "UPSTREAM_INVALID_RESPONSE", attempts: 2 };
const UNREADABLE_AT_ONCE = { code: "UPSTREAM_INVALID_RESPONSE", attempts: 1 };

/** A list of one row that has this for its time. */
function withTime(time: string): string {
  return `{"desktop_detach_infos":[{"desktop_id":"d1","detach_time":${time}}]}`;
}

describe("an answer that cannot be read", () => {
  it.each([
    ["JSON that is cut off", good.slice(0, -3)],
    ["JSON with something after it", `${good}x`],
    ["two JSON texts", `{}${good}`],
    ["NaN", '{"desktop_detach_infos":NaN}'],
    ["infinity", withTime("-Infinity")],
    ["a trailing comma", '{"desktop_detach_infos":[],}'],
    ["bytes that are no UTF-8", Buffer.from([...Buffer.from('{"a":"'), 0xff, 0xfe, ...Buffer.from('"}')])],
    ["UTF-16", Buffer.from(`\ufeff${good}`, "utf16le")],
    ["a page of HTML", HTML],
    ["nothing", ""],
    ["nothing but blanks, ten thousand of them", " ".repeat(10_000)],
    ["null", "null"],
    ["text", '"desktop_detach_infos"'],
    ["a bare list", "[]"],
    ["a list that is none", '{"desktop_detach_infos":{}}'],
    ["a list in words", '{"desktop_detach_infos":"[]"}'],
    ["a list under another name", '{"desktops":[]}'],
    ["a missing list beside something else", '{"total_count":1}'],
    ["an empty list that hides a full one", `{"desktop_detach_infos":[{}],"desktop_detach_infos":[]}`],
    ["a row that is no object", '{"desktop_detach_infos":[null]}'],
    ["a field that is an object", '{"desktop_detach_infos":[{"user_name":{}}]}'],
    ["a hundred thousand brackets", "[".repeat(100_000) + "]".repeat(100_000)],
    ["a time of a hundred thousand brackets", withTime("[".repeat(100_000) + "]".repeat(100_000))],
  ])("tries %s once more, and answers no empty list", async (_, body) => {
    expect(await outcomeOf({ upstream: answer(200, body) })).toEqual(UNREADABLE_TWICE);
  });

  it("tries no content once more, and answers no empty list", async () => {
    const noContent: Reaction = (socket) =>
      socket.end("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
    expect(await outcomeOf({ upstream: noContent })).toEqual(UNREADABLE_TWICE);
  });

  it.each([201, 202, 206])("takes a %i for no answer, whatever it holds", async (status) => {
    expect(await outcomeOf({ upstream: answer(status, ROWS) })).toEqual(UNREADABLE_TWICE);
  });

  it("answers rightly when the second attempt can be read", async () => {
    expect(await outcomeOf({ upstream: [answer(200, HTML), ok] })).toEqual({ code: "success", attempts: 2 });
  });
});

describe("an answer that is unusual and yet good", () => {
  it.each([
    ["with a byte order mark", `\ufeff${good}`, {}],
    ["with a content type of HTML", good, { "content-type": "text/html" }],
    ["without a content type that is known", good, { "content-type": "☃" }],
    ["with ten thousand blanks around it", `${" ".repeat(5000)}${good}${"\n".repeat(5000)}`, {}],
    ["in gzip that we did not ask for", gzipSync(good), { "content-encoding": "gzip" }],
    ["in Brotli that we did not ask for", brotliCompressSync(good), { "content-encoding": "br" }],
    ["deflated though we did not ask for it", deflateSync(good), { "content-encoding": "Deflate" }],
  ])("is read %s", async (_, body, headers) => {
    expect(await outcomeOf({ upstream: answer(200, body, headers) })).toEqual({
      code: "success",
      attempts: 1,
    });
  });

  it.each([
    ["an empty list", '{"desktop_detach_infos":[]}'],
    ["a list that is null", '{"desktop_detach_infos":null}'],
    ["an object with nothing in it", "{}"],
  ])("says that there is nothing when the upstream says so by %s", async (_, body) => {
    const { ask } = await setUp({ upstream: answer(200, body) });
    expect((await ask()).body).toMatchObject({ count: 0, total: 0, unbindings: [] });
  });

  it("keeps half a character, and numbers beyond all measure, without an answer that is no JSON", async () => {
    const body = `{"desktop_detach_infos":[{"desktop_name":"\\ud800","user_id":1e400,"user_name":123456789012345678901234567890}]}`;
    const { ask } = await setUp({ upstream: answer(200, body) });
    const { status, text } = await ask();
    expect(status).toBe(200);
    expect(JSON.parse(Buffer.from(text, "utf8").toString("utf8")).count).toBe(1);
  });
});

describe("an answer that is too much", () => {
  const eightMiBAndMore = 9 * 1024 * 1024;
  const bomb = Buffer.alloc(64 * 1024 * 1024);

  it.each([
    ["gzip", gzipSync(bomb), "gzip"],
    ["Brotli", brotliCompressSync(bomb), "br"],
    ["gzip within gzip, and said so", gzipSync(gzipSync(bomb)), "gzip, gzip"],
    ["gzip within gzip", gzipSync(gzipSync(bomb)), "gzip"],
    ["gzip within Brotli", brotliCompressSync(gzipSync(bomb)), "br"],
  ])("is refused at once as a bomb in %s, and costs less than 48 MB of memory", async (_, body, encoding) => {
    const bombing = answer(200, body, { "content-encoding": encoding });
    expect(await outcomeOf({ upstream: bombing })).toEqual(UNREADABLE_AT_ONCE);
    const { code, riseMb } = await memoryRise(bombing);
    expect(code).toBe("UPSTREAM_INVALID_RESPONSE");
    expect(riseMb).toBeLessThan(48);
  });

  it("is refused at once when its length is told, without reading it", async () => {
    const { ask, upstream } = await setUp({
      upstream: (socket) => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${50_000_000}\r\n\r\n{`),
    });
    expect((await ask()).body.code).toBe("UPSTREAM_INVALID_RESPONSE");
    expect(upstream.heard).toHaveLength(1);
  });

  it("is cut off at 8 MiB when its chunks never end", async () => {
    let sent = 0;
    const endless: Reaction = (socket) => {
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      const chunk = Buffer.from(`10000\r\n${" ".repeat(0x10000)}\r\n`);
      const more = () => {
        while (!socket.destroyed && socket.write(chunk)) sent += 0x10000;
      };
      socket.on("drain", more);
      more();
    };
    const upstream = await serveUpstream(endless);
    expect(await outcomeOf({ upstream })).toEqual(UNREADABLE_AT_ONCE);
    // What is under way in the sockets' buffers when the client hangs up was never read.
    expect(sent).toBeLessThan(eightMiBAndMore + 16 * 1024 * 1024);
    expect((await memoryRise(endless)).riseMb).toBeLessThan(48);
  });

  it("is refused at once for 64 kB of headers", async () => {
    const headers = Object.fromEntries(Array.from({ length: 64 }, (_, n) => [`x-${n}`, "h".repeat(1000)]));
    expect(await outcomeOf({ upstream: answer(200, ROWS, headers) })).toEqual(UNREADABLE_AT_ONCE);
  });

  it.each([
    ["an encoding that nobody knows", "zstd-of-tomorrow"],
    ["an encoding named like a part of every object", "constructor"],
  ])("is refused at once in %s", async (_, encoding) => {
    const encoded = answer(200, ROWS, { "content-encoding": encoding });
    expect(await outcomeOf({ upstream: encoded })).toEqual(UNREADABLE_AT_ONCE);
  });

  it.each([
    ["plain text that calls itself gzip", Buffer.from(good), "gzip"],
    ["gzip that is cut off", gzipSync(good).subarray(0, -9), "gzip"],
    ["deflate without its frame", deflateRawSync(good), "deflate"],
  ])("is tried once more when it is %s", async (_, body, encoding) => {
    expect(await outcomeOf({ upstream: answer(200, body, { "content-encoding": encoding }) })).toEqual(
      UNREADABLE_TWICE,
    );
  });
});

describe("a redirect", () => {
  it.each([300, 301, 302, 303, 307, 308])("of %i is refused, and nobody else hears of it", async (status) => {
    const other = await serveUpstream(ok);
    for (const location of [`${other.origin}/v2/elsewhere`, "/v2/elsewhere"]) {
      expect(await outcomeOf({ upstream: answer(status, "", { location }) })).toEqual(UNREADABLE_AT_ONCE);
    }
    expect(other.connections()).toBe(0);
  });
});

describe("an error in words of the upstream's", () => {
  const text = CANARY.upstreamText;

  it.each([
    ["A", { error_code: "WKS.0915", error_msg: text, error_detail: text }],
    ["B", { error_msg: text, error_code: "WKS.0915", request_id: "upstream-request-0002" }],
    ["C", { error: { code: "WKS.0915", message: text, title: text } }],
    ["D", { error: { error_code: "WKS.0915", error_msg: text } }],
    ["E", { code: "WKS.0915", message: text }],
    ["F", { errorCode: "WKS.0915", errorMsg: text }],
    ["F with a longer name", { errorCode: "WKS.0915", errorMessage: text }],
  ])("is understood in shape %s, under 500 and under 200, even beside a list", async (_, body) => {
    for (const status of [500, 200]) {
      const { ask, log, upstream } = await setUp({ upstream: answer(status, { ...ROWS, ...body }) });
      const { status: answered, body: problem } = await ask();
      expect(answered).toBe(404);
      expect(problem).toMatchObject({ code: "DESKTOP_NOT_FOUND", upstream_code: "WKS.0915" });
      expect(log.at(-1)?.["upstream_text"]).toContain(text);
      expect(upstream.heard).toHaveLength(1);
    }
  });

  it.each([
    ["G", { error_code: "PAP5.0001", error_msg: "access denied: x", request_id: "r", details: text }],
    ["a number for a code", { error_code: 403, error_msg: text }],
  ])("is understood in shape %s", async (_, body) => {
    expect(await outcomeOf({ upstream: answer(403, body) })).toEqual({
      code: "PERMISSION_DENIED",
      attempts: 1,
    });
  });

  it.each([
    ["H, a page of HTML", HTML],
    ["I, nothing", ""],
    ["J, JSON that is no object", "[1]"],
  ])("goes by the status in shape %s", async (_, body) => {
    expect(await outcomeOf({ upstream: answer(503, body) })).toEqual({
      code: "UPSTREAM_UNAVAILABLE",
      attempts: 3,
    });
    expect(await outcomeOf({ upstream: answer(403, body) })).toEqual({
      code: "PERMISSION_DENIED",
      attempts: 1,
    });
  });

  it.each([
    [400, {}, "UPSTREAM_REJECTED"],
    [404, {}, "DESKTOP_NOT_FOUND"],
    [404, { error_code: "APIGW.0101", error_msg: "not found" }, "UPSTREAM_MISCONFIGURED"],
    [500, { error_code: "WKS.0202", error_msg: "not found" }, "DESKTOP_NOT_FOUND"],
    [200, { error_code: "WKS.0001", error_msg: text }, "UPSTREAM_REJECTED"],
    [200, { error_code: "APIGW.0302", error_msg: text }, "PERMISSION_DENIED"],
    [403, { error_code: "WKS.00010099" }, "UPSTREAM_MISCONFIGURED"],
    [418, {}, "UPSTREAM_REJECTED"],
    [409, { code: 200, message: "ok" }, "UPSTREAM_REJECTED"],
  ])("is told after one attempt for a %i with %j: %s", async (status, body, code) => {
    expect(await outcomeOf({ upstream: answer(status, body) })).toEqual({ code, attempts: 1 });
  });

  it("never leaves, nor what it says of a policy, which is for the log alone", async () => {
    const denial = {
      error_code: "PAP5.0001",
      error_msg: text,
      encoded_authorization_message: CANARY.encodedMessage,
    };
    const { ask, log, upstream } = await setUp({ upstream: answer(403, denial) });
    const { body } = await ask();
    expect(body).toMatchObject({ code: "PERMISSION_DENIED", upstream_code: "PAP5.0001" });
    expect(JSON.stringify(body)).not.toContain(text);
    expect(log.at(-1)).toMatchObject({ encoded_authorization_message: CANARY.encodedMessage });
    expect(upstream.heard).toHaveLength(1);
  });

  it("shows no secret in the log when it quotes our own request back at us", async () => {
    const echo: Reaction = (socket, heard) =>
      answer(400, { error_msg: `bad request: ${JSON.stringify(heard.headers)}` })(socket, heard);
    const { ask, log } = await setUp({ upstream: echo });
    expect((await ask()).body.code).toBe("UPSTREAM_REJECTED");
    expect(log.at(-1)?.["upstream_text"]).toContain("[redacted]");
  });

  it("shows no code or ID that is text in disguise", async () => {
    const disguised = { error_code: `WKS ${text}`, request_id: `r ${text}` };
    const { ask } = await setUp({ upstream: answer(400, disguised, { "x-request-id": `r ${text}` }) });
    expect((await ask()).body).toMatchObject({ upstream_code: null, upstream_request_id: null });
  });
});

/** One call to that upstream from a process of its own, which measures itself. */
async function memoryRise(reaction: Reaction): Promise<{ code: string; riseMb: number }> {
  const upstream = await serveUpstream(reaction);
  const probe = fork(new URL("support/memory-probe.ts", import.meta.url), [upstream.origin]);
  const [[measured]] = await Promise.all([once(probe, "message"), once(probe, "exit")]);
  return measured as { code: string; riseMb: number };
}
