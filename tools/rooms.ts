import { readFile, writeFile } from "node:fs/promises";

/**
 * What each folder of `src/` may import of the others, types included. It is the one source of the linter's rules
 * (`npm run rooms` writes them into biome.json) and of the picture in docs/architecture.md; test/rooms.test.ts holds both
 * to it.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  time: [],
  contract: ["time"],
  net: ["time"],
  observe: ["contract", "time"],
  cache: ["contract", "observe", "time"],
  lookup: ["cache", "contract", "observe", "time"],
  access: ["contract", "lookup", "observe"],
  workspace: ["contract", "lookup", "net", "observe"],
  config: ["access", "net", "observe"],
  secrets: ["cache", "config", "contract", "lookup", "net", "observe", "time", "workspace"],
  mcp: ["contract"],
  ledger: [],
  recall: ["access", "contract", "ledger", "observe", "time"],
  http: ["access", "config", "contract", "mcp", "observe", "recall", "time"],
  invoke: ["access", "config", "contract", "observe", "recall", "time"],
  docs: ["contract", "http", "observe", "time"],
  console: ["config", "contract", "http", "observe", "time"],
  audit: [],
  doctor: ["chat", "config", "contract", "ledger", "net", "observe", "secrets", "time", "watch", "workspace"],
  chat: ["access", "cache", "config", "contract", "http", "lookup", "net", "observe", "secrets", "time"],
  watch: ["chat", "config", "contract", "invoke", "ledger", "lookup", "net", "observe", "secrets", "time"],
  compose: [
    "access",
    "chat",
    "config",
    "contract",
    "http",
    "ledger",
    "lookup",
    "net",
    "observe",
    "recall",
    "secrets",
    "time",
    "watch",
    "workspace",
  ],
  client: [],
};

/** The folders beside `src/`, and what of it each may import. */
export const NEIGHBOURS: Readonly<Record<string, readonly string[]>> = {
  handlers: ["audit", "chat", "compose", "console", "docs", "doctor", "http", "invoke", "observe", "watch"],
  console: ["contract", "http", "time"],
  sandbox: [
    "chat",
    "compose",
    "config",
    "console",
    "contract",
    "docs",
    "ledger",
    "observe",
    "secrets",
    "time",
    "watch",
  ],
  tools: ["client", "compose", "contract", "doctor", "http", "ledger", "mcp", "net", "observe", "secrets"],
  bench: ["workspace"],
  deploy: ["access", "chat", "config", "console", "observe", "watch"],
};

interface Override {
  includes: string[];
  linter: { rules: { style: { noRestrictedImports: unknown } } };
}

/** The linter's rules that follow: one for each folder that may not import everything. */
export function overrides(): Override[] {
  const rooms = Object.keys(ROOMS);
  const rule = (folder: string, name: string, own: string | null, allowed: readonly string[]): Override => {
    const forbidden = rooms.filter((room) => room !== own && !allowed.includes(room));
    const message = `${name} may import: ${allowed.length > 0 ? allowed.join(", ") : "nothing of ours"}`;
    const prefix = own === null ? "src/" : "";
    const group = forbidden.map((room) => `**/${prefix}${room}/**`);
    const level = { level: "error", options: { patterns: [{ group, message }] } };
    return {
      includes: [`${folder}/**`],
      linter: { rules: { style: { noRestrictedImports: level } } },
    };
  };
  return [
    ...Object.entries(ROOMS).map(([room, allowed]) => rule(`src/${room}`, `src/${room}`, room, allowed)),
    ...Object.entries(NEIGHBOURS).map(([folder, allowed]) => rule(folder, folder, null, allowed)),
  ];
}

/** The rooms that are reached from a room by way of others that it may import. */
function reached(room: string): Set<string> {
  const all = new Set<string>();
  for (const next of ROOMS[room] ?? [])
    for (const each of [...(ROOMS[next] ?? []), ...reached(next)]) all.add(each);
  return all;
}

/**
 * The picture in docs/architecture.md: an arrow for each import that is not to be seen by way of other arrows, and the
 * whole table below it.
 */
export function picture(): string {
  const arrows = Object.entries(ROOMS).flatMap(([room, allowed]) =>
    allowed.filter((to) => !reached(room).has(to)).map((to) => `  ${room} --> ${to}`),
  );
  const rows = Object.entries(ROOMS).map(
    ([room, allowed]) => `| \`${room}\` | ${allowed.join(", ") || "–"} |`,
  );
  return [
    "```mermaid",
    "flowchart TD",
    ...arrows,
    "```",
    "",
    "| room | may import |",
    "| --- | --- |",
    ...rows,
  ].join("\n");
}

const [BEGIN, END] = ["<!-- rooms -->\n", "\n<!-- end of rooms -->"] as const;

if (import.meta.main) {
  const configuration = JSON.parse(await readFile("biome.json", "utf8"));
  await writeFile("biome.json", `${JSON.stringify({ ...configuration, overrides: overrides() }, null, 2)}\n`);
  const page = await readFile("docs/architecture.md", "utf8");
  const [before, after] = [page.slice(0, page.indexOf(BEGIN)), page.slice(page.indexOf(END))];
  await writeFile("docs/architecture.md", before + BEGIN + picture() + after);
}
