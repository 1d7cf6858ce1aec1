import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCache } from "../../src/cache/lru.ts";
import { RUNS } from "../support/runs.ts";

function cacheWith({ maxEntries = 100, maxWeight = 100 } = {}) {
  const clock = { ms: 1000 };
  const cache = createCache<string>({ maxEntries, maxWeight, now: () => clock.ms });
  const keysLeft = (...keys: string[]) => keys.filter((key) => cache.get(key) !== undefined);
  return { cache, clock, keysLeft };
}

describe("a cache", () => {
  it("gives back what was kept, with its age", () => {
    const { cache, clock } = cacheWith();
    cache.set("a", "1", 500);
    clock.ms += 499;
    expect(cache.get("a")).toEqual({ value: "1", ageMs: 499 });
    expect(cache.get("b")).toBeUndefined();
  });

  it("forgets an entry at the very end of its life, whether or not it was used", () => {
    const { cache, clock } = cacheWith();
    cache.set("a", "1", 500);
    clock.ms += 400;
    cache.get("a");
    clock.ms += 100;
    expect(cache.get("a")).toBeUndefined();
  });

  it("replaces a value, and its age and weight with it", () => {
    const { cache, clock, keysLeft } = cacheWith({ maxWeight: 10 });
    cache.set("a", "old", 500, 9);
    clock.ms += 400;
    cache.set("a", "new", 500, 1);
    clock.ms += 400;
    expect(cache.get("a")).toEqual({ value: "new", ageMs: 400 });
    cache.set("b", "2", 500, 9);
    expect(keysLeft("a", "b")).toEqual(["a", "b"]);
  });

  it("lets the least recently used go when there are too many", () => {
    const { cache, keysLeft } = cacheWith({ maxEntries: 2 });
    cache.set("a", "1", 500);
    cache.set("b", "2", 500);
    cache.get("a");
    cache.set("c", "3", 500);
    expect(keysLeft("a", "b", "c")).toEqual(["a", "c"]);
  });

  it("lets as many go as it takes when they weigh too much together", () => {
    const { cache, keysLeft } = cacheWith({ maxWeight: 10 });
    cache.set("a", "1", 500, 4);
    cache.set("b", "2", 500, 4);
    cache.set("c", "3", 500, 2);
    expect(keysLeft("a", "b", "c")).toEqual(["a", "b", "c"]);
    cache.set("d", "4", 500, 5);
    expect(keysLeft("a", "b", "c", "d")).toEqual(["c", "d"]);
  });

  it("keeps nothing that is too heavy by itself, and forgets what that replaces", () => {
    const { cache, keysLeft } = cacheWith({ maxWeight: 10 });
    cache.set("a", "1", 500, 5);
    cache.set("b", "2", 500, 5);
    cache.set("a", "heavy", 500, 11);
    expect(keysLeft("a", "b")).toEqual(["b"]);
    cache.set("a", "just fits", 500, 10);
    expect(keysLeft("a", "b")).toEqual(["a"]);
  });

  it("keeps nothing without a time to live, and forgets what that replaces", () => {
    const { cache } = cacheWith();
    cache.set("a", "1", 500);
    cache.set("a", "2", 0);
    expect(cache.get("a")).toBeUndefined();
  });

  it("frees the weight of what is forgotten", () => {
    const { cache, clock, keysLeft } = cacheWith({ maxWeight: 10 });
    cache.set("a", "1", 100, 10);
    clock.ms += 100;
    expect(cache.get("a")).toBeUndefined();
    cache.set("b", "2", 500, 6);
    cache.set("c", "3", 500, 4);
    expect(keysLeft("b", "c")).toEqual(["b", "c"]);
  });

  it("does what a list of entries in the order of their use would", () => {
    const key = fc.constantFrom("a", "b", "c", "d", "e");
    const step = fc.oneof(
      fc.record({ kind: fc.constant("get" as const), key }),
      fc.record({
        kind: fc.constant("set" as const),
        key,
        ttlMs: fc.constantFrom(0, 1, 5, 50),
        weight: fc.integer({ min: 0, max: 12 }),
      }),
      fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 10 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { cache, clock } = cacheWith({ maxEntries: 3, maxWeight: 10 });
        /** The least recently used first. */
        let model: { key: string; value: string; weight: number; from: number; until: number }[] = [];
        for (const [index, each] of steps.entries()) {
          if (each.kind === "wait") {
            clock.ms += each.ms;
            continue;
          }
          const found = model.find((entry) => entry.key === each.key);
          model = model.filter((entry) => entry !== found);
          if (each.kind === "get") {
            const isAlive = found !== undefined && clock.ms < found.until;
            if (isAlive) model.push(found);
            expect(cache.get(each.key)).toEqual(
              isAlive ? { value: found.value, ageMs: clock.ms - found.from } : undefined,
            );
            continue;
          }
          const { ttlMs, weight } = each;
          cache.set(each.key, String(index), ttlMs, weight);
          if (ttlMs > 0 && weight <= 10)
            model.push({
              key: each.key,
              value: String(index),
              weight,
              from: clock.ms,
              until: clock.ms + ttlMs,
            });
          const total = () => model.reduce((sum, entry) => sum + entry.weight, 0);
          while (model.length > 3 || total() > 10) model.shift();
        }
      }),
      { numRuns: RUNS / 5 },
    );
  });
});
