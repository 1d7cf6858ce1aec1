import { describe, expect, it } from "vitest";
import { checkSignature, type WireRequest } from "../../sandbox/signature.ts";
import signing from "../data/signing-vectors.json" with { type: "json" };

interface Signed {
  request: WireRequest;
  key: { accessKey: string; secretKey: string; securityToken: string | null };
  now: number;
}

type Vector = (typeof signing.vectors)[number];

/** The vector's query in the order given, encoded as browsers do: the gateway has to make its own form of it. */
function queryOf({ query }: Vector["input"]): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
  const text = pairs.map((pair) => pair.map((part) => encodeURIComponent(String(part))).join("=")).join("&");
  return text === "" ? "" : `?${text}`;
}

/** A vector as it would go over the wire; its URL lacks the query. */
function asSent({ input, expected }: Vector): Signed {
  const url = new URL(expected.signedUrl);
  return {
    request: {
      method: input.method,
      target: `${url.pathname}${queryOf(input)}`,
      headers: Object.entries(expected.headers),
      body: Buffer.from(input.body === null ? "" : JSON.stringify(input.body)),
    },
    key: { accessKey: input.accessKey, secretKey: input.secretKey, securityToken: input.securityToken },
    now: Date.parse(input.now),
  };
}

const vectors = signing.vectors.map((vector) => ({ name: vector.name, ...asSent(vector) }));

function vectorNamed(start: string): Signed {
  const found = vectors.find(({ name }) => name.startsWith(start));
  if (!found) throw new Error(`no vector ${start}`);
  return found;
}

function withHeader(request: WireRequest, wanted: string, change: (value: string) => string): WireRequest {
  const headers = request.headers.map(
    ([name, value]) => [name, name.toLowerCase() === wanted ? change(value) : value] as const,
  );
  return { ...request, headers };
}

const changeFirst = (text: string) => (text.startsWith("x") ? "y" : "x") + text.slice(1);

describe("the sandbox's check of a signature", () => {
  it.each(vectors)("accepts what the official SDK signs: $name", ({ request, key, now }) => {
    expect(checkSignature(request, [key], now)).toEqual({ key });
  });

  it.each(vectors)("refuses it with a byte of the request changed: $name", ({ request, key, now }) => {
    const changed: WireRequest[] = [
      { ...request, method: "PUT" },
      { ...request, target: request.target.replace("/v", "/w") },
      { ...request, target: `${request.target}${request.target.includes("?") ? "&" : "?"}more=1` },
      { ...request, body: Buffer.concat([request.body, Buffer.from(" ")]) },
      withHeader(request, "host", changeFirst),
      withHeader(request, "authorization", (value) => value.replace(/.$/, (c) => (c === "0" ? "1" : "0"))),
      withHeader(request, "x-sdk-date", (value) => value.replace("30Z", "31Z")),
    ];
    for (const variant of changed) {
      expect(checkSignature(variant, [key], now)).toHaveProperty("refusal");
    }
  });

  it("reads a query in whatever order and spelling it was sent", () => {
    const { request, key, now } = vectorNamed("10-");
    const [path, query = ""] = request.target.split("?");
    const reversed = `${path}?${query.split("&").reverse().join("&").replaceAll("%2B", "%2b")}`;
    expect(checkSignature({ ...request, target: reversed }, [key], now)).toEqual({ key });
  });

  it("accepts a clock that is off by 15 minutes, and none that is off by more", () => {
    const { request, key, now } = vectorNamed("15-");
    const minutes = 60_000;
    expect(checkSignature(request, [key], now + 15 * minutes)).toEqual({ key });
    expect(checkSignature(request, [key], now - 15 * minutes)).toEqual({ key });
    expect(checkSignature(request, [key], now + 15 * minutes + 1000)).toEqual({
      refusal: "signature expired, signature time:20261124T081530Z,server time:20261124T083031Z",
    });
    expect(checkSignature(request, [key], now - 15 * minutes - 1000)).toEqual({
      refusal: "signature expired, signature time:20261124T081530Z,server time:20261124T080029Z",
    });
  });

  it("refuses a key that it does not know", () => {
    const { request, key, now } = vectorNamed("15-");
    const other = { ...key, accessKey: "SOMEOTHERKEY" };
    expect(checkSignature(request, [other], now)).toEqual({ refusal: `ak ${key.accessKey} not exist` });
  });

  it("refuses what another secret key signed", () => {
    const { request, key, now } = vectorNamed("15-");
    expect(checkSignature(request, [{ ...key, secretKey: "another" }], now)).toEqual({
      refusal: "verify aksk signature fail, signature does not match",
    });
  });

  it("refuses a temporary key without its token, with another, or with one that is not signed", () => {
    const { request, key, now } = vectorNamed("02-");
    const without = {
      ...request,
      headers: request.headers.filter(([name]) => name.toLowerCase() !== "x-security-token"),
    };
    const unsigned = withHeader(request, "authorization", (value) => value.replace(";x-security-token", ""));
    for (const variant of [without, withHeader(request, "x-security-token", changeFirst), unsigned]) {
      expect(checkSignature(variant, [key], now)).toEqual({
        refusal: expect.stringMatching(/^x-security-token is not/),
      });
    }
  });

  it.each([
    ["no authorization", "authorization", /^.*$/, "", "authorization format error"],
    ["AWS's way of signing", "authorization", /^SDK-/, "AWS4-", "authorization format error"],
    ["an unsigned host", "authorization", "host;", "", "host is not signed"],
    ["an unsigned date", "authorization", ";x-sdk-date", "", "x-sdk-date is missing or not signed"],
    ["a date that is none", "x-sdk-date", /^.*$/, "today", "x-sdk-date is missing or not signed"],
  ])("refuses %s", (_, header, pattern, replacement, refusal) => {
    const { request, key, now } = vectorNamed("15-");
    const changed = withHeader(request, header, (value) => value.replace(pattern, replacement));
    expect(checkSignature(changed, [key], now)).toEqual({ refusal });
  });

  it("refuses a header that is there twice: which one was signed, nobody knows", () => {
    const { request, key, now } = vectorNamed("15-");
    const twice = { ...request, headers: [...request.headers, ["x-sdk-date", "20261124T081530Z"] as const] };
    expect(checkSignature(twice, [key], now)).toHaveProperty("refusal");
  });

  it("refuses a request without any authentication", () => {
    const { request, key, now } = vectorNamed("15-");
    expect(checkSignature({ ...request, headers: [] }, [key], now)).toHaveProperty("refusal");
  });
});
