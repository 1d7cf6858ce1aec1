import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSingleFlight } from "../../src/cache/single-flight.ts";

const deadline = { remaining: () => 8000 };

describe("work that is done once for all who want it at the same time", () => {
  it("is started once and told to all", async () => {
    const flights = createSingleFlight<number>();
    let started = 0;
    const join = () =>
      flights.join("k", deadline, async () => {
        started += 1;
        return started;
      });
    const flown = [join(), join(), join()];
    expect(flown.map(({ joined }) => joined)).toEqual([false, true, true]);
    expect(await Promise.all(flown.map(({ result }) => result))).toEqual([1, 1, 1]);
    expect(await join().result).toBe(2);
  });

  it("has as much time as the most patient of those who wait", async () => {
    const flights = createSingleFlight<number>();
    const wait = (remainingMs: number) =>
      flights.join("k", { remaining: () => remainingMs }, async (time) => {
        await null;
        return time.deadline.remaining();
      }).result;
    expect(await Promise.all([wait(1000), wait(3000), wait(2000)])).toEqual([3000, 3000, 3000]);
  });

  it("is stopped when nobody waits any more, and started anew for who comes then", async () => {
    const flights = createSingleFlight<number>();
    const signals: AbortSignal[] = [];
    const wait = (remainingMs: number) =>
      flights.join("k", { remaining: () => remainingMs }, ({ signal }) => {
        signals.push(signal);
        return new Promise(() => {});
      }).result;
    await expect(wait(1)).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    await expect(wait(1)).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it("is never older for who joins than what was started last, whatever the interleaving", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.boolean(), { minLength: 2, maxLength: 8 }),
        async (scheduler, anew) => {
          const flights = createSingleFlight<number>();
          let started = 0;
          const landed = new Set<number>();
          const fly = async (isAnew: boolean) => {
            await scheduler.schedule(Promise.resolve(), isAnew ? "anew" : "joins");
            const latest = started;
            const { joined, result } = flights[isAnew ? "start" : "join"]("k", deadline, async () => {
              started += 1;
              const number = started;
              await scheduler.schedule(Promise.resolve(), `lands ${number}`);
              landed.add(number);
              return number;
            });
            if (isAnew) expect(joined).toBe(false);
            // Who finds the last one landed starts another.
            const isUnderWay = latest > 0 && !landed.has(latest);
            if (isUnderWay && !isAnew) expect(joined).toBe(true);
            expect(await result).toBeGreaterThanOrEqual(joined ? latest : latest + 1);
          };
          await scheduler.waitFor(Promise.all(anew.map(fly)));
        },
      ),
      { numRuns: 300 },
    );
  });
});
