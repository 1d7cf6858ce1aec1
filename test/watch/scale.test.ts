import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { largestFleet } from "../../src/watch/coverage.ts";
import { bundle } from "../../tools/bundle.ts";

const run = promisify(execFile);
const PAGE = readFileSync("docs/watch.md", "utf8");

interface Measured {
  outcome: { runs: object[] };
  calls: number;
  pages: number;
  callsUntilTold: number;
  secondsUntilTold: number;
  told: number;
  messages: number;
  megabytes: number;
}

/** A heap that is no larger than needed, so that what is measured is what is used. */
const HEAP = {
  10000: ["--max-old-space-size=96", "--max-semi-space-size=4"],
  100000: ["--max-old-space-size=400"],
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "scale-"));
  await bundle("test/watch/support/measure.ts", folder);
});
afterAll(() => rm(folder, { recursive: true }));

async function measure(desktops: keyof typeof HEAP): Promise<Measured> {
  const program = join(folder, "index.mjs");
  const { stdout } = await run(process.execPath, [...HEAP[desktops], program, String(desktops)]);
  return JSON.parse(stdout);
}

/** As the page on the watch writes numbers. */
const written = (count: number) => count.toLocaleString("en-US");

describe("a fleet of which 25 desktops lost somebody", () => {
  it("of 10,000 is told of within 50 calls, a minute and 256 MB, and the rest of the share checks others", {
    timeout: 300_000,
  }, async () => {
    const measured = await measure(10_000);
    expect(measured.outcome).toMatchObject({
      runs: [{ desktops: 10_000, lost: 25, events: 25, calls: 250, complete: true }],
    });
    expect(measured).toMatchObject({ told: 25, messages: 1, calls: 250 });
    expect(measured.callsUntilTold).toBeLessThanOrEqual(50);
    expect(measured.secondsUntilTold).toBeLessThanOrEqual(60);
    expect(measured.megabytes).toBeLessThanOrEqual(256);
    const hours = (10_000 / (250 - measured.pages)) * (5 / 60);
    expect(PAGE).toContain(
      `in ${measured.pages} calls and checks ${250 - measured.pages} desktops: all of them every ${hours.toFixed(1)} hours`,
    );
  });

  it("of 100,000 is told of too, with the arithmetic of the page", { timeout: 300_000 }, async () => {
    const measured = await measure(100_000);
    expect(measured).toMatchObject({ told: 25, messages: 1, calls: 250 });
    expect(measured.outcome).toMatchObject({ runs: [{ desktops: 100_000, complete: true }] });
    const days = (100_000 / (250 - measured.pages)) * (5 / 1440);
    expect(PAGE).toContain(
      `in ${measured.pages} calls and checks ${250 - measured.pages} desktops: all of them in ${days.toFixed(1)} days`,
    );
  });
});

it("the page says for how many desktops answers can be complete", () => {
  for (const minutes of [5, 10, 30]) {
    const desktops = largestFleet({ callsPerMinute: 50, minutes });
    expect(PAGE).toContain(`| ${minutes} | ${written(desktops)} |`);
  }
  expect(largestFleet({ callsPerMinute: 120, minutes: 5 })).toBeGreaterThan(100_000);
});
