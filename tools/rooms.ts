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
  ledger: [],
  http: ["access", "config", "contract", "lookup", "observe", "time"],
  invoke: ["access", "config", "contract", "observe", "time"],
  docs: ["contract", "http", "observe", "time"],
  doctor: ["config", "contract", "net", "observe", "secrets", "time", "workspace"],
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
    "secrets",
    "time",
    "watch",
    "workspace",
  ],
  client: [],
};

/** The folders beside `src/`, and what of it each may import. */
export const NEIGHBOURS: Readonly<Record<string, readonly string[]>> = {
  handlers: ["chat", "compose", "docs", "doctor", "http", "invoke", "observe", "watch"],
  console: ["contract", "http"],
  sandbox: ["chat", "compose", "config", "contract", "docs", "ledger", "observe", "secrets", "time", "watch"],
  tools: ["client", "compose", "contract", "doctor", "http", "ledger", "net", "secrets"],
  bench: ["workspace"],
  deploy: ["access", "contract"],
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

if (import.meta.main) {
  const configuration = JSON.parse(await readFile("biome.json", "utf8"));
  await writeFile("biome.json", `${JSON.stringify({ ...configuration, overrides: overrides() }, null, 2)}\n`);
}
