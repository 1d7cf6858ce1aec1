import { describe, expect, it } from "vitest";
import { LookupError } from "../../src/contract/errors.ts";
import { framesOf } from "../../src/observe/frames.ts";
import { describeCause } from "../../src/observe/log.ts";
import { anApi, UNBINDINGS } from "../support/api.ts";

function withStack(...frames: string[]): Error {
  const error = new Error("made up");
  error.stack = ["Error: made up", ...frames.map((frame) => `    at ${frame}`)].join("\n");
  return error;
}

describe("the frames of an error", () => {
  it("are our own, by their place in the bundle and never on the machine", () => {
    const error = withStack(
      "Object.parse (node:internal/x:1:2)",
      "a (file:///var/task/dist/http/index.mjs:1:2345)",
      "async file:///var/task/dist/chat-worker/dynamodb-client.mjs:12:7",
      "b (file:///srv/somebody/node_modules/zod/v4/core.mjs:3:4)",
      "c (/srv/somebody/checkout/src/http/handler.ts:10:20)",
    );
    expect(framesOf(error)).toBe(
      "http/index.mjs:1:2345 chat-worker/dynamodb-client.mjs:12:7 src/http/handler.ts:10:20",
    );
  });

  it("are those of what caused it all, and of a few at most", () => {
    const many = withStack(
      ...Array.from({ length: 10 }, (_, i) => `f (/var/task/dist/http/index.mjs:1:${i})`),
    );
    const error = new LookupError("INTERNAL", { cause: new Error("outer", { cause: many }) });
    expect(framesOf(error)?.split(" ")).toHaveLength(6);
  });

  it("are none where none is ours, or nothing was thrown that has any", () => {
    expect(framesOf(withStack("node:internal/x:1:2"))).toBeNull();
    expect(framesOf("text")).toBeNull();
  });
});

describe("the line of a bug", () => {
  it("has the frames, and the line of a foreseen error has none", async () => {
    const broken = anApi({
      world: {
        send: () => {
          throw new TypeError("a bug");
        },
      },
    });
    await broken.ask(UNBINDINGS);
    const line = broken.lines.at(-1);
    expect(line).toMatchObject({ level: "ERROR", code: "INTERNAL", cause: "TypeError: a bug" });
    expect(line?.["frames"]).toMatch(/^(?:src|handlers)\/[\w./-]+\.ts:\d+:\d+/);
    const refused = anApi({ respond: () => ({ status: 503, body: {} }) });
    await refused.ask(UNBINDINGS);
    expect(refused.lines.at(-1)).not.toHaveProperty("frames");
  });

  it("names files without the machine's folders, and leaves URLs alone", () => {
    expect(describeCause(new Error("ENOENT: open '/var/task/dist/docs/x.gz'"))).toBe(
      "Error: ENOENT: open '…/x.gz'",
    );
    expect(describeCause(new Error("in file:///srv/somebody/app/index.mjs"))).toBe("Error: in …/index.mjs");
    expect(describeCause(new Error("https://workspace.example.com/v2/a/b is wrong"))).toContain("/v2/a/b");
  });
});
