import { rm } from "node:fs/promises";
import { build, type Metafile, type Plugin } from "esbuild";

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

/** Bundles a module for Lambda as `<outdir>/index.mjs`, with the chunks that it loads lazily beside it. */
export async function bundle(entry: string, outdir: string): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: { index: entry },
    outdir,
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
    metafile: true,
    plugins: [builtinsAsTheyAre, credentialsFromTheEnvironment, withoutTheUnused],
  });
  return metafile;
}
