import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { largestFleet } from "../../src/watch/coverage.ts";

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

async function measure(desktops: number): Promise<Measured> {
  const { stdout } = await run(process.execPath, ["test/watch/support/measure.ts", String(desktops)]);
  return JSON.parse(stdout);
}

describe("a fleet of which 25 desktops lost somebody", () => {
  it("of 10,000 is told of within 50 calls, a minute and 256 MB, and the rest of the share checks others", {
    timeout: 300_000,
  }, async () => {
    const measured = await measure(10_000);
    expect(measured.outcome).toMatchObject({
      runs: [{ desktops: 10_000, lost: 25, events: 25, calls: 250, complete: true }],
    });
    expect(measured).toMatchObject({ told: 25, messages: 1, pages: 21, calls: 250 });
    expect(measured.callsUntilTold).toBeLessThanOrEqual(50);
    expect(measured.secondsUntilTold).toBeLessThanOrEqual(60);
    expect(measured.megabytes).toBeLessThanOrEqual(256);
    expect(PAGE).toContain("21 calls and checks 229");
  });

  it("of 100,000 is told of too, with the arithmetic of the page", { timeout: 300_000 }, async () => {
    const measured = await measure(100_000);
    expect(measured).toMatchObject({ told: 25, messages: 1, calls: 250 });
    expect(measured.outcome).toMatchObject({ runs: [{ desktops: 100_000, complete: true }] });
    expect(PAGE).toContain(`the list takes ${measured.pages} of the 250 calls`);
    // So many are left for checks, and a round of them all takes that long.
    const days = (100_000 / (250 - measured.pages)) * (5 / 1440);
    expect(days).toBeGreaterThan(6.5);
    expect(days).toBeLessThan(7.5);
    expect(PAGE).toContain("a round of checks takes a week");
    // Lambda has 512 MB, of which Node.js and the SDK take some 100.
    expect(measured.megabytes).toBeLessThanOrEqual(1024);
  });
});

it("the page says for how many desktops answers can be complete", () => {
  for (const minutes of [5, 30]) {
    const desktops = largestFleet({ callsPerMinute: 50, minutes });
    expect(PAGE).toContain(desktops.toLocaleString("en-US"));
  }
});
