import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Caller } from "../../src/access/caller.ts";
import { grantOf, parseAccessPolicy } from "../../src/access/policy.ts";
import { readConfig } from "../../src/config/config.ts";
import { createHttpFunction } from "../../src/http/http-function.ts";
import { createInvokeFunction } from "../../src/invoke/invoke-function.ts";
import { anApi, CONTEXT, DESKTOP, UNBINDINGS } from "../support/api.ts";
import { stage } from "../support/world.ts";

const bearer = (claims: unknown): Caller => ({ kind: "jwt", claims: claims as Record<string, unknown> });

/** Written as text: a literal `__proto__` in an object of ours would be its prototype. */
function fits(policy: string, caller: Caller): boolean {
  const { policy: rules, faults } = parseAccessPolicy(policy);
  expect(faults).toBeNull();
  return rules !== null && grantOf(rules, caller) !== null;
}

const faultsOf = (policy: string) =>
  readConfig({ WORKSPACE_SECRET_ID: "workspace/test", ACCESS_POLICY: policy }).faults;

/** The ways in which gateways hand a list on. */
const WRITINGS: Record<string, (values: readonly string[]) => unknown> = {
  "as a list": (values) => values,
  "as an HTTP API does": (values) => `[${values.join(" ")}]`,
  "with commas in brackets": (values) => `[${values.join(", ")}]`,
  "as a REST API does": (values) => values.join(","),
  "as JSON in text": (values) => JSON.stringify(values),
};

/** What JavaScript's own objects have, and a caller may send. */
const FOREIGN_KEYS = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"];

describe("a claim that is a list", () => {
  it.each(Object.entries(WRITINGS))("is matched by its parts, %s", (_, write) => {
    const value = fc.stringMatching(/^[\w:.@/-]{1,8}$/);
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), value, (held, wanted) => {
        const policy = JSON.stringify([{ claims: { groups: wanted } }]);
        expect(fits(policy, bearer({ groups: write(held) }))).toBe(held.includes(wanted));
      }),
      { numRuns: 1000 },
    );
  });

  it.each(["Contract Workers", "a,b", "[a]", 'a"', "a\tb", " a"])(
    "cannot be searched for %j, which is refused at start",
    (value) => {
      expect(faultsOf(JSON.stringify([{ claims: { groups: ["x", value] } }, { hide_users: true }]))).toEqual([
        "ACCESS_POLICY[0].claims.groups holds a space, a comma, a bracket or a quote: in a list of values it could not be recognised",
      ]);
    },
  );

  it.each<[unknown]>([[""], [[]], [7], [null], [{ a: 1 }], [["a", 7]]])(
    "cannot be searched for %j",
    (value) => {
      expect(faultsOf(JSON.stringify([{ claims: { groups: value } }]))).toHaveLength(1);
    },
  );

  it.each<unknown>([null, { toString: 1 }, { a: "staff" }, [{ toString: 1 }], [["staff"]], ""])(
    "that is no claim, %j, matches nothing and harms nobody",
    (value) => {
      expect(fits('[{"claims":{"groups":"staff"}}]', bearer({ groups: value }))).toBe(false);
    },
  );
});

describe("a name that objects have of their own", () => {
  it.each(FOREIGN_KEYS)("is a claim like any other: %s", (name) => {
    const policy = `[{"claims":{"iss":"https://issuer.example","${name}":"staff"}}]`;
    expect(fits(policy, bearer({ iss: "https://issuer.example" }))).toBe(false);
    const claims = JSON.parse(`{"iss":"https://issuer.example","${name}":"staff"}`);
    expect(fits(policy, bearer(claims))).toBe(true);
  });

  it.each(FOREIGN_KEYS)("is no key of a rule: %s", (name) => {
    expect(faultsOf(`[{"${name}":true}]`)).toEqual(["ACCESS_POLICY[0] has a key that means nothing"]);
  });

  it.each(FOREIGN_KEYS)("is no parameter, by whatever door: %s", async (name) => {
    const { ask } = anApi();
    for (const shape of ["v2", "v1", "alb"] as const) {
      const { body } = await ask({ path: UNBINDINGS, query: `${name}=1` }, shape);
      expect(JSON.parse(body).errors).toEqual([{ field: name, message: "is not a known parameter" }]);
    }
    const batch = await ask({
      method: "POST",
      path: "/v1/unbindings/query",
      headers: { "content-type": "application/json" },
      body: `{"desktop_ids":["d1"],"${name}":{"x":1}}`,
    });
    expect(JSON.parse(batch.body).errors).toEqual([{ field: name, message: "is not a known parameter" }]);
    const invoke = createInvokeFunction(stage().composition);
    await expect(invoke(JSON.parse(`{"desktop_id":"d1","${name}":{"x":1}}`), CONTEXT)).rejects.toMatchObject({
      message: expect.stringContaining(`"field":"${name}"`),
    });
  });

  it.each(FOREIGN_KEYS)("is a header like any other: %s", async (name) => {
    const handler = createHttpFunction(stage().composition);
    const event = JSON.parse(
      `{"version":"2.0","rawPath":"/v1/desktops/${DESKTOP}/unbindings","headers":{"${name}":"x","accept":"text/csv"},"requestContext":{"http":{"method":"GET"}}}`,
    );
    expect((await handler(event, CONTEXT)).headers?.["content-type"]).toMatch(/^text\/csv/);
  });
});
