import { CHECKS } from "./checks.ts";
import { nearest } from "./nearest.ts";
import { parseStageFile } from "./stage-file.ts";

/** Every parameter's value, those that nobody gave with their default. */
export type StageParameters = Readonly<Record<string, string>>;

export interface Sources {
  /** What serverless.yml has. */
  defaults: Readonly<Record<string, unknown>>;
  /** The values of `--param`, as they were typed. */
  typed: readonly string[];
  stage: string;
  /** The text of a file of the project; `null` where there is none. */
  readText: (path: string) => string | null;
}

/** Where a parameter comes from, and how a message names it. */
interface Source {
  values: Map<string, string>;
  nameOf: (parameter: string) => string;
}

/** Confirms one deployment: in a file it would confirm every one. */
const ONLY_TYPED = "confirmRemoval";

/**
 * Reads all parameters: `--param` before the stage's file before the default.
 *
 * @returns The values, and everything that is wrong with what was given, in words for whoever typed the command.
 */
export function readParameters(sources: Sources): { parameters: StageParameters; faults: string[] } {
  const faults: string[] = [];
  const defaults = Object.entries(sources.defaults).map(([name, value]) => [name, String(value)] as const);
  const known = defaults.map(([name]) => name);
  const path = stageFile(sources.stage);
  const command = collect(typedPairs(sources.typed, faults), (name) => `--param=${name}`, faults);
  const file = collect(filePairs(sources.readText(path), path, faults), (name) => `${path}: ${name}`, faults);

  const unread = path.replace(/yml$/, "yaml");
  if (sources.readText(unread) !== null) faults.push(`${unread} is not read: name it ${path}`);

  for (const source of [file, command]) {
    for (const [name, value] of source.values) {
      const fault =
        faultOf(name, value, known) ?? (source === file && name === ONLY_TYPED ? "must be typed" : null);
      if (fault !== null) faults.push(`${source.nameOf(name)} ${fault}`);
    }
    takePolicyFile(source, sources.readText, faults);
  }
  const parameters = Object.fromEntries([...defaults, ...file.values, ...command.values]);
  return { parameters, faults };
}

export function stageFile(stage: string): string {
  return `deploy/stages/${stage}.yml`;
}

function typedPairs(typed: readonly string[], faults: string[]): [string, string][] {
  return typed.flatMap((text): [string, string][] => {
    const [name = "", ...rest] = text.split("=");
    if (name !== "" && rest.length > 0) return [[name, rest.join("=")]];
    faults.push(`--param=${text} must be --param=<name>=<value>`);
    return [];
  });
}

function filePairs(text: string | null, path: string, faults: string[]): [string, string][] {
  if (text === null) return [];
  const reading = parseStageFile(text);
  if (reading.fault === null) return reading.given;
  faults.push(`${path} ${reading.fault}`);
  return [];
}

function collect(pairs: [string, string][], nameOf: Source["nameOf"], faults: string[]): Source {
  const values = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (values.has(name)) faults.push(`${nameOf(name)} is given twice`);
    values.set(name, value.trim());
  }
  return { values, nameOf };
}

function faultOf(name: string, value: string, known: readonly string[]): string | null {
  const check = Object.hasOwn(CHECKS, name) && known.includes(name) ? CHECKS[name] : undefined;
  if (!check) return `is not a parameter: did you mean ${nearest(name, known)}?`;
  if (value === "") return "is empty: leave it out for the default";
  if (/[\r\n]/.test(value)) {
    return name === "accessPolicy"
      ? "has several lines: put it into a file and give its path as accessPolicyFile"
      : "must be one line";
  }
  // The framework would look for a variable in it.
  if (value.includes("${")) return "must not hold ${";
  return check(value);
}

/** Replaces the path of a policy by the policy. */
function takePolicyFile({ values, nameOf }: Source, readText: Sources["readText"], faults: string[]): void {
  const path = values.get("accessPolicyFile");
  if (path === undefined || path === "") return;
  const name = nameOf("accessPolicyFile");
  if (values.has("accessPolicy")) faults.push(`${name} and accessPolicy are two policies: give one`);
  const text = readText(path);
  if (text === null) {
    faults.push(`${name} names ${path}, which is not a file that can be read`);
    return;
  }
  const fault = text.includes("${") ? "must not hold ${" : (CHECKS["accessPolicy"]?.(text) ?? null);
  if (fault === null) values.set("accessPolicy", minify(text));
  else faults.push(`${name} names ${path}, which ${fault}`);
}

/** The environment of a function is small. */
function minify(json: string): string {
  return JSON.stringify(JSON.parse(json));
}
