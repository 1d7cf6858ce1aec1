import { afterEach, describe, expect, it } from "vitest";
import { brokenAnswer, truthOf } from "./support/broken-answers.ts";
import { fuzz } from "./support/fuzz-run.ts";
import { leaveNothingBehind } from "./support/left-behind.ts";

afterEach(leaveNothingBehind);

describe("ten thousand broken answers", () => {
  it("yield no false list, no bug of ours, no unhandled rejection and no secret", async () => {
    const report = await fuzz({ seed: 20_261_124, count: 10_000, socketEvery: 50, maxMs: 60_000 });
    expect(report.findings).toEqual([]);
    expect(report.tried).toBe(10_000);
    expect(report.overSockets).toBe(200);
    // The damage leaves enough of either kind to be of use.
    expect(report.lists - report.empty).toBeGreaterThan(300);
    expect(report.empty).toBeGreaterThan(100);
    expect(Object.keys(report.byCode).length).toBeGreaterThan(8);
  });

  it("can be made again from their seed", () => {
    expect(brokenAnswer(7)).toEqual(brokenAnswer(7));
    expect(brokenAnswer(7)).not.toEqual(brokenAnswer(8));
  });

  it("are judged by the truth, which is not ours", () => {
    const of = (text: string) => truthOf({ status: 200, headers: {}, bytes: Buffer.from(text) });
    expect(of('{"desktop_detach_infos":[{},{}]}')).toBe(2);
    expect(of("{}")).toBe(0);
    expect(of('{"desktop_detach_infos":[{}],"desktop_detach_infos":[]}')).toBeNull();
    expect(of('{"total":1}')).toBeNull();
    expect(of("[]")).toBeNull();
  });
});
