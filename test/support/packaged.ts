import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Template } from "./cloudformation.ts";

const run = promisify(execFile);

export type Parameters = Readonly<Record<string, string>>;

export interface Packaged {
  template: Template;
  /** By the function's name. */
  zips: ReadonlyMap<string, Buffer>;
}

/** Made by tools, or so large that it is linked. */
const NOT_COPIED = new Set([".git", ".serverless", "coverage", "dist", "node_modules", "reports"]);

/**
 * `npm run package` in a copy of the project: a place of its own, so that other tests keep their `dist`, on a machine
 * that knows no AWS credentials.
 */
export async function packageCopy(parameters: Parameters): Promise<Packaged> {
  return await inCopy(async (copy, env) => {
    await run("npm", ["run", "package", "--", ...asOptions(parameters)], { cwd: copy, env });
    return await readPackage(join(copy, ".serverless"));
  });
}

/** The templates of several sets of parameters, packaged with nothing in the functions. */
export async function packageTemplates<Name extends string>(
  variants: Readonly<Record<Name, Parameters>>,
): Promise<Record<Name, Template & { stackTags: unknown }>> {
  return await inHollowCopy(async (copy, env) => {
    const templates: Record<string, unknown> = {};
    for (const [name, parameters] of Object.entries<Parameters>(variants)) {
      const options = ["package", "--package", name, ...asOptions(parameters)];
      await run(process.execPath, ["node_modules/serverless/bin/serverless.js", ...options], {
        cwd: copy,
        env,
      });
      const { template } = await readPackage(join(copy, name));
      const state = JSON.parse(await readFile(join(copy, name, "serverless-state.json"), "utf8"));
      templates[name] = { ...template, stackTags: state.service.provider.stackTags };
    }
    return templates as Record<Name, Template & { stackTags: unknown }>;
  });
}

/** A copy of the project with functions that are built of nothing, which is enough for all but what is in a zip. */
export async function inHollowCopy<T>(
  work: (copy: string, env: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  return await inCopy(async (copy, env) => {
    for (const handler of await readdir("handlers")) {
      const folder = join(copy, "dist", basename(handler, ".ts"));
      await mkdir(folder, { recursive: true });
      for (const file of ["index.mjs", "nothing.gz"]) await writeFile(join(folder, file), "");
    }
    return await work(copy, env);
  });
}

async function inCopy<T>(work: (copy: string, env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
  const copy = await mkdtemp(join(tmpdir(), "workspace-unbindings-"));
  try {
    for (const name of await readdir(".")) {
      if (!NOT_COPIED.has(name)) await cp(name, join(copy, name), { recursive: true });
    }
    await symlink(resolve("node_modules"), join(copy, "node_modules"));
    await mkdir(join(copy, "home"));
    return await work(copy, bareEnvironment(join(copy, "home")));
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

function asOptions(parameters: Parameters): string[] {
  return Object.entries(parameters).map(([name, value]) => `--param=${name}=${value}`);
}

function bareEnvironment(home: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS_|npm_|NODE_|VITEST|SLS_)/i.test(name));
  return { ...Object.fromEntries(kept), HOME: home };
}

async function readPackage(folder: string): Promise<Packaged> {
  const template = await readFile(join(folder, "cloudformation-template-update-stack.json"), "utf8");
  const zips = new Map<string, Buffer>();
  for (const file of await readdir(folder)) {
    if (file.endsWith(".zip")) zips.set(file.slice(0, -".zip".length), await readFile(join(folder, file)));
  }
  return { template: JSON.parse(template), zips };
}
