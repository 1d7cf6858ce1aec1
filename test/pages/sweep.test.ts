import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { UNBINDING_COLUMNS } from "../../src/contract/unbinding.ts";
import { blocksOf } from "../support/pages.ts";
import { sweep, TEXT } from "../support/sweep.ts";

/** What the page on the sweep shows: the list, the input, the rows, and how the next list is made. */

const blocks = blocksOf("examples/sweep/README.md");
const textWith = (part: string) => blocks.find(({ text }) => text.includes(part))?.text ?? "";
const hasJq = spawnSync("jq", ["--version"]).status === 0;

describe("the page on the sweep", () => {
  it("shows a list and an input that the state machine takes", async () => {
    const [, input = ""] = /--input '(.+)'/.exec(textWith("start-execution")) ?? [];
    const list = textWith("desktop_id,site");
    const { error, heard, rows } = await sweep({ list, input: JSON.parse(input) });
    expect(error).toBeNull();
    expect(heard).toEqual(
      list
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split(",")[0]),
    );
    expect(rows.every(({ error_code }) => error_code === null)).toBe(true);
  });

  it("shows rows with the keys that the state machine writes", () => {
    const rows = textWith('"error_code":').trim().split("\n");
    expect(rows.length).toBe(2);
    for (const row of rows) {
      expect(Object.keys(JSON.parse(row))).toEqual([...UNBINDING_COLUMNS, "truncated", "error_code"]);
    }
  });

  it.skipIf(!hasJq)(
    "makes a list of the desktops that are worth another sweep, and of no other",
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "workspace-unbindings-sweep-"));
      try {
        const rows = [
          { desktop_id: "d0", error_code: null },
          { desktop_id: "d1", error_code: "UPSTREAM_TIMEOUT" },
          { desktop_id: "d2", error_code: "DESKTOP_NOT_FOUND" },
          { desktop_id: "d3", error_code: "INVALID_REQUEST" },
          { desktop_id: "d4", error_code: "DEADLINE_EXCEEDED" },
        ];
        await writeFile(join(folder, "SUCCEEDED_0.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
        await promisify(execFile)("sh", ["-euc", textWith("rest.csv")], { cwd: folder });
        expect(await readFile(join(folder, "rest.csv"), "utf8")).toBe("desktop_id\nd1\nd4\n");
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});

describe("the page on what a sweep takes", () => {
  it("divides ten thousand desktops by the quota, by the default pace and by the size of a batch", () => {
    const page = readFileSync("docs/sweep.md", "utf8");
    const rows = [...page.matchAll(/^\| .+ \| 10,000 ÷ (\d+) .+ \| (\d+)/gm)];
    const shown = rows.map((row) => row.slice(1).map(Number));
    expect(shown).toEqual([200, 150, 20].map((by) => [by, Math.round(10_000 / by)]));
    expect(TEXT).toContain("calls_per_minute : 150 %}");
    expect(TEXT).toContain("$floor(400 / $max([20,");
  });
});
