import { request } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { afterEach, describe, expect, it } from "vitest";
import { type GatewayFunction, serveGateway } from "../../sandbox/gateway.ts";
import type { Serving } from "../../sandbox/serve.ts";

let serving: Serving | undefined;

afterEach(() => serving?.close());

interface Sent {
  path?: string;
  method?: string;
  /** Names and values in turn, as they go over the wire. */
  headers?: string[];
  body?: Buffer | string;
}

interface Answer {
  status: number | undefined;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** Sends bytes as given: `fetch` would normalise the path. */
function send({ path = "/", method = "GET", headers = [], body }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const url = new URL(serving?.url ?? "");
    const host = headers.includes("host") ? [] : ["host", url.host];
    const length = body === undefined ? [] : ["content-length", String(Buffer.byteLength(body))];
    const sending = request(
      { host: url.hostname, port: url.port, path, method, headers: [...host, ...length, ...headers] },
      async (response) => {
        let text = "";
        for await (const chunk of response.setEncoding("utf8")) text += chunk;
        resolve({ status: response.statusCode, headers: response.headers, text });
      },
    );
    sending.on("error", reject).end(body);
  });
}

async function serveFunctions(...functions: GatewayFunction[]): Promise<void> {
  serving = await serveGateway({ functions, timeoutMs: 200 });
}

function functionThat(
  handler: (event: APIGatewayProxyEventV2, context: Context) => unknown,
  matches: GatewayFunction["matches"] = () => true,
  name = "http",
): GatewayFunction {
  return {
    name,
    matches,
    handler: async (event, context) => handler(event as APIGatewayProxyEventV2, context),
  };
}

/** The event that a request becomes. */
async function eventOf(sent: Sent): Promise<APIGatewayProxyEventV2> {
  let seen: unknown;
  await serveFunctions(
    functionThat((event) => {
      seen = event;
      return { statusCode: 204 };
    }),
  );
  expect((await send(sent)).status).toBe(204);
  return seen as APIGatewayProxyEventV2;
}

describe("the event that the local gateway makes of a request", () => {
  it("keeps path and query exactly as they are on the wire", async () => {
    const event = await eventOf({ path: "/v1/../a%2Fb//c%zz;x?q=%20+&q=2&empty=&flag&%C3%A9=%F0%9F%A6%80" });
    expect(event.rawPath).toBe("/v1/../a%2Fb//c%zz;x");
    expect(event.requestContext.http.path).toBe(event.rawPath);
    expect(event.rawQueryString).toBe("q=%20+&q=2&empty=&flag&%C3%A9=%F0%9F%A6%80");
    expect(event.queryStringParameters).toEqual({ q: "  ,2", empty: "", flag: "", é: "🦀" });
  });

  it("keeps a second question mark in the query", async () => {
    const event = await eventOf({ path: "/a?b=?c" });
    expect([event.rawPath, event.rawQueryString]).toEqual(["/a", "b=?c"]);
  });

  it("has neither parameters, cookies nor body when there are none", async () => {
    const event = await eventOf({ path: "/a" });
    expect(event).toMatchObject({
      version: "2.0",
      routeKey: "$default",
      rawQueryString: "",
      isBase64Encoded: false,
    });
    expect(Object.keys(event)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(?:queryStringParameters|cookies|body)$/)]),
    );
  });

  it("has header names in lower case, several of one name joined, and cookies apart", async () => {
    const event = await eventOf({
      headers: ["X-Thing", "1", "x-thing", "2", "Cookie", "a=1; b=2", "User-Agent", "someone"],
    });
    expect(event.headers).toMatchObject({ "x-thing": "1,2", "user-agent": "someone" });
    expect(event.headers).not.toHaveProperty("cookie");
    expect(event.cookies).toEqual(["a=1", "b=2"]);
    expect(event.requestContext).toMatchObject({
      stage: "$default",
      http: { method: "GET", protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "someone" },
    });
  });

  it.each([
    ["application/json; charset=utf-8", false],
    ["text/plain", false],
    ["application/xml", false],
    ["application/x-www-form-urlencoded", true],
    ["application/octet-stream", true],
  ])("hands a body of %s on, in base64: %s", async (type, isBase64Encoded) => {
    const body = "text=%E2%82%AC&é=€";
    const event = await eventOf({ method: "POST", headers: ["content-type", type], body });
    expect(event.isBase64Encoded).toBe(isBase64Encoded);
    expect(Buffer.from(event.body ?? "", isBase64Encoded ? "base64" : "utf8").toString()).toBe(body);
  });

  it("hands a body without a type, or with an encoding, on in base64", async () => {
    expect((await eventOf({ method: "POST", body: "a" })).body).toBe("YQ==");
    await serving?.close();
    const headers = ["content-type", "application/json", "content-encoding", "gzip"];
    expect((await eventOf({ method: "POST", headers, body: "a" })).body).toBe("YQ==");
  });

  it("comes with a context like Lambda's", async () => {
    const seen: { id: string; remaining: number; name: string }[] = [];
    await serveFunctions(
      functionThat((_, context) => {
        seen.push({
          id: context.awsRequestId,
          remaining: context.getRemainingTimeInMillis(),
          name: context.functionName,
        });
        return {};
      }),
    );
    await send({});
    await send({});
    const [first, second] = seen;
    expect(first?.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(second?.id).not.toBe(first?.id);
    expect(first?.name).toBe("http");
    expect(first?.remaining).toBeGreaterThan(0);
    expect(first?.remaining).toBeLessThanOrEqual(200);
  });
});

describe("the answer that the local gateway makes of a result", () => {
  it("has the result's status, headers, cookies and body", async () => {
    await serveFunctions(
      functionThat(() => ({
        statusCode: 418,
        headers: { "Content-Type": "text/csv", "x-count": 2 },
        cookies: ["a=1", "b=2"],
        body: "é",
      })),
    );
    const { status, headers, text } = await send({});
    expect([status, text]).toEqual([418, "é"]);
    expect(headers).toMatchObject({
      "content-type": "text/csv",
      "x-count": "2",
      "set-cookie": ["a=1", "b=2"],
      "apigw-requestid": expect.any(String),
    });
  });

  it("decodes a body that is in base64", async () => {
    await serveFunctions(functionThat(() => ({ statusCode: 200, body: "w6k=", isBase64Encoded: true })));
    expect((await send({})).text).toBe("é");
  });

  it.each([
    ["an object without a status", { status: "ok" }, '{"status":"ok"}'],
    ["a text", "hello", "hello"],
    ["nothing", undefined, "null"],
  ])("is 200 and JSON for %s", async (_, result, text) => {
    await serveFunctions(functionThat(() => result));
    expect(await send({})).toMatchObject({
      status: 200,
      text,
      headers: { "content-type": "application/json" },
    });
  });

  it("answers HEAD without the body, but with its headers", async () => {
    await serveFunctions(functionThat(() => ({ statusCode: 200, headers: { etag: '"1"' }, body: "body" })));
    expect(await send({ method: "HEAD" })).toMatchObject({ status: 200, text: "", headers: { etag: '"1"' } });
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("a secret of ours");
      },
    ],
    ["never answers", () => new Promise(() => undefined)],
    ["gives a status that is none", () => ({ statusCode: "fine" })],
    ["gives a status out of range", () => ({ statusCode: 1000 })],
    ["gives a body that is no text", () => ({ statusCode: 200, body: 17 })],
    ["gives a header that cannot be sent", () => ({ statusCode: 200, headers: { "x-a": "\n" } })],
  ])("is 500 without a reason for a function that %s", async (_, handler) => {
    await serveFunctions(functionThat(handler));
    const { status, text, headers } = await send({});
    expect([status, text]).toEqual([500, '{"message":"Internal Server Error"}']);
    expect(headers["content-type"]).toBe("application/json");
  });

  it("comes from the first function that matches, and is 404 when none does", async () => {
    await serveFunctions(
      functionThat(
        () => "chat",
        (method, path) => method === "POST" && path.startsWith("/chat/"),
        "chat",
      ),
      functionThat(
        () => "http",
        (_, path) => path === "/health",
      ),
    );
    expect((await send({ path: "/chat/slack?x=1", method: "POST" })).text).toBe("chat");
    expect((await send({ path: "/health?x=1" })).text).toBe("http");
    expect(await send({ path: "/chat/slack" })).toMatchObject({
      status: 404,
      text: '{"message":"Not Found"}',
    });
  });

  it("goes on when somebody leaves in the middle of a request", async () => {
    await serveFunctions(functionThat(() => ({ statusCode: 204 })));
    const { port } = new URL(serving?.url ?? "");
    const leaving = connect(Number(port), "127.0.0.1");
    leaving.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n{");
    await sleep(20);
    leaving.destroy();
    await sleep(20);
    expect((await send({})).status).toBe(204);
  });

  it("is 413 for a body over 10 MB, which no function sees", async () => {
    let isInvoked = false;
    await serveFunctions(
      functionThat(() => {
        isInvoked = true;
      }),
    );
    const { status } = await send({ method: "POST", body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect([status, isInvoked]).toEqual([413, false]);
  });
});
