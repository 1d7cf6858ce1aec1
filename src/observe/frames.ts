/** How many frames a line has: enough to see the way there. */
const MAX_FRAMES = 6;

// Of a bundle, the function's folder and the file; of the source, the path within the project. What stands before is a
// machine's, and frames of Node.js or of a package are of no help.
const OWN_FRAME = /\/(?:((?:src|handlers)\/[\w./-]+\.ts)|([\w-]+\/[\w-]+\.mjs)):(\d+:\d+)\)?$/;

/**
 * Where in our own code an error comes from, innermost first, such as `http/index.mjs:1:2345`. `npm run frame` finds the
 * line of the source.
 */
export function framesOf(thrown: unknown): string | null {
  const innermost = rootOf(thrown);
  const frames: string[] = [];
  for (const line of innermost?.stack?.split("\n") ?? []) {
    if (line.includes("/node_modules/")) continue;
    const [, source, bundled, position] = OWN_FRAME.exec(line) ?? [];
    if (position) frames.push(`${source ?? bundled}:${position}`);
    if (frames.length === MAX_FRAMES) break;
  }
  return frames.length > 0 ? frames.join(" ") : null;
}

/** What caused it all, of what has a stack. */
function rootOf(thrown: unknown): Error | null {
  let root: Error | null = null;
  let current = thrown;
  for (let depth = 0; current instanceof Error && depth < 5; depth++) {
    root = current;
    current = current.cause;
  }
  return root;
}
