import { execFile } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";

/** Builds what `workspace-unbindings/client` is for whoever installs the package: one module, and its types. */

const OUTDIR = "dist/client";

await rm(OUTDIR, { recursive: true, force: true });
await build({
  entryPoints: ["src/client/index.ts"],
  outdir: OUTDIR,
  bundle: true,
  format: "esm",
  target: "es2022",
  // Whoever bundles it minifies it; whoever debugs it reads it.
  minify: false,
});
await promisify(execFile)("tsc", ["-p", "src/client"]);

// Declarations keep the endings of the sources, which are not there to be found.
for (const file of await readdir(OUTDIR)) {
  if (!file.endsWith(".d.ts")) continue;
  const path = join(OUTDIR, file);
  await writeFile(path, (await readFile(path, "utf8")).replace(/(from "\.\/[\w-]+)\.ts"/g, '$1.js"'));
}
