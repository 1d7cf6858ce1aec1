import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import { leanSdk } from "./lean-sdk.ts";

/**
 * `import { request } from "node:http"` makes Node read all of that module's exports, among them a getter that
 * loads an HTTP client of 40 to 70 ms. `process.getBuiltinModule` hands over the module as it is, and only what is
 * imported is read: esbuild drops the other exports below as it drops any call that is pure and not used.
 */
const builtinsAsTheyAre: Plugin = {
  name: "builtins-as-they-are",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:)?[a-z_/0-9]+$/ }, ({ path, kind, importer }) => {
      const name = path.replace(/^node:/, "");
      const isBuiltin = process.getBuiltinModule(name) !== undefined;
      if (!isBuiltin || kind === "entry-point") return undefined;
      if (kind === "dynamic-import") return { path: name, namespace: "builtin-lazily" };
      if (kind !== "import-statement") return { path: name, namespace: "builtin" };
      // One for each package: shared by ours and a lazy one's, it would be a chunk of its own, to be found, read and
      // linked.
      const [, importing = ""] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(importer) ?? [];
      return { path: name, namespace: "builtin-exports", suffix: `?${importing}` };
    });
    onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = ${builtin(path)};`,
      loader: "js",
    }));
    onLoad({ filter: /.*/, namespace: "builtin-exports" }, ({ path }) => ({
      contents: [
        `const all = ${builtin(path)}; export default all;`,
        ...namesIn(path).map((name) => `export const ${name} = /* @__PURE__ */ Reflect.get(all, "${name}");`),
      ].join("\n"),
      loader: "js",
    }));
    // Whoever awaits an `import()` reads names off it, and a CommonJS module would have none but `default`.
    onLoad({ filter: /.*/, namespace: "builtin-lazily" }, ({ path }) => ({
      contents: `const all = ${builtin(path)}; export default all; export const { ${namesIn(path).join(", ")} } = all;`,
      loader: "js",
    }));
  },
};

function builtin(name: string): string {
  return `process.getBuiltinModule(${JSON.stringify(`node:${name}`)})`;
}

/** What of `node:http` lies behind the getter that loads the client. */
const COSTLY = new Set(["CloseEvent", "MessageEvent", "WebSocket"]);

/** What a builtin exports. */
function namesIn(name: string): string[] {
  return Object.keys(process.getBuiltinModule(name) as object).filter((each) => !COSTLY.has(each));
}

/**
 * What assistants are told of the tools is text for the most part, and no lookup reads it: as it is, it would be half of the
 * door's size. Worked out here, compressed, and read by the door's first message.
 */
const textCompressed: Plugin = {
  name: "text-compressed",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/]mcp[\\/]tools\.ts$/ }, async ({ path }) => {
      const values: object = await import(pathToFileURL(path).href);
      const text = brotliCompressSync(JSON.stringify(values)).toString("base64");
      const contents = [
        'import { brotliDecompressSync } from "node:zlib";',
        `const all = JSON.parse(brotliDecompressSync(Buffer.from("${text}", "base64")));`,
        `export const { ${Object.keys(values).join(", ")} } = all;`,
      ];
      return { contents: contents.join("\n"), loader: "js", resolveDir: dirname(path) };
    });
  },
};

/**
 * A client of the SDK that only some installations use is bundled by itself. Chunks are cut by whole modules, so a module
 * that only one client calls would else be loaded by all.
 *
 * @param found Takes the modules to bundle, by the names under which they are imported.
 */
function clientsByThemselves(found: Map<string, string>): Plugin {
  return {
    name: "clients-by-themselves",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\/[\w-]+-client\.ts$/ }, ({ path, resolveDir, kind }) => {
        if (kind !== "dynamic-import" || basename(resolveDir) !== "aws") return undefined;
        const name = basename(path, ".ts");
        found.set(name, join(resolveDir, path));
        return { path: `./${name}.mjs`, external: true };
      });
    },
  };
}

const OPTIONS = {
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node24",
  mainFields: ["module", "main"],
  splitting: true,
  chunkNames: "[name]-[hash]",
  // Identifiers too: a third of the size. Lambda logs the type of an error that is thrown to it from the
  // constructor's name, so a class that is thrown so must say its name itself.
  minify: true,
  sourcemap: "external",
  legalComments: "none",
  // Escaped, a Chinese sentence is twice its size.
  charset: "utf8",
  metafile: true,
} as const satisfies BuildOptions;

/**
 * Bundles a module for Lambda as `<outdir>/index.mjs`, with the chunks that it loads lazily beside it.
 *
 * @param isLean Whether parts of the AWS SDK are replaced; only a benchmark wants it as it comes.
 */
export async function bundle(entry: string, outdir: string, isLean = true): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  const clients = new Map<string, string>();
  const { metafile } = await build({
    ...OPTIONS,
    entryPoints: { index: entry },
    outdir,
    plugins: [
      clientsByThemselves(clients),
      textCompressed,
      builtinsAsTheyAre,
      ...(isLean ? [leanSdk({ hasStreams: false })] : []),
    ],
  });
  for (const [name, path] of clients) {
    const plugins = [builtinsAsTheyAre, leanSdk({ hasStreams: true })];
    // In one piece: nobody else could share its chunks.
    const pieces = { splitting: false, entryPoints: { [name]: path } };
    const client = await build({ ...OPTIONS, ...pieces, outdir, plugins });
    Object.assign(metafile.inputs, client.metafile.inputs);
    Object.assign(metafile.outputs, client.metafile.outputs);
  }
  return metafile;
}
