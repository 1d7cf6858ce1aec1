import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Template } from "./cloudformation.ts";

const run = promisify(execFile);

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
export async function packageCopy(parameters: Readonly<Record<string, string>>): Promise<Packaged> {
  const copy = await mkdtemp(join(tmpdir(), "workspace-unbindings-"));
  try {
    for (const name of await readdir(".")) {
      if (!NOT_COPIED.has(name)) await cp(name, join(copy, name), { recursive: true });
    }
    await symlink(resolve("node_modules"), join(copy, "node_modules"));
    await mkdir(join(copy, "home"));
    const given = Object.entries(parameters).map(([name, value]) => `--param=${name}=${value}`);
    await run("npm", ["run", "package", "--", ...given], {
      cwd: copy,
      env: bareEnvironment(join(copy, "home")),
    });
    return await readPackage(join(copy, ".serverless"));
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
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
