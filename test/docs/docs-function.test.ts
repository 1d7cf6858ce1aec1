import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import openapi from "../../openapi.json" with { type: "json" };
import { createDocsFunction } from "../../src/docs/docs-function.ts";
import type { GatewayReply } from "../../src/http/finish.ts";
import { createLog } from "../../src/observe/log.ts";

describe("the docs function", () => {
  let assets: string;
  beforeAll(async () => {
    assets = await mkdtemp(join(tmpdir(), "docs-"));
    await writeFile(join(assets, "swagger-ui.css.gz"), gzipSync("body{}"));
    await writeFile(join(assets, "secret.gz"), gzipSync("not to be served"));
  });
  afterAll(() => rm(assets, { recursive: true }));

  function get(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<GatewayReply> {
    const handler = createDocsFunction({ assets, log: createLog({ level: "error", write: () => {} }) });
    const event = {
      version: "2.0",
      rawPath: path,
      headers,
      requestContext: { http: { method }, stage: "$default" },
    };
    return handler(event, { awsRequestId: "lambda-0001" } as never);
  }

  it("hands out the OpenAPI document of the repository", async () => {
    const { statusCode, headers, body } = await get("/v1/openapi.json");
    expect(statusCode).toBe(200);
    expect(headers?.["content-type"]).toBe("application/json; charset=utf-8");
    expect(JSON.parse(body)).toEqual(openapi);
  });

  it("hands out a page that takes everything from here and runs nothing inline", async () => {
    const { headers, body } = await get("/docs");
    expect(headers?.["content-type"]).toBe("text/html; charset=utf-8");
    const policy = headers?.["content-security-policy"] ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).not.toContain("unsafe");
    expect(body).not.toMatch(/https?:|<script>|style=|\son[a-z]+=/);
  });

  it("lets nobody try a call out from the page", async () => {
    expect((await get("/docs/start.js")).body).toContain("supportedSubmitMethods: []");
  });

  it("sends the renderer compressed", async () => {
    const { headers, body, isBase64Encoded } = await get("/docs/swagger-ui.css", {
      "accept-encoding": "br, gzip",
    });
    expect(headers).toMatchObject({ "content-encoding": "gzip", "content-type": "text/css; charset=utf-8" });
    expect(isBase64Encoded).toBe(true);
    expect(gunzipSync(Buffer.from(body, "base64")).toString()).toBe("body{}");
  });

  it("says so to whoever reads no gzip", async () => {
    expect((await get("/docs/swagger-ui.css")).statusCode).toBe(406);
  });

  it.each(["/docs/secret", "/docs/secret.gz", "/docs/..%2Fsecret", "/docs/", "/docs/constructor"])(
    "knows no %s",
    async (path) => {
      const { statusCode, body } = await get(path, { "accept-encoding": "gzip" });
      expect(statusCode).toBe(404);
      expect(JSON.parse(body)).toMatchObject({ code: "NOT_FOUND" });
    },
  );

  it("answers HEAD without a body", async () => {
    expect(await get("/docs", {}, "HEAD")).toMatchObject({ statusCode: 200, body: "" });
    expect(await get("/docs/swagger-ui.css", { "accept-encoding": "gzip" }, "HEAD")).toMatchObject({
      isBase64Encoded: false,
      body: "",
    });
  });
});
