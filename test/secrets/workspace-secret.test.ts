import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LookupError } from "../../src/contract/errors.ts";
import { parseEndpoint } from "../../src/net/endpoint.ts";
import { parseWorkspaceSecret } from "../../src/secrets/workspace-secret.ts";

const STORED = {
  access_key: "HPUAEXAMPLEAK0000001",
  secret_key: "ExampleSecretKey0001",
  project_id: "0123456789abcdef0123456789abcdef",
  region: "cn-north-4",
};

function parse(value: unknown, override: string | null = null) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return parseWorkspaceSecret(text, override === null ? null : parseEndpoint(override));
}

function faultsOf(value: unknown, override: string | null = null): string {
  try {
    parse(value, override);
  } catch (error) {
    expect(error).toMatchObject({ code: "SECRET_INVALID" });
    return (error as LookupError).detail;
  }
  throw new Error("it is valid");
}

const only = (value: unknown, override: string | null = null) => parse(value, override).byName.get("default");

describe("a secret of one profile", () => {
  it("gives the profile `default`", () => {
    expect(parse(STORED)).toEqual({
      defaultName: "default",
      faulty: new Map(),
      byName: new Map([
        [
          "default",
          {
            name: "default",
            endpoint: parseEndpoint("https://workspace.cn-north-4.myhuaweicloud.com"),
            projectId: STORED.project_id,
            accessKey: STORED.access_key,
            secretKey: STORED.secret_key,
            securityToken: null,
            expiresAt: null,
          },
        ],
      ]),
    });
  });

  it("may have come with stray blanks, lines and a byte order mark", () => {
    const padded = Object.fromEntries(Object.entries(STORED).map(([key, value]) => [key, ` \t${value}\r\n`]));
    expect(only(`\ufeff${JSON.stringify(padded)}`)).toEqual(only(STORED));
  });

  it("may name an endpoint, which goes before the region", () => {
    expect(only({ ...STORED, endpoint: "https://workspace.example.com:8443/" })?.endpoint.host).toBe(
      "workspace.example.com:8443",
    );
  });

  it("has its endpoint overridden by the operator, and then needs none", () => {
    const { region: _, ...placeless } = STORED;
    expect(only(placeless, "http://127.0.0.1:9000")?.endpoint.origin).toBe("http://127.0.0.1:9000");
    expect(only(STORED, "http://127.0.0.1:9000")?.endpoint.origin).toBe("http://127.0.0.1:9000");
  });

  it("may hold temporary credentials and their end", () => {
    const temporary = only({
      ...STORED,
      security_token: " token+/= ",
      expires_at: "2026-11-24T10:00:00+02:00",
    });
    expect(temporary).toMatchObject({
      securityToken: "token+/=",
      expiresAt: Date.parse("2026-11-24T08:00:00Z"),
    });
  });

  it("takes what is empty or null for absent", () => {
    expect(only({ ...STORED, endpoint: "", security_token: null, expires_at: " " })).toEqual(only(STORED));
  });

  it("may carry fields of others", () => {
    expect(only({ ...STORED, note: "rotate in May", owner: { team: "x" } })).toEqual(only(STORED));
  });
});

describe("a secret of several profiles", () => {
  it("gives each, and the default one by its name", () => {
    const { defaultName, byName } = parse({ default: " prod ", profiles: { prod: STORED, lab: STORED } });
    expect(defaultName).toBe("prod");
    expect([...byName.keys()]).toEqual(["prod", "lab"]);
    expect(byName.get("lab")?.name).toBe("lab");
  });

  it("needs no default when there is but one", () => {
    expect(parse({ profiles: { lab: STORED } }).defaultName).toBe("lab");
  });

  it.each([
    [{ profiles: { a: STORED, b: STORED } }, "default is missing"],
    [{ default: "c", profiles: { a: STORED, b: STORED } }, "default names no profile"],
    [{ default: "toString", profiles: { a: STORED } }, "default names no profile"],
    [{ default: 7, profiles: { a: STORED } }, "default must be text"],
    [{ profiles: {} }, "profiles is empty"],
    [{ profiles: [STORED] }, "profiles must be an object"],
    [{ profiles: null }, "profiles must be an object"],
    [{ profiles: { "": STORED } }, "profiles has a name"],
    [{ profiles: { "a\nb": STORED } }, "profiles has a name"],
  ])("is refused for %j", (value, fault) => {
    expect(faultsOf(value)).toContain(fault);
  });

  it("has no profile out of the prototype", () => {
    const secret = `{"default":"a","profiles":{"a":${JSON.stringify(STORED)},"__proto__":${JSON.stringify(STORED)}}}`;
    const { byName } = parse(secret);
    expect(byName.has("constructor")).toBe(false);
    // One that is called so is one as any other.
    expect([...byName.keys()]).toEqual(["a", "__proto__"]);
  });
});

describe("a secret that is not what we need", () => {
  it.each([
    ["", "it is empty"],
    ["{", "it is not JSON"],
    ["AKIA plain text", "it is not JSON"],
    ["[]", "it is no JSON object"],
    ["null", "it is no JSON object"],
    ['"text"', "it is no JSON object"],
    ["7", "it is no JSON object"],
    [{}, "access_key is missing; secret_key is missing; project_id is missing"],
    [{}, "region is missing (or endpoint)"],
    [{ ...STORED, access_key: " " }, "access_key is empty"],
    [{ ...STORED, access_key: 7 }, "access_key must be text"],
    [{ ...STORED, access_key: "two words" }, "access_key must be visible ASCII"],
    [{ ...STORED, access_key: "line\nbreak" }, "access_key must be visible ASCII"],
    [{ ...STORED, secret_key: null }, "secret_key must be text"],
    [{ ...STORED, project_id: "../other" }, "project_id must be a project ID"],
    [{ ...STORED, region: "CN North" }, "region must be a region ID"],
    [{ ...STORED, region: 4 }, "region must be text"],
    [{ ...STORED, endpoint: "workspace.example.com" }, "endpoint must be a URL"],
    [{ ...STORED, endpoint: "http://workspace.example.com" }, "endpoint must be https"],
    [{ ...STORED, endpoint: "ftp://127.0.0.1" }, "endpoint must be https"],
    [{ ...STORED, endpoint: "https://u:p@workspace.example.com" }, "endpoint must hold no user name"],
    [{ ...STORED, endpoint: "https://workspace.example.com/v2" }, "endpoint must be an origin"],
    [{ ...STORED, security_token: "a b" }, "security_token must be visible ASCII"],
    [{ ...STORED, expires_at: "2026-11-24 10:00:00" }, "expires_at must be RFC 3339"],
  ])("is refused for %j", (value, fault) => {
    expect(faultsOf(value)).toContain(fault);
  });

  it("is one profile's fault, which names all that is wrong with it, and leaves the others alone", () => {
    const { byName, faulty } = parse({
      default: "c",
      profiles: { a: { ...STORED, access_key: "", region: "?" }, b: { project_id: 1 }, c: STORED, d: "text" },
    });
    expect([...byName.keys()]).toEqual(["c"]);
    expect(Object.fromEntries(faulty)).toEqual({
      a: [
        "profiles.a.access_key is empty",
        "profiles.a.access_key must be visible ASCII without blanks",
        "profiles.a.region must be a region ID such as cn-north-4",
      ],
      b: [
        "profiles.b.region is missing (or endpoint)",
        "profiles.b.access_key is missing",
        "profiles.b.secret_key is missing",
        "profiles.b.project_id must be text",
      ],
      d: ["profiles.d.region is missing (or endpoint)", "profiles.d must be an object"],
    });
  });

  it("tells nobody of a profile's fault beside a fault of the whole", () => {
    expect(faultsOf({ default: "x", profiles: { a: { ...STORED, access_key: "" } } })).not.toContain(
      "profiles.a",
    );
  });

  it("is faulty in its region even where that is overridden", () => {
    expect(faultsOf({ ...STORED, region: "?" }, "http://127.0.0.1:9000")).toContain("region must be");
  });

  it("never shows a value of itself", () => {
    const canary = "CANARY7x9";
    const value = fc.oneof(
      fc.constantFrom(
        canary,
        `${canary} ${canary}`,
        `http://${canary}`,
        `https://h/${canary}`,
        `${canary}\n`,
      ),
      fc.constantFrom([canary], { [canary]: canary }, 7, null, true),
    );
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(...Object.keys(STORED), "endpoint", "security_token", "expires_at"),
          value,
        ),
        fc.boolean(),
        (stored, isSeveral) => {
          try {
            const { faulty } = parse(isSeveral ? { default: "a", profiles: { a: stored } } : stored);
            expect(JSON.stringify([...faulty.values()])).not.toContain(canary);
          } catch (error) {
            expect((error as LookupError).code).toBe("SECRET_INVALID");
            expect(`${(error as LookupError).detail} ${(error as Error).stack}`).not.toContain(canary);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
