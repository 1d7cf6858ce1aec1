import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DESKTOP_ID } from "../../src/contract/desktop-id.ts";
import { parseEndpoint } from "../../src/net/endpoint.ts";
import { detachInfoPath, listDesktopsPath, regionEndpoint } from "../../src/workspace/paths.ts";
import { RUNS } from "../support/runs.ts";

describe("an operator's endpoint", () => {
  it.each([
    ["https://workspace.example.com", "https:", "workspace.example.com", 443, "workspace.example.com"],
    ["https://workspace.example.com/", "https:", "workspace.example.com", 443, "workspace.example.com"],
    ["https://workspace.example.com:443", "https:", "workspace.example.com", 443, "workspace.example.com"],
    [
      "https://workspace.example.com:8443",
      "https:",
      "workspace.example.com",
      8443,
      "workspace.example.com:8443",
    ],
    ["HTTPS://WORKSPACE.example.com", "https:", "workspace.example.com", 443, "workspace.example.com"],
    ["http://localhost", "http:", "localhost", 80, "localhost"],
    ["http://127.0.0.1:9000", "http:", "127.0.0.1", 9000, "127.0.0.1:9000"],
    ["http://127.8.9.10:9000", "http:", "127.8.9.10", 9000, "127.8.9.10:9000"],
    ["http://[::1]:9000", "http:", "::1", 9000, "[::1]:9000"],
    ["https://localhost:1", "https:", "localhost", 1, "localhost:1"],
  ])("is taken apart: %s", (text, protocol, hostname, port, host) => {
    expect(parseEndpoint(text)).toEqual({ origin: `${protocol}//${host}`, protocol, hostname, port, host });
  });

  it.each([
    ["", "must be a URL such as https://workspace.example.com"],
    ["workspace.example.com", "must be a URL such as https://workspace.example.com"],
    ["http://workspace.example.com", "must be https (http only on loopback)"],
    ["http://localhost.example.com", "must be https (http only on loopback)"],
    ["http://mylocalhost", "must be https (http only on loopback)"],
    ["http://127.0.0.1.example.com", "must be https (http only on loopback)"],
    ["http://128.0.0.1", "must be https (http only on loopback)"],
    ["http://[::2]", "must be https (http only on loopback)"],
    ["ftp://localhost", "must be https (http only on loopback)"],
    ["https://u@workspace.example.com", "must hold no user name or password"],
    ["https://:p@workspace.example.com", "must hold no user name or password"],
    ["https://workspace.example.com/v2", "must be an origin, without path, query or fragment"],
    ["https://workspace.example.com?", "must be an origin, without path, query or fragment"],
    ["https://workspace.example.com?a", "must be an origin, without path, query or fragment"],
    ["https://workspace.example.com#", "must be an origin, without path, query or fragment"],
    ["https://workspace.example.com#a", "must be an origin, without path, query or fragment"],
  ])("is refused in words of ours: %j", (text, message) => {
    expect(() => parseEndpoint(text)).toThrow(new Error(message));
  });

  it("may be left to the region", () => {
    expect(regionEndpoint("cn-north-4").origin).toBe("https://workspace.cn-north-4.myhuaweicloud.com");
    expect(regionEndpoint("ae-ad-1").origin).toBe("https://workspace.ae-ad-1.myhuaweicloud.com");
  });

  it.each([
    "",
    "cn",
    "cn-",
    "-cn",
    "CN-NORTH-4",
    "cn--4",
    "cn-north-4.evil.example",
    "cn-north-4/",
    "a-b@c",
    "cn-n\n",
  ])("is refused for what can be no region: %j", (region) => {
    expect(() => regionEndpoint(region)).toThrow(new Error("must be a region ID such as cn-north-4"));
  });
});

describe("the path of a call", () => {
  const endpoint = parseEndpoint("https://workspace.example.com:8443");
  const refusal = new Error("refusing to call: the URL does not name exactly what was asked for");

  it("names the project and the desktop", () => {
    expect(detachInfoPath("p1", "d1")).toBe("/v2/p1/desktops/d1/detach-info");
    expect(listDesktopsPath(endpoint, "p1", "limit=1")).toBe("/v2/p1/desktops");
    expect(listDesktopsPath(endpoint, "p1", "")).toBe("/v2/p1/desktops");
  });

  it.each([
    "",
    "d1#",
    "d1?",
    "d1/",
    "../d1",
    ".",
    "..",
    "d%2f",
    "d 1",
    "-d",
    "d-",
    "_d",
    "d_",
    "d\n",
    "dü",
    "d".repeat(129),
  ])("is none for %j, which is no desktop's ID", (id) => {
    expect(() => detachInfoPath("p1", id)).toThrow(refusal);
  });

  it.each(["", "p/1", "p?", "..", "p#", "p".repeat(65)])(
    "is none for %j, which is no project's ID",
    (projectId) => {
      expect(() => detachInfoPath(projectId, "d1")).toThrow(refusal);
      expect(() => listDesktopsPath(endpoint, projectId, "")).toThrow(refusal);
    },
  );

  it("is none when the query would not go out as it is", () => {
    expect(() => listDesktopsPath(endpoint, "p1", "a b")).toThrow(refusal);
    expect(() => listDesktopsPath(endpoint, "p1", "a#b")).toThrow(refusal);
    expect(() => listDesktopsPath(endpoint, "p1", "#")).toThrow(refusal);
  });

  it("is none when the endpoint is not what it says", () => {
    expect(() => listDesktopsPath({ ...endpoint, origin: "https://a.example/x" }, "p1", "")).toThrow(refusal);
  });

  it("allows IDs of 1 to 128 letters, digits, hyphens and underscores", () => {
    for (const id of ["d", "D1", "a-b_c", "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55", "d".repeat(128)]) {
      expect(detachInfoPath("p", id)).toContain(`/${id}/`);
    }
  });

  it("never leaves its host, its segment or its query, whatever the ID", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.string({ unit: fc.constantFrom(..."ab1-_./\\%?#:@&= \t\n2eEfF".split("")), maxLength: 12 }),
      fc.stringMatching(/^[A-Za-z0-9_-]{1,130}$/),
    );
    fc.assert(
      fc.property(hostile, (id) => {
        let path: string;
        try {
          path = detachInfoPath("p1", id);
        } catch (error) {
          expect(error).toEqual(refusal);
          expect(DESKTOP_ID.test(id)).toBe(false);
          return;
        }
        const url = new URL(path, endpoint.origin);
        expect(url.href).toBe(`https://workspace.example.com:8443/v2/p1/desktops/${id}/detach-info`);
        expect(url.pathname.split("/")).toEqual(["", "v2", "p1", "desktops", id, "detach-info"]);
      }),
      { numRuns: RUNS * 10 },
    );
  });
});
