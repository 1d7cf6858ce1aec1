import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";

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
      if (!isBuiltin || kind === "entry-point") return undefined;
      return { path: name, namespace: kind === "dynamic-import" ? "builtin-lazily" : "builtin" };
    });
    onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = ${builtin(path)};`,
      loader: "js",
    }));
    // Whoever awaits an `import()` reads names off it, and a CommonJS module would have none but `default`.
    onLoad({ filter: /.*/, namespace: "builtin-lazily" }, ({ path }) => ({
      contents: `const all = ${builtin(path)}; export default all; export const { ${namesIn(path)} } = all;`,
      loader: "js",
    }));
  },
};

function builtin(name: string): string {
  return `process.getBuiltinModule(${JSON.stringify(`node:${name}`)})`;
}

/** What of `node:http` lies behind the getter that loads the client. */
const COSTLY = new Set(["CloseEvent", "MessageEvent", "WebSocket"]);

/** What a builtin exports, separated by commas. */
function namesIn(name: string): string {
  const names = Object.keys(process.getBuiltinModule(name) as object);
  return names.filter((each) => !COSTLY.has(each)).join(", ");
}

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

/**
 * What the SDK loads for operations with event streams, and for browsers. GetSecretValue in Node has no use for
 * them; whoever does is told at once.
 */
const LEFT_OUT = /^(?:bowser|@smithy\/core\/event-streams)$/;

const withoutTheUnused: Plugin = {
  name: "without-the-unused",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: LEFT_OUT }, ({ path }) => ({ path, namespace: "left-out" }));
    onLoad({ filter: /.*/, namespace: "left-out" }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not in this bundle`)});`,
      loader: "js",
    }));
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

const SDK_PLUGINS = [builtinsAsTheyAre, credentialsFromTheEnvironment, withoutTheUnused];

/** Bundles a module for Lambda as `<outdir>/index.mjs`, with the chunks that it loads lazily beside it. */
export async function bundle(entry: string, outdir: string): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  const clients = new Map<string, string>();
  const { metafile } = await build({
    ...OPTIONS,
    entryPoints: { index: entry },
    outdir,
    plugins: [clientsByThemselves(clients), ...SDK_PLUGINS],
  });
  for (const [name, path] of clients) {
    const client = await build({ ...OPTIONS, entryPoints: { [name]: path }, outdir, plugins: SDK_PLUGINS });
    Object.assign(metafile.inputs, client.metafile.inputs);
    Object.assign(metafile.outputs, client.metafile.outputs);
  }
  return metafile;
}
