import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const FILES = globSync("{src,handlers}/**/*.ts").filter((file) => !file.endsWith(".d.ts"));
const IMPORT = /^\s*(?:import|export)\b([^;]*?)\bfrom "(\.[^"]+)"/gms;

interface Import {
  from: string;
  to: string;
  isTypeOnly: boolean;
}

/** Imports of our own files; those of types vanish when the code runs. */
const IMPORTS: Import[] = FILES.flatMap((from) =>
  Array.from(readFileSync(from, "utf8").matchAll(IMPORT), ([, clause = "", path = ""]) => ({
    from,
    to: normalize(join(dirname(from), path)),
    isTypeOnly: clause.trimStart().startsWith("type "),
  })),
);

const EDGES = /^src\/(?:http|chat|invoke|docs)\//;
const WIRING = /^src\/compose\.ts$/;

function importsOf(layer: RegExp): Import[] {
  return IMPORTS.filter(({ from }) => layer.test(from));
}

function describeAll(imports: readonly Import[]): string[] {
  return imports.map(({ from, to }) => `${from} → ${to}`);
}

describe("the layers", () => {
  it("are there to be tested", () => {
    expect(FILES.length).toBeGreaterThan(50);
    expect(IMPORTS.length).toBeGreaterThan(100);
  });

  it("keep Huawei Cloud and the secrets away from the doors and from the wiring", () => {
    const wrong = importsOf(/^src\/(?:workspace|secrets)\//).filter(
      ({ to }) => EDGES.test(to) || WIRING.test(to) || /^src\/(?:lookup|batch|doctor\/)/.test(to),
    );
    expect(describeAll(wrong)).toEqual([]);
  });

  it("keep the core on its ports: it knows neither doors nor what implements the ports", () => {
    const core =
      /^src\/(?:lookup|batch|names|known|cache|flight|unbinding|instant|plain-utc|deadline|errors|problem|ports|redact)\.ts$/;
    const wrong = importsOf(core).filter(
      ({ to, isTypeOnly }) =>
        EDGES.test(to) || WIRING.test(to) || (/^src\/(?:workspace|secrets)\//.test(to) && !isTypeOnly),
    );
    expect(describeAll(wrong)).toEqual([]);
  });

  it("let one door know nothing of another, but what all of HTTP is made of", () => {
    const doors = ["http", "invoke", "docs", "chat"];
    const wrong = IMPORTS.filter(({ from, to }) => {
      const [own, other] = [from, to].map((path) => /^src\/(\w+)\//.exec(path)?.[1] ?? "");
      return (
        doors.includes(own as string) && doors.includes(other as string) && own !== other && other !== "http"
      );
    });
    expect(describeAll(wrong)).toEqual([]);
  });

  it("leave handlers a few lines", () => {
    for (const file of globSync("handlers/*.ts")) {
      const lines = readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line.trim() !== "");
      expect(lines.length, file).toBeLessThanOrEqual(20);
    }
  });

  it("have no circle among what runs", () => {
    const graph = Map.groupBy(
      IMPORTS.filter(({ isTypeOnly }) => !isTypeOnly),
      ({ from }) => from,
    );
    const state = new Map<string, "open" | "done">();
    const circles: string[] = [];
    function walk(file: string, path: readonly string[]): void {
      if (state.get(file) === "open") circles.push([...path, file].join(" → "));
      if (state.has(file)) return;
      state.set(file, "open");
      for (const { to } of graph.get(file) ?? []) walk(to, [...path, file]);
      state.set(file, "done");
    }
    for (const file of FILES) walk(file, []);
    expect(circles).toEqual([]);
  });

  it("read the environment in the handlers alone", () => {
    const readers = FILES.filter((file) => /process\.env\b/.test(readFileSync(file, "utf8")));
    expect(readers.filter((file) => !file.startsWith("handlers/"))).toEqual([]);
  });
});
