import { afterEach, describe, expect, it } from "vitest";
import { wallNow } from "../../src/time/clocks.ts";
import { leaveNothingBehind } from "./support/left-behind.ts";
import { SECRET } from "./support/secrets.ts";
import { expectSuccess, ROWS, setUp } from "./support/service.ts";
import { give, giveSecret, type StoreReaction } from "./support/store.ts";
import { answer, type Heard, type Reaction, serveUpstream } from "./support/upstream.ts";

afterEach(leaveNothingBehind);

const MINUTE_MS = 60_000;
const ok = answer(200, ROWS);
const refused = answer(401, { error_code: "APIGW.0301", error_msg: "verify aksk signature fail" });
const ANYBODY = { ACCESS_POLICY: JSON.stringify([{ profiles: ["*"] }]) };

/** A secret of those profiles; the first is the default one. */
const profilesOf = (profiles: Record<string, object>) => ({ default: Object.keys(profiles)[0], profiles });

const projectOf = ({ headers }: Heard) => headers["x-project-id"];

/** A server whose clock is so far from the real time, and that accepts a quarter of an hour either way. */
function minding(skewMs: number): Reaction {
  return (socket, { headers }) => {
    const signedAt = Date.parse(
      (headers["x-sdk-date"] ?? "").replace(
        /^(....)(..)(..)T(..)(..)(..)Z$/,
        (_, y, mo, d, h, mi, s) => `${y}-${mo}-${d}T${h}:${mi}:${s}Z`,
      ),
    );
    const serverTime = Date.now() + skewMs;
    if (Math.abs(signedAt - serverTime) <= 15 * MINUTE_MS) return ok(socket, {} as Heard);
    const date = new Date(serverTime).toUTCString();
    answer(401, { error_code: "APIGW.0301", error_msg: "signature expired" }, { date })(socket, {} as Heard);
  };
}

describe("the default profile", () => {
  it("is what it was when the caller was permitted: nobody gets another profile's rows", async () => {
    const profiles = {
      prod: { ...SECRET, project_id: "prod0000" },
      lab: { ...SECRET, access_key: "HPUALAB", project_id: "lab00000" },
    };
    const { ask, upstream, store, pass } = await setUp({
      upstream: (socket, heard) =>
        answer(200, {
          desktop_detach_infos: [{ desktop_id: "d1", user_name: projectOf(heard) }],
        })(socket, heard),
      store: giveSecret({ default: "prod", profiles }),
      env: { RESULT_TTL_SECONDS: "3600" },
    });
    const rowsOf = async () => {
      const { body } = await ask();
      return [body["profile"], body.unbindings?.[0]?.user_name];
    };
    expect(await rowsOf()).toEqual(["prod", "prod0000"]);
    store.react(giveSecret({ default: "lab", profiles }));
    pass(301_000);
    expect(await rowsOf()).toEqual(["lab", "lab00000"]);
    expect(upstream.heard).toHaveLength(2);
  });
});

describe("a key that was trusted", () => {
  const batchOf = (count: number) => ({
    path: "/v1/unbindings/query",
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ desktop_ids: Array.from({ length: count }, (_, n) => `b${n}`) }),
  });
  const env = { BATCH_CONCURRENCY: "20" };

  it("is refused at most four times when it turned bad before a batch", async () => {
    const { ask, upstream } = await setUp({ upstream: ok, env });
    expectSuccess(await ask());
    expect((await ask(batchOf(20))).body).toMatchObject({ succeeded: 20 });
    const before = upstream.heard.length;
    upstream.react(refused);
    const { text } = await ask({
      ...batchOf(100),
      query: "",
      body: batchOf(100).body.replaceAll('"b', '"c'),
    });
    expect(text.match(/"CREDENTIALS_REFUSED"/g)).toHaveLength(100);
    expect(upstream.heard.length - before).toBeLessThanOrEqual(4);
  });

  it("is refused no more often than it was under way when it turns bad in the middle of one", async () => {
    const { ask, upstream } = await setUp({
      upstream: (socket, heard) => (heard.number < 40 ? ok : refused)(socket, heard),
      env,
    });
    const { body } = await ask(batchOf(100));
    expect(body).toMatchObject({ succeeded: 40, failed: 60 });
    expect(upstream.heard.length - 40).toBeLessThanOrEqual(20);
  });

  it("is refused at most four times when the clock leapt, and all are answered after one correction", async () => {
    let leapMs = 0;
    let refusals = 0;
    const gateway = minding(0);
    const { ask, upstream, log } = await setUp({
      upstream: (socket, heard) => gateway(socket, heard),
      env,
      world: { wallNow: () => wallNow() + leapMs },
    });
    expectSuccess(await ask());
    leapMs = 20 * MINUTE_MS;
    expect((await ask(batchOf(60))).body).toMatchObject({ succeeded: 60 });
    refusals = upstream.heard.length - 61;
    expect(refusals).toBeGreaterThan(0);
    expect(refusals).toBeLessThanOrEqual(4);
    expect(log.some(({ message }) => message === "credentials_refused")).toBe(false);
  });
});

describe("a refused credential", () => {
  it.each([
    ["token", { security_token: "CorrectedToken" }],
    ["project", { project_id: "corrected0000" }],
  ])("is another once its %s is corrected under the same key, and works at once", async (_, correction) => {
    const corrected = { ...SECRET, ...correction };
    const { ask, upstream, store, pass } = await setUp({
      upstream: (socket, heard) => {
        const { headers } = heard;
        const isRight =
          headers["x-security-token"] === corrected.security_token &&
          headers["x-project-id"] === corrected.project_id;
        (isRight ? ok : refused)(socket, heard);
      },
    });
    for (const desktop of ["d1", "d2", "d3", "d4"]) {
      expect((await ask({ desktop })).body.code).toBe("CREDENTIALS_REFUSED");
    }
    expect(upstream.heard).toHaveLength(3);
    store.react(giveSecret(corrected));
    pass(30_000);
    expectSuccess(await ask({ desktop: "d5" }));
    expect(upstream.heard).toHaveLength(4);
  });
});

describe("profiles that share an access key", () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const store = giveSecret(
    profilesOf(Object.fromEntries(names.map((name) => [name, { ...SECRET, project_id: `project-${name}` }]))),
  );

  it("wait together when one of them is limited", async () => {
    const { ask, upstream } = await setUp({
      upstream: answer(429, { error_code: "APIGW.0308" }, { "retry-after": "60" }),
      store,
      env: ANYBODY,
    });
    for (const name of names) {
      const { body } = await ask({ query: `profile=${name}` });
      expect(body).toMatchObject({ code: "UPSTREAM_THROTTLED" });
    }
    expect(upstream.heard).toHaveLength(1);
  });

  it("are refused and look into the store no more often than one alone", async () => {
    const service = await setUp({ upstream: refused, store, env: ANYBODY });
    for (const name of names) {
      expect((await service.ask({ query: `profile=${name}` })).body.code).toBe("CREDENTIALS_REFUSED");
    }
    expect(service.upstream.heard).toHaveLength(3);
    expect(service.store.calls()).toBe(2);
  });
});

describe("clocks that differ", () => {
  it("are each origin's own: one refusal for each, and none after", async () => {
    const [early, late] = [
      await serveUpstream(minding(-20 * MINUTE_MS)),
      await serveUpstream(minding(20 * MINUTE_MS)),
    ];
    const { ask } = await setUp({
      upstream: early,
      store: giveSecret(
        profilesOf({
          early: { ...SECRET, endpoint: early.origin },
          late: { ...SECRET, endpoint: late.origin },
        }),
      ),
      endpoint: "",
      env: ANYBODY,
    });
    for (const desktop of ["d1", "d2", "d3"]) {
      for (const profile of ["early", "late"])
        expectSuccess(await ask({ desktop, query: `profile=${profile}` }));
    }
    expect([early.heard.length, late.heard.length]).toEqual([4, 4]);
  });

  it("of a profile that is not the default one are no matter of readiness", async () => {
    const [ours, theirs] = [await serveUpstream(minding(0)), await serveUpstream(minding(20 * MINUTE_MS))];
    const { ask } = await setUp({
      upstream: ours,
      store: giveSecret(
        profilesOf({
          ours: { ...SECRET, endpoint: ours.origin },
          theirs: { ...SECRET, endpoint: theirs.origin },
        }),
      ),
      endpoint: "",
      env: ANYBODY,
    });
    expectSuccess(await ask({ query: "profile=theirs" }));
    expect((await ask({ path: "/ready" })).body).toMatchObject({ status: "ready", clock: "ok" });
  });

  it("are the store's, the upstream's and ours, each corrected by itself", async () => {
    const refusedOnce: StoreReaction = (response) => {
      response.setHeader("date", new Date(Date.now() - 40 * MINUTE_MS).toUTCString());
      give(400, { __type: "InvalidSignatureException", Message: "Signature expired" })(response);
      store.react(giveSecret(SECRET));
    };
    const { ask, upstream, store } = await setUp({
      upstream: minding(40 * MINUTE_MS),
      store: (response) => refusedOnce(response),
    });
    expectSuccess(await ask({ desktop: "d1" }));
    expectSuccess(await ask({ desktop: "d2" }));
    expect(store.calls()).toBe(2);
    expect(upstream.heard).toHaveLength(3);
  });
});

describe("a key that ends while the store is down", () => {
  it("is used to its last second, and leads to one look into the store in five seconds then", async () => {
    const endsAt = Math.ceil(wallNow() / 1000) * 1000 + 40_000;
    const { ask, store, pass } = await setUp({
      upstream: ok,
      store: giveSecret({ ...SECRET, expires_at: new Date(endsAt).toISOString() }),
    });
    expectSuccess(await ask({ desktop: "d1" }));
    store.react((response) => response.destroy());
    pass(30_000);
    expectSuccess(await ask({ desktop: "d2" }));
    pass(15_000);
    await ask({ desktop: "d3" });
    const before = store.calls();
    for (const desktop of ["d4", "d5", "d6"]) {
      expect((await ask({ desktop })).body.code).toBe("SECRET_UNAVAILABLE");
    }
    expect(store.calls()).toBe(before);
    store.react(giveSecret(SECRET));
    pass(5000);
    expectSuccess(await ask({ desktop: "d7" }));
  });
});

describe("a profile that is faulty", () => {
  const secret = profilesOf({
    prod: SECRET,
    "acme-merger": { ...SECRET, access_key: "HPUAOTHER", secret_key: "" },
  });

  it("is its own trouble: others work, and neither they nor readiness hear of it", async () => {
    const { ask, log } = await setUp({ upstream: ok, store: giveSecret(secret) });
    expectSuccess(await ask({ desktop: "d1" }));
    expect((await ask({ path: "/ready" })).status).toBe(200);
    const forbidden = await ask({ query: "profile=acme-merger" });
    const unknown = await ask({ query: "profile=nowhere" });
    expect(forbidden.body.code).toBe("FORBIDDEN");
    expect(forbidden.text).toBe(unknown.text);
    expect(log.filter(({ message }) => message === "secret_profiles_invalid")).toMatchObject([
      { faults: "profiles.acme-merger.secret_key is empty" },
    ]);
  });

  it("is told to who may use it, by the field", async () => {
    const { ask } = await setUp({ upstream: ok, store: giveSecret(secret), env: ANYBODY });
    expect((await ask({ query: "profile=acme-merger" })).body).toMatchObject({
      code: "SECRET_INVALID",
      detail: "The secret is not valid: profiles.acme-merger.secret_key is empty.",
    });
  });
});
