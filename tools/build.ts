import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Metafile, type Plugin } from "esbuild";

/**
 * Builds every function: `handlers/<name>.ts` becomes `dist/<name>/index.mjs`, with the chunks that it loads
 * lazily beside it. Run it with the names of the functions to build, or none for all; `--silent` tells no sizes.
 */

/**
 * `import { request } from "node:http"` makes Node read all of that module's exports, among them a getter that
 * loads an HTTP client of 40 to 70 ms. `process.getBuiltinModule` hands over the module as it is.
 */
const builtinsAsTheyAre: Plugin = {
  name: "builtins-as-they-are",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:)?[a-z_/0-9]+$/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, "");
      const isBuiltin = process.getBuiltinModule(name) !== undefined;
      return isBuiltin && kind !== "entry-point" ? { path: name, namespace: "builtin" } : undefined;
    });
    onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(`node:${path}`)});`,
      loader: "js",
    }));
  },
};

/**
 * On Lambda the credentials are in the environment. The chain that would look for them in files, on metadata
 * endpoints and in single sign-on is a third of the SDK.
 */
const credentialsFromTheEnvironment: Plugin = {
  name: "credentials-from-the-environment",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path }) => ({
      path,
      namespace: "credentials",
    }));
    onLoad({ filter: /.*/, namespace: "credentials" }, () => ({
      contents: `export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";`,
      loader: "js",
      resolveDir: process.cwd(),
    }));
  },
};

async function buildFunction(name: string): Promise<Metafile> {
  const outdir = `dist/${name}`;
  await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: { index: `handlers/${name}.ts` },
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    mainFields: ["module", "main"],
    splitting: true,
    chunkNames: "[name]-[hash]",
    minifySyntax: true,
    minifyWhitespace: true,
    // Identifiers stay: Lambda logs an error's type from its constructor's name.
    minifyIdentifiers: false,
    sourcemap: "external",
    legalComments: "none",
    metafile: true,
    plugins: [builtinsAsTheyAre, credentialsFromTheEnvironment],
  });
  await writeFile(`dist/${name}/meta.json`, JSON.stringify(metafile));
  return metafile;
}

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
  const metafile = await buildFunction(name);
  if (!isSilent) process.stdout.write(`${report(name, metafile)}\n`);
  if (name === "docs") await addRenderer();
}
