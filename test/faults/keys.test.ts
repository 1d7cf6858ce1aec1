import { afterEach, describe, expect, it } from "vitest";
import { wallNow } from "../../src/time/clocks.ts";
import { CANARY } from "./support/canaries.ts";
import { leaveNothingBehind } from "./support/left-behind.ts";
import { NEW_SECRET, SECRET } from "./support/secrets.ts";
import { expectSuccess, ROWS, setUp } from "./support/service.ts";
import { giveSecret } from "./support/store.ts";
import { answer, type Heard, type Reaction } from "./support/upstream.ts";

afterEach(leaveNothingBehind);

const ok = answer(200, ROWS);
const refused = answer(401, {
  error_code: "APIGW.0301",
  error_msg: "Incorrect IAM authentication information",
});
const MINUTE_MS = 60_000;

function keyOf(heard: Heard): string {
  return /Access=([^,]+)/.exec(heard.headers["authorization"] ?? "")?.[1] ?? "";
}

/** Accepts those access keys and refuses every other. */
function accepting(...keys: readonly string[]): Reaction {
  return (socket, heard) => (keys.includes(keyOf(heard)) ? ok : refused)(socket, heard);
}

describe("a refused key", () => {
  it("is replaced by the store's newer one with one more look into the store", async () => {
    const { ask, upstream, store } = await setUp({ upstream: ok });
    expectSuccess(await ask({ desktop: "d1" }));
    upstream.react(accepting(CANARY.newAccessKey));
    store.react(giveSecret(NEW_SECRET));
    expectSuccess(await ask({ desktop: "d2" }));
    expect(upstream.heard).toHaveLength(3);
    expect(store.calls()).toBe(2);
    expectSuccess(await ask({ desktop: "d3" }));
    expect(upstream.heard).toHaveLength(4);
    expect(store.calls()).toBe(2);
  });

  it("is not tried again when the store has no other", async () => {
    const { ask, upstream, store } = await setUp({ upstream: refused });
    const { status, body } = await ask();
    expect(status).toBe(502);
    expect(body).toMatchObject({ code: "CREDENTIALS_REFUSED", upstream_code: "APIGW.0301" });
    expect(upstream.heard).toHaveLength(1);
    expect(store.calls()).toBe(2);
  });

  it("is not tried again when the store has another that is refused as well", async () => {
    const { ask, upstream, store } = await setUp({ upstream: [ok, refused] });
    expectSuccess(await ask({ desktop: "d1" }));
    store.react(giveSecret(NEW_SECRET));
    expect((await ask({ desktop: "d2" })).body.code).toBe("CREDENTIALS_REFUSED");
    expect(upstream.heard).toHaveLength(3);
  });

  it("leads to one look into the store in thirty seconds", async () => {
    const { ask, store, pass } = await setUp({ upstream: refused });
    await ask({ desktop: "d1" });
    pass(29_000);
    await ask({ desktop: "d2" });
    expect(store.calls()).toBe(2);
    pass(1000);
    await ask({ desktop: "d3" });
    expect(store.calls()).toBe(3);
  });

  it("is left alone for five minutes after three refusals in a row", async () => {
    const { ask, upstream, pass } = await setUp({ upstream: refused });
    for (const desktop of ["d1", "d2", "d3"]) await ask({ desktop });
    expect(upstream.heard).toHaveLength(3);
    for (let minute = 0; minute < 4; minute++) {
      pass(MINUTE_MS);
      expect((await ask({ desktop: `m${minute}` })).body.code).toBe("CREDENTIALS_REFUSED");
    }
    expect(upstream.heard).toHaveLength(3);
    pass(MINUTE_MS);
    upstream.react(ok);
    expectSuccess(await ask({ desktop: "d4" }));
  });

  it("goes out no more than three times in a batch of a hundred", async () => {
    const { ask, upstream } = await setUp({ upstream: refused });
    const { body } = await ask({
      path: "/v1/unbindings/query",
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ desktop_ids: Array.from({ length: 100 }, (_, n) => `d${n}`) }),
    });
    expect(body).toMatchObject({ succeeded: 0, failed: 100 });
    expect(JSON.stringify(body).match(/"CREDENTIALS_REFUSED"/g)).toHaveLength(100);
    expect(upstream.heard).toHaveLength(3);
  });

  it("is left alone no longer once the store has another", async () => {
    const { ask, upstream, store, pass } = await setUp({ upstream: accepting(CANARY.newAccessKey) });
    for (const desktop of ["d1", "d2", "d3"]) await ask({ desktop });
    store.react(giveSecret(NEW_SECRET));
    pass(30_000);
    expectSuccess(await ask({ desktop: "d4" }));
    expect(upstream.heard).toHaveLength(4);
  });

  it("is forgiven its refusals by an acceptance between them", async () => {
    const { ask, upstream } = await setUp({ upstream: [refused, refused, ok, refused, refused, ok] });
    for (const desktop of ["d1", "d2", "d3", "d4", "d5"]) await ask({ desktop });
    expectSuccess(await ask({ desktop: "d6" }));
    expect(upstream.heard).toHaveLength(6);
  });

  it("stays the news when the store cannot be asked for another", async () => {
    const { ask, upstream, store } = await setUp({ upstream: [ok, refused] });
    expectSuccess(await ask({ desktop: "d1" }));
    store.react((response) => response.destroy());
    expect((await ask({ desktop: "d2" })).body.code).toBe("CREDENTIALS_REFUSED");
    expect(upstream.heard).toHaveLength(2);
  });

  it.each([
    [401, { error_code: "APIGW.0301" }],
    [401, {}],
    [403, { error_code: "IAM.0080" }],
    [200, { error_code: "APIGW.0305", error_msg: "refused" }],
  ])("is recognised by a %i with %j", async (status, body) => {
    const { ask, upstream } = await setUp({ upstream: answer(status, body) });
    expect((await ask()).body.code).toBe("CREDENTIALS_REFUSED");
    expect(upstream.heard).toHaveLength(1);
  });
});

describe("rotation", () => {
  it("fails no call over a hundred rotations under load, with two valid keys at any time", async () => {
    const secretOf = (generation: number) => ({
      ...SECRET,
      access_key: `${CANARY.accessKey}${generation}`,
    });
    let generation = 0;
    const { ask, upstream, store } = await setUp({
      upstream: (socket, heard) =>
        accepting(secretOf(generation).access_key, secretOf(generation - 1).access_key)(socket, heard),
      store: (response) => giveSecret(secretOf(generation))(response),
      env: { LOG_LEVEL: "error" },
    });
    for (; generation < 100; generation++) {
      const answers = await Promise.all(
        Array.from({ length: 5 }, (_, n) => ask({ desktop: `d-${generation}-${n}` })),
      );
      for (const answered of answers) expectSuccess(answered);
    }
    expect(upstream.heard.length).toBeGreaterThanOrEqual(500);
    expect(store.calls()).toBeLessThanOrEqual(101);
  });
});

describe("a secret rotated within a batch", () => {
  it("leaves no desktop of it without an answer", async () => {
    const { ask, upstream, store } = await setUp({ upstream: accepting(CANARY.accessKey) });
    const rotateAfterTwo: Reaction = (socket, heard) => {
      if (heard.number < 2) return ok(socket, heard);
      store.react(giveSecret(NEW_SECRET));
      accepting(CANARY.newAccessKey)(socket, heard);
    };
    upstream.react(rotateAfterTwo);
    const desktop_ids = Array.from({ length: 20 }, (_, n) => `d${n}`);
    const { status, body } = await ask({
      path: "/v1/unbindings/query",
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ desktop_ids }),
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ succeeded: 20, failed: 0 });
    expect((body["results"] as { desktop_id: string }[]).map(({ desktop_id }) => desktop_id)).toEqual(
      desktop_ids,
    );
  });
});

describe("a clock that is off", () => {
  /** A gateway that accepts a quarter of an hour either way, by the real time. */
  const gateway =
    (told: (signedAt: string) => { text: string; headers?: Record<string, string> }): Reaction =>
    (socket, heard) => {
      const signedAt = heard.headers["x-sdk-date"] as string;
      const at = Date.parse(
        signedAt.replace(
          /^(....)(..)(..)T(..)(..)(..)Z$/,
          (_, y, mo, d, h, mi, s) => `${y}-${mo}-${d}T${h}:${mi}:${s}Z`,
        ),
      );
      if (Math.abs(at - Date.now()) <= 15 * MINUTE_MS) return ok(socket, heard);
      const { text, headers } = told(signedAt);
      answer(401, { error_code: "APIGW.0301", error_msg: text }, headers)(socket, heard);
    };
  const byText = gateway((signedAt) => ({
    text: `Incorrect IAM authentication information: signature expired, signature time:${signedAt},server time:${compact(Date.now())}`,
    headers: { date: "Thu, 01 Jan 1970 00:00:00 GMT" },
  }));
  const byDate = gateway(() => ({ text: "Incorrect IAM authentication information" }));

  it.each([
    ["slow", "in words", -20, byText],
    ["fast", "in words", 20, byText],
    ["slow", "by its Date", -20, byDate],
    ["fast", "by its Date", 20, byDate],
  ])(
    "is corrected once when it is %s and the gateway tells the time %s",
    async (_, __, minutes, reaction) => {
      const { ask, upstream, log } = await setUp({
        upstream: reaction,
        world: { wallNow: () => wallNow() + minutes * MINUTE_MS },
      });
      expectSuccess(await ask({ desktop: "d1" }));
      expect(upstream.heard).toHaveLength(2);
      expectSuccess(await ask({ desktop: "d2" }));
      expect(upstream.heard).toHaveLength(3);
      expect(log.filter(({ message }) => message === "clock_corrected")).toHaveLength(1);
    },
  );

  it("is not corrected by a gateway that is days off itself", async () => {
    const { ask, upstream } = await setUp({
      upstream: answer(401, { error_code: "APIGW.0301" }, { date: "Thu, 01 Jan 2015 00:00:00 GMT" }),
    });
    expect((await ask()).body.code).toBe("CREDENTIALS_REFUSED");
    expect(upstream.heard).toHaveLength(1);
  });

  it("does not keep a refused key knocking: one attempt more, and no correction after it", async () => {
    const wrong = answer(
      401,
      { error_code: "APIGW.0301" },
      { date: new Date(Date.now() + 20 * MINUTE_MS).toUTCString() },
    );
    const { ask, upstream } = await setUp({ upstream: wrong });
    expect((await ask({ desktop: "d1" })).body.code).toBe("CREDENTIALS_REFUSED");
    expect(upstream.heard).toHaveLength(2);
    expect((await ask({ desktop: "d2" })).body.code).toBe("CREDENTIALS_REFUSED");
    expect(upstream.heard).toHaveLength(3);
  });
});

function compact(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
}
