import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "../tools/bundle.ts";
import { framesIn, sourcesOf } from "../tools/frame/frame.ts";
import { startContainer } from "./support/container.ts";

let dist: string;
beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), "frames-"));
  await bundle("handlers/docs.ts", join(dist, "docs"));
}, 60_000);
afterAll(() => rm(dist, { recursive: true }));

describe("a bug in a built function", () => {
  it("is logged with frames of the bundle, which lead to the lines of the source", async () => {
    const container = await startContainer(join(dist, "docs", "index.mjs"), {});
    // The bundle was built without the renderer's files, so sending one fails: a bug, as far as the function knows.
    const { lines } = await container.invoke({
      version: "2.0",
      rawPath: "/docs/swagger-ui.css",
      headers: { "accept-encoding": "gzip" },
      requestContext: { http: { method: "GET" } },
    });
    container.stop();
    const text = lines.find((each) => each.includes('"frames"')) ?? "";
    const line = JSON.parse(text);
    expect(line).toMatchObject({ level: "ERROR", code: "INTERNAL", function: "docs" });
    expect(line.frames).toMatch(/^docs\/index\.mjs:\d+:\d+/);
    expect(text).not.toContain(dist);
    const found = await sourcesOf(framesIn(text), dist);
    const [place, lineNumber] = (found[0]?.source ?? "").split(":");
    expect(place).toBe("src/docs/docs-function.ts");
    const source = (await readFile("src/docs/docs-function.ts", "utf8")).split("\n");
    expect(source[Number(lineNumber) - 1]).toContain("readFile(");
  });
});

describe("npm run frame", () => {
  it("says what to do where there is no build, or not this one", async () => {
    const [gone, wrong] = await sourcesOf(["gone/index.mjs:1:1", "docs/index.mjs:999999:1"], dist);
    expect(gone?.source).toContain("npm run build");
    expect(wrong?.source).toMatch(/^(?:src|handlers|node_modules)\/|is this the build/);
  });

  it("finds frames in whatever text they stand in", () => {
    expect(framesIn('{"frames":"http/index.mjs:1:2 chat/lambda-client.mjs:3:4"}')).toEqual([
      "http/index.mjs:1:2",
      "chat/lambda-client.mjs:3:4",
    ]);
  });

  it("shows how it is used when there is no frame", async () => {
    const failure = await promisify(execFile)(process.execPath, ["tools/frame.ts", "nothing"]).catch(
      (error) => error,
    );
    expect(failure).toMatchObject({ code: 1, stderr: expect.stringContaining("npm run frame --") });
  });
});
