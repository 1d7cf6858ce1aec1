import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "../tools/bundle.ts";

interface Component {
  name: string;
  group?: string;
  version?: string;
  purl?: string;
  licenses?: unknown[];
}

let dist: string;
let text: string;
let components: Component[];

const run = async () => {
  await promisify(execFile)(process.execPath, ["tools/sbom.ts", dist]);
  return await readFile(join(dist, "sbom.cdx.json"), "utf8");
};

beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), "workspace-unbindings-sbom-"));
  for (const name of ["docs", "invoke"]) {
    const metafile = await bundle(`handlers/${name}.ts`, join(dist, name));
    await writeFile(join(dist, name, "meta.json"), JSON.stringify(metafile));
  }
  text = await run();
  components = JSON.parse(text).components;
}, 60_000);
afterAll(() => rm(dist, { recursive: true, force: true }));

describe("the bill of materials", () => {
  const names = () => components.map(({ group, name }) => (group ? `${group}/${name}` : name));

  it("lists what is bundled, what is copied and what the console imports", () => {
    expect(names()).toEqual(expect.arrayContaining(["@middy/core", "preact", "swagger-ui-dist", "zod"]));
  });

  it("lists packages alone, each with its version, its licence and where it comes from", () => {
    for (const component of components) {
      expect(component.purl, component.name).toMatch(/^pkg:npm\//);
      expect(component.version, component.name).toMatch(/^\d/);
      expect(component.licenses?.length, component.name).toBeGreaterThan(0);
    }
    expect(names()).not.toContain("esbuild");
  });

  it("is the same for the same build, and names no place on a machine", async () => {
    expect(await run()).toBe(text);
    expect(text).not.toContain(process.cwd());
    expect(text).not.toContain(tmpdir());
  });
});
