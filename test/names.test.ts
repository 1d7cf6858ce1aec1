import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const DECLARED = /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|class|enum) (\w+)/gm;

const namesIn = (path: string) =>
  [...readFileSync(path, "utf8").matchAll(DECLARED)].map(([, name]) => name as string);

/** What TypeScript's own libraries and Node know everywhere, such as Cache, Headers, Range, Record. */
const GLOBAL = new Set([
  ...globSync("node_modules/@typescript/*/lib/lib.*.d.ts").flatMap(namesIn),
  ...Object.getOwnPropertyNames(globalThis),
]);

describe("a type's name", () => {
  it("is never one that means something else everywhere", () => {
    expect(GLOBAL.has("Cache") && GLOBAL.has("Record")).toBe(true);
    const ours = globSync("{src,handlers,console/src,sandbox,tools,deploy,bench}/**/*.{ts,tsx}");
    expect(ours.length).toBeGreaterThan(200);
    expect(
      ours.flatMap((path) => namesIn(path).flatMap((name) => (GLOBAL.has(name) ? [`${path}: ${name}`] : []))),
    ).toEqual([]);
  });
});
