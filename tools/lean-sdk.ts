import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Plugin } from "esbuild";

interface Replacement {
  /** A folder of the SDK's, or how the paths of its modules end. */
  module: string;
  /** The part of the module that is replaced; all of it by default. */
  part?: string;
  by: string;
}

/**
 * Modules of the AWS SDK that load far more than one call on Lambda has use for, and what does the same there: a
 * twentieth of the cold start of a function that has a client of the SDK.
 */
const REPLACEMENTS: readonly Replacement[] = [
  {
    // On Lambda the credentials are in the environment. The chain that would look for them in files, on metadata
    // endpoints and in single sign-on is a third of the SDK.
    module: "/credential-provider-node/",
    by: `export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";`,
  },
  {
    // Configuration files are looked for once, and not found: no reason for Node to load `fs/promises`, which brings
    // watchers and readline along.
    module: "/shared-ini-file-loader/readFile.js",
    part: `import { readFile as fsReadFile } from "node:fs/promises";`,
    by: `import { readFileSync } from "node:fs";
      const fsReadFile = async (path, encoding) => readFileSync(path, encoding);`,
  },
  {
    // What is asked is text, never a file: no reason for Node to load the streams of `fs`.
    module: "/calculateBodyLength.js",
    by: "export const calculateBodyLength = (body) => Buffer.byteLength(body ?? '');",
  },
  {
    // Node loads all of Web Crypto for the global `crypto`.
    module: "/uuid/v4.js",
    by: `import { randomUUID } from "node:crypto";
      export const bindV4 = () => randomUUID;`,
  },
  // What is in Node needs no lazy import: each would be a chunk of its own, to be found, read and linked.
  ...["/node-http-handler.js", "/getInstanceMetadataRegion.js"].map((module) => ({
    module,
    part: `await import("node:http")`,
    by: `process.getBuiltinModule("node:http")`,
  })),
  {
    module: "/invoke-store.js",
    part: "await import('node:async_hooks')",
    by: `process.getBuiltinModule("node:async_hooks")`,
  },
];

/** What the SDK loads for browsers. */
const FOR_BROWSERS = /^bowser$/;
/** And for operations with event streams, of which Lambda's client has one. */
const FOR_BROWSERS_AND_STREAMS = /^(?:bowser|@smithy\/core\/event-streams)$/;

/** The AWS SDK without what it loads in vain. Whoever has use for what is left out is told at once. */
export const leanSdk = ({ hasStreams }: { hasStreams: boolean }): Plugin => ({
  name: "lean-sdk",
  setup({ onResolve, onLoad }) {
    onLoad({ filter: /\/@(?:aws-sdk|aws|smithy)\// }, async ({ path }) => {
      const replacement = path.endsWith(".js")
        ? REPLACEMENTS.find(({ module }) => path.includes(module))
        : undefined;
      if (!replacement) return undefined;
      return { contents: await replaceIn(path, replacement), loader: "js", resolveDir: dirname(path) };
    });
    // For whoever has no credentials in the environment, which is nobody on Lambda.
    onResolve({ filter: /^\.\/sdk-client\.ts$/ }, ({ path }) => ({ path, namespace: "left-out" }));
    const leftOut = hasStreams ? FOR_BROWSERS : FOR_BROWSERS_AND_STREAMS;
    onResolve({ filter: leftOut }, ({ path }) => ({ path, namespace: "left-out" }));
    onLoad({ filter: /.*/, namespace: "left-out" }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not in this bundle`)});`,
      loader: "js",
    }));
  },
});

async function replaceIn(path: string, { part, by }: Replacement): Promise<string> {
  if (part === undefined) return by;
  const text = await readFile(path, "utf8");
  if (!text.includes(part)) throw new Error(`${path} is not what it was: look what it loads now`);
  return text.replace(part, by);
}
