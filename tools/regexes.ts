import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { check } from "recheck";
import { parseSync } from "vite";

/**
 * Looks at every regular expression of the code that meets foreign text: none may take more than linear time. Run by
 * `npm run check`; test/regexes.test.ts holds it to what it must find.
 */

export interface FoundRegex {
  file: string;
  line: number;
  source: string;
  flags: string;
}

/** Code whose expressions may meet what a caller, a user or an upstream wrote. */
export const CHECKED = "{src,handlers,console,sandbox,tools,deploy}/**/*.{ts,tsx,mjs}";

/** The regular expressions in a file, and the places where one is made from a text, which nobody can check. */
export function regexesIn(file: string, code: string): { found: FoundRegex[]; made: string[] } {
  const found: FoundRegex[] = [];
  const made: string[] = [];
  const lineOf = (offset: number) => code.slice(0, offset).split("\n").length;
  function visit(node: unknown): void {
    if (typeof node !== "object" || node === null) return;
    const { type, regex, callee, start } = node as {
      type?: string;
      regex?: { pattern: string; flags: string };
      callee?: { type: string; name?: string };
      start: number;
    };
    if (type === "Literal" && regex)
      found.push({ file, line: lineOf(start), source: regex.pattern, flags: regex.flags });
    if ((type === "NewExpression" || type === "CallExpression") && callee?.name === "RegExp")
      made.push(`${file}:${lineOf(start)}`);
    for (const inner of Object.values(node)) visit(inner);
  }
  const { program, errors } = parseSync(file, code);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed`);
  visit(program);
  return { found, made };
}

/** What is wrong with it, in words; `null` for nothing. What the checker cannot decide counts as wrong. */
export async function faultOf({ source, flags }: FoundRegex): Promise<string | null> {
  // Without a limit and with one seed: the same on every machine, however busy it is.
  const result = await check(source, flags, { timeout: null, randomSeed: 20_261_124 });
  if (result.status === "safe") return null;
  if (result.status === "unknown") return `undecided: ${result.error.kind}`;
  return `${result.complexity.summary}, with ${result.attack.pattern}`;
}

if (import.meta.main) {
  const files = globSync(CHECKED, { exclude: ["**/node_modules/**"] });
  const all = await Promise.all(files.map(async (file) => regexesIn(file, await readFile(file, "utf8"))));
  const found = all.flatMap((each) => each.found);
  const faults = all.flatMap(({ made }) => made.map((place) => `${place}  made from a text`));
  const unique = Map.groupBy(found, ({ source, flags }) => `/${source}/${flags}`);
  for (const [text, [first, ...others]] of unique) {
    const fault = await faultOf(first as FoundRegex);
    for (const { file, line } of fault ? [first as FoundRegex, ...others] : [])
      faults.push(`${file}:${line}  ${text}\n    ${fault}`);
  }
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  process.stdout.write(`${unique.size} regular expressions, ${faults.length} faults\n`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
