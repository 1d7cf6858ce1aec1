import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const PAGE = readFileSync("docs/security.md", "utf8");
const PROOF = /`((?:test\/)[\w/.-]+)`(?: “([^”]+)”)?/g;
const proofs = [...PAGE.matchAll(PROOF)].map(([, file = "", name]) => ({ file, name }));

describe("the page on security", () => {
  it("names a proof for every threat", () => {
    const rows = PAGE.slice(PAGE.indexOf("| threat |"), PAGE.indexOf("## Against OWASP API"))
      .split("\n")
      .filter((line) => line.startsWith("| ") && !line.startsWith("| ---") && !line.startsWith("| threat"));
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) expect(row).toMatch(/`test\/|`\.npmrc`/);
  });

  it.each(proofs)("$file has the test “$name”", ({ file, name }) => {
    expect(existsSync(file)).toBe(true);
    if (name !== undefined) expect(readFileSync(file, "utf8")).toContain(name);
  });
});
