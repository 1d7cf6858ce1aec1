import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

it("is told in the README as it was measured", () => {
  const results = readFileSync("bench/results.md", "utf8");
  const [, table = ""] = /^## In short\n\n((?:\|.*\n)+)/m.exec(results) ?? [];
  expect(table.split("\n").length).toBeGreaterThan(5);
  expect(readFileSync("README.md", "utf8")).toContain(table);
});
