import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { realNetwork } from "../../src/doctor/network.ts";
import { parseEndpoint } from "../../src/net/endpoint.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

describe("the doctor's network", () => {
  it("resolves a name", async () => {
    expect(await realNetwork.resolve("localhost")).not.toEqual([]);
  });

  it("rejects when what answers speaks no TLS", async () => {
    const server = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(
      0,
      "127.0.0.1",
    );
    closers.push(() => server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    await expect(realNetwork.handshake(parseEndpoint(`https://127.0.0.1:${port}`))).rejects.toThrow();
  });
});
