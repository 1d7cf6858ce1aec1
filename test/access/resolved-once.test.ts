import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Caller } from "../../src/access/caller.ts";
import type { LookupError } from "../../src/contract/errors.ts";
import { parseQuery } from "../../src/contract/query.ts";
import { aCall } from "../support/call.ts";
import { rowsOf, stage } from "../support/world.ts";

const NAMES = ["prod", "lab"] as const;
const PROJECTS = ["p1", "p2", "p3"] as const;

/** Who may use what. */
const POLICY = [
  { iam: ["arn:aws:iam::111122223333:user/admin"], profiles: ["*"] },
  { iam: ["arn:aws:iam::111122223333:user/lab"], profiles: ["lab"] },
  { invoke: true },
];
const CALLERS: Record<string, Caller> = {
  admin: { kind: "iam", arn: "arn:aws:iam::111122223333:user/admin" },
  lab: { kind: "iam", arn: "arn:aws:iam::111122223333:user/lab" },
  anybody: { kind: "invoke" },
};

const state = fc.record({
  default: fc.constantFrom(...NAMES),
  prod: fc.constantFrom(...PROJECTS),
  lab: fc.constantFrom(...PROJECTS),
});
const question = fc.record({
  caller: fc.constantFrom(...Object.keys(CALLERS)),
  profile: fc.constantFrom(undefined, ...NAMES),
  fresh: fc.boolean(),
  secret: state,
  isByName: fc.boolean(),
});

describe("who was permitted", () => {
  it("is what was asked, whatever the secret does between and during calls", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(question, { minLength: 1, maxLength: 6 }),
        async (scheduler, questions) => {
          let secret = (questions[0] as (typeof questions)[number]).secret;
          /** Projects that each profile has ever stood for. */
          const stoodFor = { prod: new Set([secret.prod]), lab: new Set([secret.lab]) };
          const defaults = new Set<string>([secret.default]);
          const { composition, pass } = stage({
            say: async ({ path, desktopId, accessKey }) => {
              await scheduler.schedule(Promise.resolve(), "upstream");
              const project = path.split("/")[2] as string;
              if (desktopId === null) {
                return { body: { desktops: [{ desktop_id: "d0", computer_name: "WIN" }], total_count: 1 } };
              }
              return rowsOf("d0", `${accessKey}/${project}`);
            },
            secret: async () => {
              const now = secret;
              await scheduler.schedule(Promise.resolve(), "store");
              return {
                default: now.default,
                profiles: Object.fromEntries(NAMES.map((name) => [name, profileOf(name, now[name])])),
              };
            },
            env: {
              ACCESS_POLICY: JSON.stringify(POLICY),
              RESULT_TTL_SECONDS: "3600",
              SECRET_TTL_SECONDS: "1",
            },
          });
          const guard = composition.service?.guard;
          if (!guard) throw new Error("not composed");
          const asks = questions.map(async ({ caller, profile, fresh, secret: next, isByName }) => {
            await scheduler.schedule(Promise.resolve(), "ask");
            secret = next;
            for (const name of NAMES) stoodFor[name].add(next[name]);
            defaults.add(next.default);
            pass(2000);
            const query = parseQuery(
              { ...(isByName ? { desktop_name: "WIN" } : { desktop_id: "d0" }), profile, fresh },
              0,
            );
            const result = await guard
              .lookup(query, CALLERS[caller] as Caller, aCall({ deadline: { remaining: () => 8000 } }))
              .catch((error: LookupError) => error);
            if (result instanceof Error) {
              expect(["FORBIDDEN", "SECRET_UNAVAILABLE"]).toContain(result.code);
              return;
            }
            const answered = result.profile as (typeof NAMES)[number];
            const [key, project] = (result.last_user_name as string).split("/");
            // The rows are the profile's that the answer names, asked with its key, in a project that it stood for.
            expect(key).toBe(`KEY${answered}`);
            expect(stoodFor[answered]).toContain(project);
            if (profile !== undefined) expect(answered).toBe(profile);
            if (caller === "lab") expect(answered).toBe("lab");
            if (caller === "anybody") expect(defaults).toContain(answered);
          });
          await scheduler.waitFor(Promise.all(asks));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("is not answered from what was kept of another project under the same name", async () => {
    let project = "p1";
    const { composition, heard, pass } = stage({
      say: ({ path }) => rowsOf("d0", path.split("/")[2] as string),
      secret: () => ({ profiles: { prod: profileOf("prod", project) } }),
      env: { RESULT_TTL_SECONDS: "3600" },
    });
    const ask = () =>
      composition.service?.guard.lookup(parseQuery({ desktop_id: "d0" }, 0), { kind: "invoke" }, aCall());
    expect(await ask()).toMatchObject({ last_user_name: "p1" });
    project = "p2";
    pass(300_000);
    expect(await ask()).toMatchObject({ last_user_name: "p2" });
    project = "p1";
    pass(300_000);
    expect(await ask()).toMatchObject({ last_user_name: "p1" });
    expect(heard).toHaveLength(2);
  });

  it("goes on with what the profile stands for now, when it moved after it was resolved", async () => {
    let project = "p1";
    const { composition, heard } = stage({
      say: ({ path, number }) => {
        project = "p2";
        return number === 0
          ? { status: 401, body: { error_code: "APIGW.0301" } }
          : rowsOf("d0", path.split("/")[2] as string);
      },
      secret: () => ({ profiles: { prod: profileOf("prod", project) } }),
    });
    const ask = () =>
      composition.service?.guard.lookup(parseQuery({ desktop_id: "d0" }, 0), { kind: "invoke" }, aCall());
    expect(await ask()).toMatchObject({ last_user_name: "p2", profile: "prod" });
    expect(await ask()).toMatchObject({ last_user_name: "p2" });
    expect(heard).toHaveLength(2);
  });
});

function profileOf(name: string, project: string) {
  return { access_key: `KEY${name}`, secret_key: "made-up", project_id: project, region: "cn-north-4" };
}
