import { discoverOAuthProtectedResourceMetadata } from "@modelcontextprotocol/client";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { anMcpServer } from "./messages.ts";

const ISSUER = "https://login.example.com/tenant";
const PATHS = ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"];
const HOST = { host: "api.example.com" };

describe("the protected resource's metadata", () => {
  it.each(PATHS)("say whose tokens the gateway takes: %s", async (path) => {
    const { handle } = anMcpServer({ env: { JWT_ISSUER: ISSUER } });
    const { statusCode, body } = await handle({ path, headers: HOST });
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toEqual({
      resource: "https://api.example.com/mcp",
      resource_name: "workspace-unbindings",
      authorization_servers: [ISSUER],
      bearer_methods_supported: ["header"],
    });
  });

  it("are found by the official client, which has no token yet", async () => {
    const { handle } = anMcpServer({ env: { JWT_ISSUER: ISSUER } });
    const found = await discoverOAuthProtectedResourceMetadata(
      "https://api.example.com/mcp",
      {},
      async (url) => {
        const { statusCode, body, headers } = await handle({ path: new URL(url).pathname, headers: HOST });
        return new Response(body, { status: statusCode, headers: headers as Record<string, string> });
      },
    );
    expect(found.authorization_servers).toEqual([ISSUER]);
  });

  it.each(PATHS)("are not there where the gateway takes no tokens: %s", async (path) => {
    const { handle } = anMcpServer();
    expect((await handle({ path, headers: HOST })).statusCode).toBe(404);
  });
});

describe("JWT_ISSUER", () => {
  const read = (JWT_ISSUER: string) => readConfig({ WORKSPACE_SECRET_ID: "s", JWT_ISSUER });

  it("may be empty, where the gateway takes no tokens", () => {
    expect(read("").config?.jwtIssuer).toBeNull();
  });

  it.each(["http://login.example.com", "login.example.com", 'https://a"b', "https://a b"])(
    "must be an https URL: %s",
    (value) => {
      expect(read(value).faults).toEqual(["JWT_ISSUER must be an https URL"]);
    },
  );
});
