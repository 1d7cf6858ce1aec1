import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const FOLDER = "test/faults";
const readme = readFileSync(`${FOLDER}/README.md`, "utf8");

interface Row {
  number: number;
  /** As `file › what › behaviour`. */
  tests: string[];
}

/** The table's rows: their number, and the tests that they name. */
function rows(): Row[] {
  return readme
    .split("\n")
    .filter((line) => /^\| \d+ \|/.test(line))
    .map((line) => {
      const [, number = "", , cell = ""] = line.split(/(?<!\\)\|/);
      const file = /`([\w-]+\.test\.ts)`/.exec(cell)?.[1] ?? "";
      const names = [...cell.matchAll(/“([^”]+)”/g)].map(([, name]) => `${file} › ${name}`);
      return { number: Number(number), tests: names };
    });
}

/** Every test of the folder, by the same name; placeholders of parametrised ones as they stand in the source. */
function testsThereAre(): string[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith(".test.ts"));
  return files.flatMap((file) => {
    const source = readFileSync(`${FOLDER}/${file}`, "utf8");
    let what = "";
    return [...source.matchAll(/\b(describe)\("([^"]+)"|(?:\bit\(|\)\()\s*"([^"]+)"/g)].flatMap((match) => {
      if (match[1]) what = match[2] as string;
      return match[1] ? [] : [`${file} › ${what} › ${match[3]}`];
    });
  });
}

/** These are about the tests themselves. */
const ABOUT_THE_TESTS = /^(?:canaries|matrix|fuzz)\.test\.ts/;

describe("the table of faults", () => {
  it("has a row for each of the first 38 faults, further ones in their order, and each names a test", () => {
    const numbers = rows().map(({ number }) => number);
    expect(numbers.slice(0, 38)).toEqual(Array.from({ length: 38 }, (_, index) => index + 1));
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(rows().filter(({ tests }) => tests.length === 0)).toEqual([]);
  });

  it("names only tests that there are", () => {
    const named = new Set(rows().flatMap(({ tests }) => tests));
    expect([...named].filter((name) => !testsThereAre().includes(name))).toEqual([]);
  });

  it("names every test that there is", () => {
    const named = rows().flatMap(({ tests }) => tests);
    const beyond = [...readme.matchAll(/^- `([\w-]+\.test\.ts)` “([^”]+)”/gm)].map(
      ([, file, name]) => `${file} › ${name}`,
    );
    const missing = testsThereAre().filter((name) => !named.includes(name) && !beyond.includes(name));
    expect(missing.filter((name) => !ABOUT_THE_TESTS.test(name))).toEqual([]);
  });
});
