import { execFile } from "node:child_process";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Metafile } from "esbuild";

/**
 * `npm run sbom`, after `npm run build`: dist/sbom.cdx.json lists every package that is inside the functions and the console, in
 * CycloneDX's format, and reproducibly. What esbuild bundled it knows from esbuild; what comes along in other ways is added.
 */

/** Where the functions are built; a test has a folder of its own. */
const [dist = "dist"] = process.argv.slice(2);
const METAFILE = join(dist, "meta.json");
const SBOM = join(dist, "sbom.cdx.json");

/** Copied, compressed, into the function `docs`. */
const COPIED = ["swagger-ui-dist"];

/** What the console imports; Vite bundles it. */
function importedByConsole(): string[] {
  const sources = globSync("console/src/**/*.{ts,tsx}").map((file) => readFileSync(file, "utf8"));
  const named = sources.flatMap((source) => [...source.matchAll(/ from "((?:@[^/"]+\/)?[^."/][^"/]*)/g)]);
  return [...new Set(named.map(([, name = ""]) => name))];
}

function packageJsonOf(name: string): string {
  return relative(".", fileURLToPath(import.meta.resolve(`${name}/package.json`)));
}

/** Only what is a file and has bytes in an output: our build's stand-ins for modules of Node's are no packages. */
function merge(metafiles: readonly Metafile[], further: readonly string[]): Metafile {
  const merged: Metafile = { inputs: {}, outputs: {} };
  for (const { inputs, outputs } of metafiles) {
    Object.assign(merged.inputs, inputs);
    for (const [path, output] of Object.entries(outputs)) {
      const kept = Object.entries(output.inputs).filter(
        ([input, { bytesInOutput }]) => bytesInOutput > 0 && existsSync(input),
      );
      merged.outputs[path] = { ...output, inputs: Object.fromEntries(kept) };
    }
  }
  const inputs = Object.fromEntries(further.map((file) => [file, { bytesInOutput: 1 }]));
  merged.outputs["others"] = { bytes: 0, inputs, imports: [], exports: [] };
  return merged;
}

const metafiles = globSync(join(dist, "*/meta.json")).sort();
if (metafiles.length === 0) throw new Error("Nothing is built: npm run build");
const further = [...COPIED, ...importedByConsole()].map(packageJsonOf);
const merged = merge(
  metafiles.map((file) => JSON.parse(readFileSync(file, "utf8"))),
  further,
);
writeFileSync(METAFILE, JSON.stringify(merged));
const options = ["--output-reproducible", "--validate", "--output-file", SBOM];
await promisify(execFile)("cyclonedx-esbuild", [...options, METAFILE]);
const { components } = JSON.parse(readFileSync(SBOM, "utf8")) as { components: { name: string }[] };
process.stdout.write(`${SBOM}: ${components.length} packages\n`);
