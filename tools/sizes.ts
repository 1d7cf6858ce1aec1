import type { Metafile } from "esbuild";

/** Where the bytes of a bundle come from. */
export type Part = "own" | "middy" | "zod" | "sdk" | "builtin" | "other";

/** Bytes of a bundle, its chunks included. */
export interface Sizes {
  total: number;
  parts: Partial<Record<Part, number>>;
}

export function sizesOf(metafile: Metafile): Sizes {
  const parts: Partial<Record<Part, number>> = {};
  for (const [module, bytes] of modulesOf(metafile, null)) {
    const part = partOf(module);
    parts[part] = (parts[part] ?? 0) + bytes;
  }
  const bundled = Object.entries(metafile.outputs).filter(([path]) => path.endsWith(".mjs"));
  return { total: bundled.reduce((sum, [, { bytes }]) => sum + bytes, 0), parts };
}

/** The modules of a part, or of all, and the bytes that each brings; the largest first. */
export function modulesOf({ outputs }: Metafile, part: Part | null): [string, number][] {
  const modules = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const module = path.replace(/^(?:.*\/)?node_modules\//, "");
      if (bytesInOutput > 0 && (part === null || partOf(module) === part)) {
        modules.set(module, (modules.get(module) ?? 0) + bytesInOutput);
      }
    }
  }
  return [...modules].sort(([, a], [, b]) => b - a);
}

const PACKAGES: readonly (readonly [RegExp, Part])[] = [
  [/^(?:handlers|src|bench)\//, "own"],
  [/^@middy\//, "middy"],
  [/^zod\//, "zod"],
  [/^(?:@aws-sdk|@smithy|@aws)\//, "sdk"],
  [/^(?:builtin|builtin-exports|builtin-lazily|left-out):/, "builtin"],
];

function partOf(module: string): Part {
  return PACKAGES.find(([pattern]) => pattern.test(module))?.[1] ?? "other";
}
