import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NEIGHBOURS, overrides, picture, ROOMS } from "../tools/rooms.ts";

const run = promisify(execFile);
const rooms = Object.keys(ROOMS);
let tree: string;

/** `from → to` for each import that may be planted: of a value, and of a type. */
const pairs = [
  ...Object.entries(ROOMS).flatMap(([room, allowed]) =>
    rooms
      .filter((to) => to !== room)
      .map((to) => ({
        file: `src/${room}/to-${to}.ts`,
        to: `../${to}/part.ts`,
        isAllowed: allowed.includes(to),
      })),
  ),
  ...Object.entries(NEIGHBOURS).flatMap(([folder, allowed]) =>
    rooms.map((to) => ({
      file: `${folder}/to-${to}.ts`,
      to: `../src/${to}/part.ts`,
      isAllowed: allowed.includes(to),
    })),
  ),
];

async function plant(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(tree, file)), { recursive: true });
  await writeFile(join(tree, file), text);
}

/** The rules that each file breaks, as the project's own linter says. */
async function lint(): Promise<Map<string, string[]>> {
  const biome = join(process.cwd(), "node_modules/@biomejs/biome/bin/biome");
  const args = [biome, "lint", "--reporter=json", "--max-diagnostics=none", "."];
  const { stdout } = await run(process.execPath, args, { cwd: tree, maxBuffer: 2 ** 26 }).catch(
    (failed) => failed,
  );
  const { diagnostics } = JSON.parse(stdout);
  const found = new Map<string, string[]>();
  for (const { category, location } of diagnostics) {
    const path = String(location.path.file ?? location.path);
    found.set(path, [...(found.get(path) ?? []), category]);
  }
  return found;
}

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), "rooms-"));
  const configuration = JSON.parse(await readFile("biome.json", "utf8"));
  await writeFile(
    join(tree, "biome.json"),
    JSON.stringify({ ...configuration, $schema: undefined, vcs: undefined, files: undefined }),
  );
  for (const room of rooms)
    await plant(`src/${room}/part.ts`, "export const part = 1;\nexport type Part = 1;\n");
});
afterAll(() => rm(tree, { recursive: true, force: true }));

describe("the rooms", () => {
  it("are all the folders of src, in which no file lies loose", () => {
    const files = globSync("src/**/*.ts").map((file) => file.split("/").slice(1));
    expect(files.filter((path) => path.length < 2)).toEqual([]);
    expect([...new Set(files.map(([room]) => room))].sort()).toEqual([...rooms].sort());
  });

  it("have their rules in the linter's configuration", async () => {
    const { overrides: configured } = JSON.parse(await readFile("biome.json", "utf8"));
    expect(configured).toEqual(overrides());
  });

  it("are drawn in docs/architecture.md as the linter holds them", async () => {
    expect(await readFile("docs/architecture.md", "utf8")).toContain(
      `<!-- rooms -->\n${picture()}\n<!-- end of rooms -->`,
    );
  });

  it("may import what comes before them alone, so that there is no circle", () => {
    const seen = new Set<string>();
    let left = rooms;
    while (left.length > 0) {
      const next = left.filter((room) => (ROOMS[room] ?? []).every((to) => seen.has(to)));
      expect(next, `a circle among ${left.join(", ")}`).not.toEqual([]);
      for (const room of next) seen.add(room);
      left = left.filter((room) => !seen.has(room));
    }
  });

  it("import exactly what the table allows: no line in it is idle", async () => {
    const used = new Map<string, Set<string>>();
    for (const file of globSync("src/**/*.ts")) {
      const [, room = ""] = file.split("/");
      const text = await readFile(file, "utf8");
      for (const [, to = ""] of text.matchAll(/(?:from|import\()\s*"(?:\.\.\/)+([a-z]+)\//g)) {
        if (to !== room && rooms.includes(to)) used.set(room, (used.get(room) ?? new Set()).add(to));
      }
    }
    for (const [room, allowed] of Object.entries(ROOMS)) {
      expect([...(used.get(room) ?? [])].sort(), room).toEqual([...allowed].sort());
    }
  });

  it.each(["value", "type"])(
    "see the linter refuse every import that is not allowed: of a %s",
    async (kind) => {
      const what = kind === "type" ? "import type { Part } from" : "import { part } from";
      const rest = kind === "type" ? "export type Own = Part;" : "export const own = part;";
      for (const { file, to } of pairs) await plant(file, `${what} "${to}";\n\n${rest}\n`);
      const found = await lint();
      for (const { file, isAllowed } of pairs) {
        const refused = (found.get(file) ?? []).includes("lint/style/noRestrictedImports");
        expect(refused, `${file}, ${isAllowed ? "allowed" : "forbidden"}`).toBe(!isAllowed);
      }
    },
  );

  it("see the linter refuse a circle between two files, types included", async () => {
    await plant("src/time/one.ts", 'import type { Two } from "./two.ts";\n\nexport type One = Two | 1;\n');
    await plant("src/time/two.ts", 'import type { One } from "./one.ts";\n\nexport type Two = One | 2;\n');
    const found = await lint();
    expect(found.get("src/time/one.ts")).toContain("lint/suspicious/noImportCycles");
  });
});

describe("the handlers", () => {
  it("are a few lines", async () => {
    for (const file of globSync("handlers/*.ts")) {
      const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line.trim() !== "");
      expect(lines.length, file).toBeLessThanOrEqual(20);
    }
  });

  it("alone read the environment", async () => {
    const readers: string[] = [];
    for (const file of globSync("{src,handlers}/**/*.ts")) {
      if (/process\.env\b/.test(await readFile(file, "utf8"))) readers.push(file);
    }
    expect(readers.filter((file) => !file.startsWith("handlers/"))).toEqual([]);
  });
});
