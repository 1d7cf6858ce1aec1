import { afterEach, describe, expect, it } from "vitest";
import { leaveNothingBehind } from "./support/left-behind.ts";
import { expectSuccess, outcomeOf, ROWS, setUp } from "./support/service.ts";
import { answer, reset } from "./support/upstream.ts";

afterEach(leaveNothingBehind);

const ok = answer(200, ROWS);
const HTML = "<html><body>503 Service Unavailable</body></html>";

function limited(headers: Record<string, string> = {}, body: object = { error_code: "APIGW.0308" }) {
  return answer(429, body, headers);
}

/** The wait of an answer that told one, and the log of waits that were kept. */
async function askLimited(headers: Record<string, string>, body?: object) {
  const { ask, upstream, waits } = await setUp({ upstream: [limited(headers, body), ok] });
  const { body: answered, headers: sent } = await ask();
  return {
    code: answered.code ?? "success",
    wait: answered.retry_after_seconds,
    header: sent["retry-after"],
    attempts: upstream.heard.length,
    waits,
  };
}

describe("an upstream that limits us", () => {
  it("is asked again after the wait that it told, when there is time for it", async () => {
    expect(await askLimited({ "retry-after": "1" })).toMatchObject({
      code: "success",
      attempts: 2,
      waits: [1000],
    });
  });

  it("is asked again at the date that it told, when there is time for it", async () => {
    const inSixSeconds = new Date(Date.now() + 6000).toUTCString();
    const { code, attempts, waits } = await askLimited({ "retry-after": inSixSeconds });
    expect([code, attempts]).toEqual(["success", 2]);
    expect(waits[0]).toBeGreaterThanOrEqual(1000);
    expect(waits[0]).toBeLessThanOrEqual(7000);
  });

  it("is not asked again when its wait does not fit, and the caller is told it", async () => {
    expect(await askLimited({ "retry-after": "3600" })).toEqual({
      code: "UPSTREAM_THROTTLED",
      wait: 3600,
      header: "3600",
      attempts: 1,
      waits: [],
    });
  });

  it("is not believed beyond an hour", async () => {
    expect(await askLimited({ "retry-after": "9999999999" })).toMatchObject({ wait: 3600, attempts: 1 });
  });

  it.each(["soon", "-5", "0", "1.5", "1, 2", "", "1e3", "0x10", "Mon, 99 Foo 2026", "١"])(
    "is asked again after a wait of our own when it tells %j",
    async (value) => {
      expect(await askLimited({ "retry-after": value })).toMatchObject({
        code: "success",
        attempts: 2,
        waits: [500],
      });
    },
  );

  it("is asked three times when it tells no wait, and the caller is told one", async () => {
    const { ask, upstream, waits } = await setUp({ upstream: limited() });
    expect((await ask()).body).toMatchObject({ code: "UPSTREAM_THROTTLED", retry_after_seconds: 5 });
    expect(upstream.heard).toHaveLength(3);
    expect(waits).toEqual([500, 1000]);
  });

  it("is left alone for the window of the quota that it names in its text", async () => {
    const body = {
      error_code: "APIGW.0308",
      error_msg:
        "The throttling threshold has been reached: policy user over ratelimit,limit:200,time:5 minute",
    };
    const { ask, upstream, pass } = await setUp({ upstream: [limited({}, body), ok] });
    const first = await ask({ desktop: "d1" });
    expect(first.status).toBe(429);
    expect(first.body).toMatchObject({ code: "UPSTREAM_THROTTLED", retry_after_seconds: 300 });
    pass(100_000);
    const second = await ask({ desktop: "d2" });
    expect(second.body.code).toBe("UPSTREAM_THROTTLED");
    expect(second.body.retry_after_seconds).toBeGreaterThanOrEqual(190);
    expect(second.body.retry_after_seconds).toBeLessThanOrEqual(200);
    expect(upstream.heard).toHaveLength(1);
    pass(200_000);
    expectSuccess(await ask({ desktop: "d3" }));
  });

  it("holds back who comes in the pause, and lets them through when it ends in their time", async () => {
    const { ask, upstream, waits, pass } = await setUp({
      upstream: [limited({ "retry-after": "10" }), ok],
    });
    expect((await ask({ desktop: "d1" })).body.code).toBe("UPSTREAM_THROTTLED");
    pass(6000);
    expectSuccess(await ask({ desktop: "d2" }));
    expect(upstream.heard).toHaveLength(2);
    expect(waits).toHaveLength(1);
    expect(waits[0]).toBeLessThanOrEqual(4000);
  });

  it.each([
    [200, { error_code: "APIGW.0308", error_msg: "limited" }],
    [403, { error_code: "IAM.0012", error_msg: "limited" }],
    [429, { code: 200, message: "ok" }],
    [429, ROWS],
  ])("is recognised by a %i with %j", async (status, body) => {
    const limiting = answer(status, body, { "retry-after": "60" });
    expect(await outcomeOf({ upstream: limiting })).toEqual({ code: "UPSTREAM_THROTTLED", attempts: 1 });
  });
});

describe("an upstream in trouble", () => {
  it.each([500, 502, 503, 504, 599, 999])("is asked again after a %i, and then answers", async (status) => {
    const { ask, upstream, waits } = await setUp({ upstream: [answer(status), ok] });
    expectSuccess(await ask());
    expect(upstream.heard).toHaveLength(2);
    expect(waits).toEqual([50]);
  });

  it("is unavailable after three pages of HTML with 503", async () => {
    expect(await outcomeOf({ upstream: answer(503, HTML) })).toEqual({
      code: "UPSTREAM_UNAVAILABLE",
      attempts: 3,
    });
  });

  it("is not asked again when it tells a wait that does not fit, and the caller is told it", async () => {
    const { ask, upstream } = await setUp({ upstream: answer(503, HTML, { "retry-after": "120" }) });
    expect((await ask()).body).toMatchObject({ code: "UPSTREAM_UNAVAILABLE", retry_after_seconds: 120 });
    expect(upstream.heard).toHaveLength(1);
  });

  it.each([
    ["answers 503", answer(503, HTML)],
    ["resets every connection", reset],
  ])("gets at most 1.1 calls for each that comes in, over 1,000 of them, when it %s", async (_, reaction) => {
    const { ask, upstream } = await setUp({ upstream: reaction, env: { LOG_LEVEL: "error" } });
    // The bucket's ten retries are spent first.
    for (let n = 0; n < 10; n++) await ask({ desktop: `first-${n}` });
    const spent = upstream.heard.length;
    for (let n = 0; n < 1000; n += 10) {
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, k) => ask({ desktop: `d-${n + k}`, remainingMs: 60_000 })),
      );
      for (const { status } of answers) expect(status).toBe(503);
    }
    expect(upstream.heard.length - spent).toBeLessThanOrEqual(1100);
    expect(upstream.heard.length - spent).toBeGreaterThanOrEqual(1000);
  });
});
