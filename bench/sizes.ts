import type { Metafile } from "esbuild";

/** Bytes of a bundle, its chunks included, by where they come from. */
export interface Sizes {
  total: number;
  /** Ours, with middy and zod, which every call runs through. */
  own: number;
  parts: Readonly<Record<string, number>>;
}

const OWN_PARTS = ["own code", "@middy", "zod"];

export function sizesOf({ outputs }: Metafile): Sizes {
  const parts: Record<string, number> = {};
  let total = 0;
  for (const [path, { bytes, inputs }] of Object.entries(outputs)) {
    if (!path.endsWith(".mjs")) continue;
    total += bytes;
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const part = partOf(input);
      parts[part] = (parts[part] ?? 0) + bytesInOutput;
    }
  }
  const own = OWN_PARTS.reduce((sum, part) => sum + (parts[part] ?? 0), 0);
  return { total, own, parts };
}

/** A package's scope or name, or our own code. */
function partOf(input: string): string {
  const [, name] = /node_modules\/(@[^/]+|[^/]+)/.exec(input) ?? [];
  if (name) return name;
  return /^[a-z-]+:/.test(input) ? "builtins" : "own code";
}
