import { readFile } from "node:fs/promises";
import { SourceMap, type SourceMapPayload } from "node:module";
import { basename, join, posix } from "node:path";

/** A path with a position, such as `http/index.mjs:1:2345`. */
const PLACE = /[\w./:-]+/g;
const FRAME = /^[\w-]+\/[\w-]+\.mjs:\d+:\d+$/;

export interface Frame {
  /** As it was logged. */
  logged: string;
  /** `src/http/handler.ts:40:7`, or why it is not known. */
  source: string;
}

/** What of a log line, or of any text, names a place in a bundle. */
export function framesIn(text: string): string[] {
  const places = (text.match(PLACE) ?? []).map((place) => place.split("/").slice(-2).join("/"));
  return places.filter((place) => FRAME.test(place));
}

/**
 * Finds the lines of the source, by the maps that the build leaves beside its bundles and that are never deployed.
 *
 * @param dist Where the build is.
 */
export async function sourcesOf(frames: readonly string[], dist: string): Promise<Frame[]> {
  const maps = new Map<string, Promise<SourceMap | null>>();
  return await Promise.all(
    frames.map(async (logged) => {
      const [file = "", line = "", column = ""] = logged.split(":");
      if (!maps.has(file)) maps.set(file, readMap(join(dist, `${file}.map`)));
      const map = await maps.get(file);
      if (!map) return { logged, source: `no ${basename(dist)}/${file}.map: run npm run build first` };
      return { logged, source: originOf(map, file, Number(line), Number(column)) };
    }),
  );
}

async function readMap(path: string): Promise<SourceMap | null> {
  try {
    return new SourceMap(JSON.parse(await readFile(path, "utf8")) as SourceMapPayload);
  } catch {
    return null;
  }
}

/** Frames count from 1, source maps from 0. */
function originOf(map: SourceMap, file: string, line: number, column: number): string {
  const entry = map.findEntry(line - 1, column - 1);
  if (!("originalSource" in entry)) return "not in the source map: is this the build that is deployed?";
  // Relative to the bundle, which may have been built anywhere.
  const path = posix.join("dist", posix.dirname(file), entry.originalSource);
  const parts = path.split("/");
  const root = parts.findIndex((part) => ["src", "handlers", "node_modules"].includes(part));
  const own = parts.slice(Math.max(root, 0)).join("/");
  return `${own}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}
