import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Metafile } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "../../tools/bundle.ts";

/** Bytes of ours in the part that the first message loads, and of what every cold start has of the door. */
const MOST_BYTES = { lazy: 6000, eager: 1500 };

let folder: string;
let outputs: Metafile["outputs"];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mcp-bundle-"));
  ({ outputs } = await bundle("handlers/http.ts", folder));
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

const outputOf = (pattern: RegExp) => {
  const found = Object.entries(outputs).find(([path]) => pattern.test(basename(path)));
  if (!found) throw new Error(`no output ${pattern}`);
  return found[1];
};

describe("the door for assistants in the bundle", () => {
  it("is a chunk of its own, loaded by the first message, which shares none with the rest", () => {
    const lazy = outputOf(/^receive-\w+\.mjs$/);
    expect(lazy.imports).toEqual([]);
    const bytes = Object.values(lazy.inputs).reduce((sum, { bytesInOutput }) => sum + bytesInOutput, 0);
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES.lazy);
    const { imports, inputs } = outputOf(/^index\.mjs$/);
    const kinds = imports.filter(({ path }) => path.includes("receive-")).map(({ kind }) => kind);
    expect(kinds).toEqual(["dynamic-import"]);
    expect(Object.keys(inputs).filter((path) => path.includes("src/mcp/"))).toEqual([]);
    expect(inputs["src/http/mcp.ts"]?.bytesInOutput).toBeLessThan(MOST_BYTES.eager);
  });
});
