/** How many frames a line has: enough to see the way there. */
const MAX_FRAMES = 6;

/** How a line of a stack ends that names a file. */
const POSITION = /:(\d{1,9}:\d{1,9})\)?$/;

/**
 * Where in our own code an error comes from, innermost first, such as `http/index.mjs:1:2345`. `npm run frame` finds the
 * line of the source.
 */
export function framesOf(thrown: unknown): string | null {
  const innermost = rootOf(thrown);
  const frames: string[] = [];
  for (const line of innermost?.stack?.split("\n") ?? []) {
    const position = POSITION.exec(line);
    const file = position === null ? null : ownFile(line.slice(0, position.index));
    if (file !== null) frames.push(`${file}:${position?.[1]}`);
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

/**
 * Of a bundle, the function's folder and the file; of the source, the path within the project; `null` for Node.js' and a
 * package's, which are of no help. What stands before is a machine's.
 */
function ownFile(place: string): string | null {
  const parts = place.split("/");
  if (parts.length < 3 || parts.includes("node_modules")) return null;
  const root = place.endsWith(".ts")
    ? parts.findLastIndex((part) => part === "src" || part === "handlers")
    : -2;
  if (root === -1 || !/\.(?:ts|mjs)$/.test(place)) return null;
  const own = parts.slice(root);
  return own.every((part) => /^[\w.-]+$/.test(part)) ? own.join("/") : null;
}
