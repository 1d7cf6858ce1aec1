import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Metafile } from "esbuild";
import { bundle } from "./bundle.ts";

/**
 * Builds every function: `handlers/<name>.ts` becomes `dist/<name>/index.mjs`, with the chunks that it loads
 * lazily beside it. Run it with the names of the functions to build, or none for all; `--silent` tells no sizes.
 */

/** The reference's renderer, compressed once here instead of at every request. */
async function addRenderer(): Promise<void> {
  for (const file of ["swagger-ui.css", "swagger-ui-bundle.js"]) {
    const path = fileURLToPath(import.meta.resolve(`swagger-ui-dist/${file}`));
    await writeFile(`dist/docs/${file}.gz`, gzipSync(await readFile(path), { level: 9 }));
  }
}

function report(name: string, { outputs }: Metafile): string {
  const sizes = Object.entries(outputs)
    .filter(([path]) => path.endsWith(".mjs"))
    .map(([path, { bytes }]) => `${basename(path)} ${(bytes / 1000).toFixed(1)} kB`);
  return `${name}: ${sizes.join(", ")}`;
}

const isSilent = process.argv.includes("--silent");
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const all = (await readdir("handlers")).map((file) => basename(file, ".ts"));
for (const name of wanted.length > 0 ? wanted : all) {
  const metafile = await bundle(`handlers/${name}.ts`, `dist/${name}`);
  await writeFile(`dist/${name}/meta.json`, JSON.stringify(metafile));
  if (!isSilent) process.stdout.write(`${report(name, metafile)}\n`);
  if (name === "docs") await addRenderer();
}
