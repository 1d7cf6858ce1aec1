import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createPost, MAX_ANSWER_BYTES, POST_LIMITS, type Posted } from "../../src/chat/post.ts";
import { isSuccess, type Judge, judgeStatus, SENT } from "../../src/chat/verdict.ts";
import { createConnections } from "../../src/net/connections.ts";
import { createTransport } from "../../src/net/transport.ts";
import { monotonicNow } from "../../src/time/clocks.ts";

const opened: { close: () => void }[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) server.close();
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  opened.push({
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  });
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}

const serve = (listener: RequestListener) => listen(createServer(listener));
const soon = { remaining: () => 2000 };
/** For what the judge is not asked about: it takes any success. */
const anySuccess: Judge = (answer) => (isSuccess(answer) ? SENT : judgeStatus(answer));

function postTo(hosts: readonly string[]) {
  const send = createTransport({
    connections: createConnections({ keepAlive: false }),
    limits: POST_LIMITS,
    maxBodyBytes: MAX_ANSWER_BYTES,
    now: monotonicNow,
  });
  return createPost({ hosts, send });
}

const post = (hosts: readonly string[], url: string, time = soon): Promise<Posted> =>
  postTo(hosts)({ url, json: "{}", time }, anySuccess);

describe("a message to a platform", () => {
  it("is posted as JSON to a host that is listed, over http if that is loopback", async () => {
    const heard: { body: string; url: string | undefined; headers: object }[] = [];
    const host = await serve(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      heard.push({ body, url: request.url, headers: request.headers });
      response.end('{"code":0}');
    });
    const posted = await postTo([host])(
      {
        url: `http://${host}/x?y=1`,
        json: '{"text":"设计部"}',
        headers: { authorization: "Bearer t" },
        time: soon,
      },
      anySuccess,
    );
    expect(posted).toEqual({ kind: "sent", body: '{"code":0}' });
    expect(heard).toEqual([
      {
        body: '{"text":"设计部"}',
        url: "/x?y=1",
        headers: expect.objectContaining({
          host,
          "content-type": "application/json; charset=utf-8",
          authorization: "Bearer t",
        }),
      },
    ]);
  });

  it.each([
    "https://evil.example/x",
    "https://hooks.slack.com.evil.example/x",
    "https://hooks.slack.com@evil.example/x",
    "https://user:pass@hooks.slack.com/x",
    "https://hooks.slack.com:8443/x",
    "https://evil.example/hooks.slack.com",
    "https://127.0.0.1/x",
    "https://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "hooks.slack.com/x",
    "",
  ])("does not go to %s", async (url) => {
    const reason = "the answer was to go to a host that is on no list";
    expect(await post(["hooks.slack.com"], url)).toEqual({ kind: "broken", reason });
  });

  it.each(["http://hooks.slack.com/x", "http://chat.example.com/x", "ftp://hooks.slack.com/x"])(
    "does not go out unencrypted to %s",
    async (url) => {
      const posted = await post(["hooks.slack.com", "chat.example.com"], url);
      expect(posted).toEqual({ kind: "broken", reason: "the answer was to go out unencrypted" });
    },
  );

  it("follows no redirect", async () => {
    let followed = 0;
    const host = await serve((request, response) => {
      if (request.url === "/there") followed += 1;
      response.writeHead(307, { location: "/there" }).end();
    });
    expect(await post([host], `http://${host}/here`)).toEqual({
      kind: "broken",
      reason: "127.0.0.1: answered 307",
    });
    expect(followed).toBe(0);
  });

  it("counts as sent only when its judge says so, and the reason tells no URL", async () => {
    const host = await serve((_, response) => response.end("no"));
    const judge: Judge = ({ status, body }) => ({ kind: "refused", reason: `${status} ${body}` });
    expect(
      await postTo([host])({ url: `http://${host}/secret-path`, json: "{}", time: soon }, judge),
    ).toEqual({
      kind: "refused",
      reason: "127.0.0.1: 200 no",
    });
  });

  it("is lost when its time is over after it went out, and not begun when none is left", async () => {
    let asked = 0;
    const host = await serve(() => {
      asked += 1;
    });
    expect(await post([host], `http://${host}/x`, { remaining: () => 0 })).toMatchObject({ kind: "retry" });
    expect(asked).toBe(0);
    const endsAt = performance.now() + 300;
    const brief = { remaining: () => endsAt - performance.now() };
    expect(await post([host], `http://${host}/x`, brief)).toEqual({
      kind: "lost",
      reason: "127.0.0.1: no answer (deadline, the call's time ran out)",
    });
    expect(asked).toBe(1);
  });

  it("is lost when the connection breaks, and to be tried again when there was none", async () => {
    const host = await serve((request) => request.socket.destroy());
    expect(await post([host], `http://${host}/x`)).toEqual({
      kind: "lost",
      reason: "127.0.0.1: no answer (reset, ECONNRESET)",
    });
    const closed = createTcpServer();
    await new Promise<void>((resolve) => void closed.listen(0, "127.0.0.1", resolve));
    const gone = `127.0.0.1:${(closed.address() as { port: number }).port}`;
    await new Promise((resolve) => closed.close(resolve));
    expect(await post([gone], `http://${gone}/x`)).toEqual({
      kind: "retry",
      afterSeconds: 30,
      reason: "127.0.0.1: no answer (unreachable, ECONNREFUSED)",
    });
  });

  it("is not sent in the clear to a host that speaks no TLS", async () => {
    const host = await serve((_, response) => response.end("ok"));
    expect((await post([host], `https://${host}/x`)).kind).not.toBe("sent");
  });

  it("is lost when the answer has no end, or is cut off", async () => {
    const endless = await serve((_, response) => {
      const timer = setInterval(() => response.write("x".repeat(16_384)), 1);
      response.on("close", () => clearInterval(timer));
    });
    expect(await post([endless], `http://${endless}/x`)).toMatchObject({
      kind: "lost",
      reason: expect.stringContaining("too-large"),
    });
    const cutOff = await serve((_, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("ok", () => response.destroy());
    });
    const bodies: (string | null)[] = [];
    const judge: Judge = ({ body }) => {
      bodies.push(body);
      return { kind: "lost", reason: "cut off" };
    };
    await postTo([cutOff])({ url: `http://${cutOff}/x`, json: "{}", time: soon }, judge);
    expect(bodies).toEqual([null]);
  });
});
