import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createPost, PostFailed } from "../../src/chat/post.ts";

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

describe("a late answer", () => {
  it("is posted as JSON to a host that the operator added, over http if that is loopback", async () => {
    const heard: { body: string; headers: object }[] = [];
    const host = await serve(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      heard.push({ body, headers: request.headers });
      response.end('{"code":0}');
    });
    const answer = await createPost([host])(
      `http://${host}/x?y=1`,
      { text: "设计部" },
      { authorization: "Bearer t" },
      soon,
    );
    expect(answer).toEqual({ status: 200, body: '{"code":0}' });
    expect(heard).toEqual([
      {
        body: '{"text":"设计部"}',
        headers: expect.objectContaining({
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
    await expect(createPost([])(url, {}, {}, soon)).rejects.toThrow(/on no list/);
  });

  it.each(["http://hooks.slack.com/x", "http://chat.example.com/x", "ftp://hooks.slack.com/x"])(
    "does not go out unencrypted to %s",
    async (url) => {
      await expect(createPost(["chat.example.com"])(url, {}, {}, soon)).rejects.toThrow(PostFailed);
    },
  );

  it("follows no redirect", async () => {
    let followed = 0;
    const host = await serve((request, response) => {
      if (request.url === "/there") followed += 1;
      response.writeHead(307, { location: "/there" }).end();
    });
    await expect(createPost([host])(`http://${host}/here`, {}, {}, soon)).rejects.toThrow(
      "127.0.0.1 answered 307",
    );
    expect(followed).toBe(0);
  });

  it("that is not taken is a failure, which tells the status and no URL", async () => {
    const host = await serve((_, response) => response.writeHead(500).end("a stack"));
    const failure = await createPost([host])(`http://${host}/secret-path`, {}, {}, soon).catch(
      (error) => error,
    );
    expect(failure).toBeInstanceOf(PostFailed);
    expect(failure.message).toBe("127.0.0.1 answered 500");
  });

  it("is given up when its time is over, and not begun when none is left", async () => {
    const host = await serve(() => undefined);
    const post = createPost([host]);
    await expect(post(`http://${host}/x`, {}, {}, { remaining: () => 50 })).rejects.toThrow(
      "did not answer in time",
    );
    await expect(post(`http://${host}/x`, {}, {}, { remaining: () => 0 })).rejects.toThrow(
      "no time was left",
    );
  });

  it("fails with a code when nobody is there, or the connection breaks", async () => {
    const host = await serve((request) => request.socket.destroy());
    await expect(createPost([host])(`http://${host}/x`, {}, {}, soon)).rejects.toThrow(
      "127.0.0.1: ECONNRESET",
    );
    const closed = createTcpServer();
    await new Promise<void>((resolve) => void closed.listen(0, "127.0.0.1", resolve));
    const gone = `127.0.0.1:${(closed.address() as { port: number }).port}`;
    await new Promise((resolve) => closed.close(resolve));
    await expect(createPost([gone])(`http://${gone}/x`, {}, {}, soon)).rejects.toThrow(
      "127.0.0.1: ECONNREFUSED",
    );
  });

  it("does not read an answer without end", async () => {
    const host = await serve((_, response) => {
      const timer = setInterval(() => response.write("x".repeat(16_384)), 1);
      response.on("close", () => clearInterval(timer));
    });
    await expect(createPost([host])(`http://${host}/x`, {}, {}, soon)).rejects.toThrow(
      "the answer is too long",
    );
  });
});
