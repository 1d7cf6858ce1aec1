import { createRequire } from "node:module";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { canonicalQuery, encode, type SigningInput, sdkDate, sign } from "../../src/workspace/sign.ts";
import golden from "../data/signing-vectors.json" with { type: "json" };
import { RUNS } from "../support/runs.ts";

const { vectors } = golden;
type Vector = (typeof vectors)[number];

/** A vector's input as ours: the official SDK takes one object per request, we take pairs and bytes. */
function inputOf({ input, unencodedPath }: Vector): SigningInput {
  const query = Object.entries(input.query).flatMap(([key, value]) =>
    [value].flat().map((single) => [key, String(single)] as const),
  );
  const headers: Record<string, string> = { ...input.headersBeforeSigning };
  if ("projectId" in input) headers["X-Project-Id"] = input.projectId as string;
  if ("domainId" in input) headers["X-Domain-Id"] = input.domainId as string;
  return {
    method: input.method,
    host: new URL(input.endpoint).host,
    path: unencodedPath,
    query,
    headers,
    ...(input.body && { payload: JSON.stringify(input.body) }),
    accessKey: input.accessKey,
    secretKey: input.secretKey,
    securityToken: input.securityToken,
    now: Date.parse(input.now),
  };
}

const aRequest: SigningInput = {
  method: "GET",
  host: "workspace.example.com",
  path: "/v2/p/desktops/d/detach-info",
  accessKey: "AK",
  secretKey: "SK",
  now: Date.UTC(2026, 10, 24, 8, 15, 30),
};

describe("signing", () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))("equals the vector %s", (_, vector) => {
    const signed = sign(inputOf(vector));
    const { expected } = vector;
    expect(signed.canonicalRequest).toBe(expected.canonicalRequest);
    expect(signed.stringToSign).toBe(expected.stringToSign);
    expect(signed.signature).toBe(expected.signature);
    const official = Object.entries(expected.headers).map(([name, value]) => [name.toLowerCase(), value]);
    expect(signed.headers).toEqual(Object.fromEntries(official));
  });

  it("adds host, date and authorization to a request that has no header of its own", () => {
    expect(sign(aRequest).headers).toEqual({
      host: "workspace.example.com",
      "x-sdk-date": "20261124T081530Z",
      authorization: expect.stringMatching(
        /^SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=[0-9a-f]{64}$/,
      ),
    });
  });

  it("signs no token header for permanent credentials, whether the token is absent, null or empty", () => {
    const { authorization } = sign(aRequest).headers;
    expect(sign({ ...aRequest, securityToken: null }).headers["authorization"]).toBe(authorization);
    expect(sign({ ...aRequest, securityToken: "" }).headers["authorization"]).toBe(authorization);
  });

  it("signs a header's value without the blanks around it", () => {
    const { canonicalRequest } = sign({ ...aRequest, headers: { "X-Note": " a  b \t" } });
    expect(canonicalRequest).toContain("\nx-note:a  b\n");
  });

  it("ends the canonical path with exactly one slash", () => {
    const line = (path: string) => sign({ ...aRequest, path }).canonicalRequest.split("\n")[1];
    expect(line("/v2/a")).toBe("/v2/a/");
    expect(line("/v2/a/")).toBe("/v2/a/");
    expect(line("")).toBe("/");
    expect(line("/v2/ä b")).toBe("/v2/%C3%A4%20b/");
    expect(line("/v2/ä b/")).toBe("/v2/%C3%A4%20b/");
  });

  it("gives another signature a second later", () => {
    expect(sign({ ...aRequest, now: aRequest.now + 1000 }).signature).not.toBe(sign(aRequest).signature);
  });
});

describe("the parts of a signature", () => {
  it("writes the date in UTC, to the second", () => {
    expect(sdkDate(Date.UTC(2026, 0, 2, 3, 4, 5, 999))).toBe("20260102T030405Z");
  });

  it("encodes everything but RFC 3986's unreserved characters", () => {
    expect(encode("AZaz09-._~")).toBe("AZaz09-._~");
    expect(encode("!'()* +/=&ü")).toBe("%21%27%28%29%2A%20%2B%2F%3D%26%C3%BC");
  });

  it("sorts a query by key, then by value, before encoding it", () => {
    const query = [
      ["b", "2"],
      ["a", "z"],
      ["b", "10"],
      ["a", "a"],
      ["a", "a"],
      ["B", ""],
    ] as const;
    expect(canonicalQuery(query)).toBe("B=&a=a&a=a&a=z&b=10&b=2");
  });

  it("writes no query as an empty text", () => {
    expect(canonicalQuery([])).toBe("");
    expect(canonicalQuery(undefined)).toBe("");
  });
});

interface OfficialSigner {
  sign(
    request: {
      method: string;
      endpoint: string;
      headers: Record<string, string>;
      queryParams: Record<string, string[]>;
      data?: unknown;
    },
    credential: { getAk(): string; getSk(): string },
  ): Record<string, string>;
  CanonicalURI(path: string): string;
}

describe("beside the official SDK's signer", () => {
  const require = createRequire(import.meta.url);
  const { AKSKSigner } = require("@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner.js") as {
    AKSKSigner: OfficialSigner;
  };

  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  const anyText = fc.string({ unit: "binary", maxLength: 12 });
  const token = fc.string({
    unit: fc.constantFrom(..."ABCabc012+/=".split("")),
    minLength: 1,
    maxLength: 40,
  });
  // The official signer takes its path out of a URL by way of `url.parse`, which escapes some characters before the
  // signer escapes them again, and cuts at others: a fault of its own. Paths without these are compared here, all
  // others below, past `url.parse`.
  const segment = anyText.map((text) => text.replace(/[\s\p{Cc}"'<>`{}|\\^?#%/]/gu, ""));
  // Of the names that begin alike, it puts an underscore elsewhere among the values than among the names.
  const headerName = fc.stringMatching(/^x-[a-z0-9]{1,8}(?:-[a-z0-9]{1,4})?$/);
  // It signs a header's blanks as they are; the signing guide says trimmed, and no HTTP client sends them.
  const headerValue = fc.string({ maxLength: 20 }).map((text) => text.trim());

  const request = fc.record({
    method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "PATCH"),
    host: fc.constantFrom("workspace.cn-north-4.myhuaweicloud.com", "example.com:8443", "127.0.0.1:9"),
    segments: fc.array(segment, { maxLength: 5 }),
    query: fc.dictionary(anyText, fc.array(anyText, { minLength: 1, maxLength: 3 }), { maxKeys: 4 }),
    headers: fc.dictionary(headerName, headerValue, { maxKeys: 4 }),
    data: fc.option(fc.dictionary(anyText, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }), {
      nil: undefined,
    }),
    accessKey: fc.stringMatching(/^[A-Z0-9]{20}$/),
    secretKey: token,
    securityToken: fc.option(token),
    now: fc.integer({ min: 0, max: 4_102_444_799_999 }),
  });

  it("signs 10,000 requests alike", () => {
    fc.assert(
      fc.property(request, ({ segments, host, query, headers, data, securityToken, ...rest }) => {
        vi.setSystemTime(rest.now);
        const path = `/v2/${segments.join("/")}/detach-info`;
        const official = AKSKSigner.sign(
          {
            method: rest.method,
            endpoint: `https://${host}${path}`,
            headers: { ...headers, ...(securityToken && { "X-Security-Token": securityToken }) },
            queryParams: structuredClone(query),
            data,
          },
          { getAk: () => rest.accessKey, getSk: () => rest.secretKey },
        );
        const ours = sign({
          ...rest,
          host,
          path,
          query: Object.entries(query).flatMap(([key, values]) =>
            values.map((value) => [key, value] as const),
          ),
          headers,
          ...(data && { payload: JSON.stringify(data) }),
          securityToken,
        });
        expect(ours.headers["authorization"]).toBe(official["Authorization"]);
        expect(ours.headers["x-sdk-date"]).toBe(official["X-Sdk-Date"]);
      }),
      { numRuns: RUNS },
    );
  });

  it("encodes any path alike", () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 5 }), (segments) => {
        const path = `/${segments.join("/")}`;
        expect(sign({ ...aRequest, path }).canonicalRequest.split("\n")[1]).toBe(
          AKSKSigner.CanonicalURI(path),
        );
      }),
      { numRuns: RUNS },
    );
  });
});
