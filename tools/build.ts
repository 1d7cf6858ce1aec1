import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Metafile } from "esbuild";
import { build } from "vite";
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

/** The console's page as it is, and what it needs compressed both ways; flat, beside the function that serves it. */
async function addPage(): Promise<void> {
  await build({ configFile: "console/vite.config.ts", logLevel: "warn" });
  const page = "dist/console/page";
  for (const file of await readdir(join(page, "assets"))) {
    const bytes = await readFile(join(page, "assets", file));
    await writeFile(`dist/console/${file}.gz`, gzipSync(bytes, { level: 9 }));
    await writeFile(`dist/console/${file}.br`, brotliCompressSync(bytes));
  }
  await rename(join(page, "index.html"), "dist/console/index.html");
  await rm(page, { recursive: true });
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
  if (name === "console") await addPage();
}
